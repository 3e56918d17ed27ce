import os
import resource
import signal

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

LOGGER = "odoo.addons.clinic_base.models.ir_attachment"


@tagged("post_install", "-at_install")
class TestAttachmentFile(TransactionCase):
    """A file that did not fit leaves nothing, and can be kept when there is room."""

    def path(self, content):
        """Where a file of this content is kept."""
        checksum = self.env["ir.attachment"]._compute_checksum(content)
        path = self.env["ir.attachment"]._full_path(f"{checksum[:2]}/{checksum}")
        self.addCleanup(lambda: os.path.exists(path) and os.unlink(path))
        return path

    def keep(self, content):
        return self.env["ir.attachment"].create({"name": "file", "raw": content})

    def test_a_file_that_does_not_fit(self):
        """The system refuses to write on in the middle: said, and nothing is left."""
        # More than the log of this process, which must go on.
        content = os.urandom(2**25)
        path = self.path(content)
        old = resource.getrlimit(resource.RLIMIT_FSIZE)
        told = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**24, old[1]))
        try:
            with (
                self.assertLogs(LOGGER, "WARNING"),
                self.assertRaisesRegex(UserError, "could not be kept"),
            ):
                self.keep(content)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, old)
            signal.signal(signal.SIGXFSZ, told)
        self.assertFalse(os.path.exists(path))
        self.assertEqual(self.keep(content).raw, content)

    def test_what_an_older_failure_left(self):
        """An empty file and a half one under the name of a whole block nothing."""
        for left in (0, 2**10):
            content = os.urandom(2**12)
            path = self.path(content)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content[:left])
            with self.assertLogs(LOGGER, "WARNING"):
                self.assertEqual(self.keep(content).raw, content)
            with open(path, "rb") as file:
                self.assertEqual(file.read(), content)
