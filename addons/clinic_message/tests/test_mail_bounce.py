from odoo.tests import tagged

from .mail_common import MailCommon

REPORT = """\
From: MAILER-DAEMON@mx.example.com
To: clinic@example.com
Subject: Undelivered Mail Returned to Sender
Message-Id: <report-{code}-{action}@mx.example.com>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; anna@example.com
Action: {action}
Status: {code}

--b
Content-Type: message/rfc822

Message-Id: {uid}
To: anna@example.com
Subject: News

--b--
"""


@tagged("post_install", "-at_install")
class TestMailBounce(MailCommon):
    """Reports that a letter could not be delivered."""

    def test_bounces_end_a_message(self):
        """MSG-01: a report that a letter could not be delivered, hard and soft, in
        words; a late one changes nothing, and one told twice is one."""
        uid = self.message.provider_uid
        late = REPORT.format(code="4.4.1", action="delayed", uid=uid)
        self.fetch(late)
        self.assertEqual(self.message.state, "sent")
        self.assertIn("delayed 4.4.1", self.message.event_ids.mapped("detail"))
        report = REPORT.format(code="5.2.2", action="failed", uid=uid)
        self.fetch(report)
        self.fetch(report)
        self.assertEqual(
            (self.message.state, self.message.failure_type), ("bounced", "5.2.2")
        )
        self.assertEqual(self.message.error, "The patient's mailbox is full.")
        bounced = self.message.event_ids.filtered(lambda each: each.state == "bounced")
        self.assertEqual(len(bounced), 1)

    def test_what_only_looks_like_a_bounce(self):
        """An absence that comes to the bounce address, a confirmation of reading: no
        bounce. A server of old that tells it in plain words: one."""
        uid = self.message.provider_uid
        domain = self.env["mail.alias.domain"].create(
            {"name": "bounces.example", "bounce_alias": "bounce"}
        )
        self.fetch(
            self.letter(
                "I am away",
                to=domain.bounce_email,
                answers=uid,
                Auto_Submitted="auto-replied",
            )
        )
        read = REPORT.format(code="2.0.0", action="displayed", uid=uid)
        read = read.replace("delivery-status", "disposition-notification")
        self.fetch(read)
        self.assertEqual(self.message.state, "sent")
        self.fetch(
            self.letter(
                "No such user",
                sender="MAILER-DAEMON@mx.example.com",
                answers=uid,
            )
        )
        self.assertEqual(self.message.state, "bounced")

    def test_a_bounce_of_another_changes_nothing(self):
        """Reports that name no letter of ours, or a number that was guessed."""
        for uid in ("<clinic-00000000-0000-4000-8000-000000000000@db>", "<x@y>"):
            self.fetch(REPORT.format(code="5.1.1", action="failed", uid=uid))
        self.assertEqual(self.message.state, "sent")
