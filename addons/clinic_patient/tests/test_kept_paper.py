from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .file_common import ChatterFiles, drawing
from .test_document import DocumentCommon


@tagged("post_install", "-at_install")
class TestKeptPaper(ChatterFiles, DocumentCommon, HttpCase):
    """The paper of a document stays the one that was issued or signed."""

    def setUp(self):
        super().setUp()
        self.print_papers()
        self.consent.body = "<p>I, {{ patient.name }}, agree. {{ today }}</p>"
        self.document = self.issue()
        self.document.sudo()._sign("Anna Verdi", drawing(), self.anna)
        self.name = self.document._file_name()
        self.kept = self.files(self.document, self.name)
        self.assertEqual(len(self.kept), 1)
        self.before = self.kept.raw

    def check(self):
        """The paper is there, alone under its name, as it was."""
        self.assertEqual(self.files(self.document, self.name), self.kept)
        self.assertEqual(self.kept.raw, self.before)
        report = self.env["ir.actions.report"]
        report = report.with_user(self.receptionist)
        content = report._render_qweb_pdf(
            "clinic_patient.action_report_document", self.document.ids
        )[0]
        self.assertEqual(content, self.before)

    @mute_logger("odoo.http")
    def test_staff_in_the_chatter(self):
        """S2: whoever may write a document neither replaces nor deletes its paper."""
        self.receptionist.password = "kept_paper"
        self.authenticate(self.receptionist.login, "kept_paper")
        self.assertIn("error", self.upload(self.document, self.name))
        with self.assertRaises(JsonRpcException):
            self.delete(self.kept)
        self.check()
        self.assertNotIn("error", self.upload(self.document, "other.pdf"))
        other = self.files(self.document, "other.pdf")
        self.delete(other)
        self.assertFalse(self.files(self.document, "other.pdf"))

    @mute_logger("odoo.http")
    def test_file_that_waits_for_its_message(self):
        """S2: nor by a file that is sent first and put on the record afterwards."""
        self.receptionist.password = "kept_paper"
        self.authenticate(self.receptionist.login, "kept_paper")
        pending = self.upload(self.document, self.name, is_pending="true")["data"]
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request(
                "/mail/message/post",
                {
                    "thread_model": self.document._name,
                    "thread_id": self.document.id,
                    "post_data": {
                        "body": "Hello",
                        "attachment_ids": [pending["attachment_id"]],
                        "message_type": "comment",
                    },
                },
            )
        self.check()

    def test_no_mark_of_a_caller(self):
        """S2: no context that JSON can carry opens the place, in sudo neither."""
        Files = self.env["ir.attachment"].with_context(clinic_paper=True).sudo()
        vals = {"raw": b"x", "res_model": self.document._name}
        for more in ({}, {"default_name": self.name}):
            given = vals if more else {**vals, "name": self.name}
            with self.assertRaisesRegex(AccessError, "is kept as it was"):
                Files.with_context(default_res_id=self.document.id, **more).create(
                    given
                )
        self.check()

    def test_goes_with_the_person(self):
        """PAT-10: a person who is erased leaves no paper behind."""
        self.env["clinic.erase"].create(
            {"patient_id": self.anna.id, "confirmation": self.anna.family_name}
        ).action_erase()
        self.assertFalse(self.kept.exists())
