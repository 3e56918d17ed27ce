from odoo.tests import HttpCase, tagged
from odoo.tools.misc import hash_sign

from .common import MessageCommon


@tagged("post_install", "-at_install")
class TestStop(MessageCommon, HttpCase):
    """The link by which messages are stopped."""

    def setUp(self):
        super().setUp()
        self.agree(self.anna)
        self.message = self.Message._queue("test_news", self.anna)
        self.listed = self.env["clinic.message.optout"]

    def test_looking_changes_nothing_and_pressing_does(self):
        """MSG-06, S12: scanners follow links; only the press of the button stops."""
        path = self.message._stop_path()
        self.assertEqual(self.url_open(path).status_code, 200)
        self.assertFalse(self.listed.search([]))
        self.assertEqual(self.url_open(path, data={"x": "1"}).status_code, 200)
        stopped = self.listed.search([])
        self.assertEqual(
            (stopped.address, stopped.purpose, stopped.source),
            ("anna@example.com", "marketing", "link"),
        )
        self.assertEqual(self.message.suppress_reason, "optout")
        self.url_open(path, data={"x": "1"})
        self.assertEqual(len(self.listed.search([])), 1)
        self.url_open(path, data={"again": "1"})
        self.assertTrue(stopped.ended_at)

    def test_forged_links(self):
        """A link of another purpose, cut, changed or made up opens nothing."""
        token = self.message._stop_path().rsplit("/", 1)[1]
        other = hash_sign(self.env(su=True), "something.else", self.message.id)
        text = hash_sign(self.env(su=True), "clinic.message.stop", "1 OR 1=1")
        gone = hash_sign(self.env(su=True), "clinic.message.stop", 2**30)
        # Not its last letter: not all of that one's bits are part of the signature.
        changed = token[:-5] + ("B" if token[-5] == "A" else "A") + token[-4:]
        for wrong in (token[:-4], changed, other, text, gone, "é", "x"):
            for data in (None, {"x": "1"}):
                answer = self.url_open(f"/clinic/stop/{wrong}", data=data)
                self.assertEqual(answer.status_code, 404, wrong)
        self.assertFalse(self.listed.search([]))
