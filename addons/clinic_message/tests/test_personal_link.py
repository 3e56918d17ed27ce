import re
from email import message_from_bytes
from email.policy import default

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .mail_server_common import MailServerCommon

STOP = re.compile(r"https?://[^\s\"<>]+/clinic/stop/[\w=-]{20,}")


@tagged("post_install", "-at_install")
class TestPersonalLink(MailServerCommon):
    """Links that open something are sent to their reader and kept nowhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind.switch_ids.template_id = cls.make_text(
            cls.kind, "Dear {first_name}, stop here: {stop_link} or look: {portal_link}"
        )
        cls.desk = new_test_user(
            cls.env, "desk", groups="clinic_patient.group_clinic_receptionist"
        )

    def sent(self):
        """The texts of the letters that the server got since it was asked last."""
        letters = [
            message_from_bytes(letter, policy=default).get_body(("html",)).get_content()
            for letter in self.server.letters
        ]
        self.server.reset()
        return letters

    def stored(self):
        """Everything the database keeps of messages and mails, as text."""
        self.env.flush_all()
        tables = (
            "clinic_message",
            "clinic_message_event",
            "clinic_message_heard",
            "mail_message",
            "mail_mail",
            "mail_tracking_value",
            "sms_sms",
            "ir_attachment",
            "bus_bus",
        )
        found = ""
        for table in tables:
            query = SQL("SELECT row_to_json(t)::text FROM %s t", SQL.identifier(table))
            found += "\n".join(row[0] for row in self.env.execute_query(query))
        return found

    def test_the_link_is_sent_and_not_kept(self):
        """The mail holds the link; log, queue, notes and notices hold a name."""
        message = self.Message._queue("test_care", self.anna, step="1")
        self.send()
        (letter,) = self.sent()
        self.assertEqual(len(STOP.findall(letter)), 1)
        self.assertIn("stop here: {{link:stop_link}} or", message.body)
        self.assertIn("/my", message.body, "what opens nothing stays")
        self.assertNotRegex(self.stored(), "clinic/stop/")
        read = message.with_user(self.desk)
        self.assertIn("stop here: [personal link] or", read.shown_body)
        for text in (read.body, read.excerpt, str(read.conversation())):
            self.assertNotIn("clinic/stop/", text)

    def test_sent_again_with_a_fresh_link(self):
        message = self.Message._queue("test_care", self.anna, step="1")
        self.send()
        self.sent()
        again = message.with_user(self.desk)._resend()
        self.send()
        (letter,) = self.sent()
        self.assertEqual(again.sudo().state, "sent")
        self.assertEqual(len(STOP.findall(letter)), 1)
        self.assertNotRegex(self.stored(), "clinic/stop/")

    def test_written_by_hand(self):
        """A name in a text by hand becomes a link for each reader, and only there."""
        window = (
            self.env["clinic.message.compose"]
            .with_user(self.desk)
            .create(
                {
                    "patient_ids": [(6, 0, self.anna.ids)],
                    "body": "Dear {first_name}: {stop_link}",
                    "channel": "email",
                }
            )
        )
        message = self.Message.search(window.action_send()["domain"])
        self.assertEqual(message.body, "Dear Anna: {{link:stop_link}}")
        self.send()
        (letter,) = self.sent()
        self.assertEqual(len(STOP.findall(letter)), 1)
        self.assertEqual(message.body, "Dear Anna: {{link:stop_link}}")

    def test_no_link_is_written_into_a_text(self):
        """Whoever, or whatever, writes a personal link into a text is told how."""
        token = "Ab3dEf6hIj9kLm2nOpQrStUv"
        text = f"See https://clinic.example/clinic/visit/12/{token}"
        with self.assertRaisesRegex(UserError, "personal link"):
            self.Message._queue("test_care", self.anna, step="x", body=text)
        heard = self.Message._receive(
            self.mail_provider, "email", "anna@example.com", "Hello", "in-1"
        )
        with self.assertRaisesRegex(UserError, "personal link"):
            heard.with_user(self.desk).write_answer(text, "x")

    def test_a_letter_on_paper_has_the_portal(self):
        self.anna.write({"street": "Via Roma 1", "city": "Roma"})
        message = self.Message._queue(
            "test_care", self.anna, step="letter", channel="letter"
        )
        self.assertTrue(message._sent_values()["stop_link"].endswith("/my"))
        message.body = "Stop here: {{link:stop_link}}"
        self.assertRegex(message._printed_body(), "^Stop here: http.*/my$")
