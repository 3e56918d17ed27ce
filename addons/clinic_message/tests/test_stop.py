import logging

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
        # The last letter may hold bits that do not count: one in the middle.
        changed = token[:20] + ("B" if token[20] == "A" else "A") + token[21:]
        for wrong in (token[:-4], changed, other, text, gone, "é", "x"):
            for data in (None, {"x": "1"}):
                answer = self.url_open(f"/clinic/stop/{wrong}", data=data)
                self.assertEqual(answer.status_code, 404, wrong)
        self.assertFalse(self.listed.search([]))

    def test_secrets_stay_out_of_the_log(self):
        """The log of requests has no link that still works, whatever it is for."""
        secret = self.message._stop_path().rsplit("/", 1)[1]
        log = logging.getLogger("werkzeug")
        written = ""
        for path in (
            f"/clinic/stop/{secret}",
            f"/clinic/wait/{secret}/accept?x=1",
            f"/clinic/visit/12/{secret}/visit.ics",
            f"/it/clinic/feed/{secret}.ics",
            "/clinic/book/wait/code?service=12 /clinic/events/7",
        ):
            record = log.makeRecord(
                log.name, logging.INFO, "", 0, '"GET %s HTTP/1.1" 200', (path,), None
            )
            # As each way out of the process does before it writes.
            for handler in logging.getLogger().handlers:
                handler.filter(record)
            written += record.getMessage()
        self.assertNotIn(secret[:20], written)
        self.assertIn("/clinic/wait/***/accept?x=1", written)
        self.assertIn("/clinic/book/wait/code?service=12 /clinic/events/7", written)
