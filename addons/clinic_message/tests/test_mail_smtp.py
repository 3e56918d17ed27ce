from datetime import timedelta
from email import message_from_bytes

from odoo.tests import tagged

from ..models.provider_breaker import BREAKER_FAILURES
from .common import NOW
from .mail_server_common import MailServerCommon
from .smtp_common import slowly


@tagged("post_install", "-at_install")
class TestMailServer(MailServerCommon):
    """E-mail over a real socket: each bad end is counted, told, and never doubled."""

    def write_to(self, *names):
        messages = self.Message
        for name in names:
            person = self.patient("Test", name, email=f"{name}@example.com".lower())
            messages |= self.Message._queue("test_care", person, step=name)
        return messages

    def arrived(self):
        """Whom the server keeps letters for."""
        return sorted(
            str(message_from_bytes(letter)["To"]).partition("@")[0]
            for letter in self.server.letters
        )

    def test_a_letter_is_handed_over(self):
        """MSG-02: by one connection for all; machines are asked for no answer."""
        messages = self.write_to("Ada", "Bea", "Cia")
        self.send()
        self.assertEqual(set(messages.mapped("state")), {"sent"})
        self.assertEqual(self.arrived(), ["ada", "bea", "cia"])
        self.assertEqual(self.server.connections, 1)
        letter = message_from_bytes(self.server.letters[0])
        self.assertEqual(letter["Message-Id"], messages[0].provider_uid)
        self.assertIn(messages[0].uuid, letter["Message-Id"])
        self.assertEqual(letter["Auto-Submitted"], "auto-generated")
        self.assertEqual(letter["Reply-To"], self.env.company.email_formatted)
        self.send(1)
        self.assertEqual(len(self.server.letters), 3)

    def test_an_address_that_does_not_exist(self):
        """Refused at RCPT: failed at once, with the code; the others arrive."""
        self.server.receiver = lambda address: (
            "550 5.1.1 no such user" if "bea" in address else "250 OK"
        )
        messages = self.write_to("Ada", "Bea", "Cia")
        self.send()
        self.assertEqual(messages.mapped("state"), ["sent", "failed", "sent"])
        bad = messages[1]
        self.assertEqual((bad.failure_type, bad.attempts), ("5.1.1", 1))
        self.assertEqual(bad.error, "The mail server refused the address (5.1.1).")
        self.assertEqual(self.arrived(), ["ada", "cia"])
        self.assertEqual(self.mail_provider.failures, 0)

    def test_a_corrected_server_is_tried_at_once(self):
        """Who corrects the address of a server does not wait for the end of a pause."""
        port = self.way_out.smtp_port
        self.way_out.smtp_port = 1
        message = self.write_to("Ada")
        self.mail_provider.failures = BREAKER_FAILURES - 1
        self.send()
        self.assertEqual(self.mail_provider.health, "down")
        self.assertGreater(self.mail_provider.open_until, NOW)
        self.way_out.smtp_port = port
        message.due = NOW
        self.send()
        self.assertEqual((message.state, message.attempts), ("sent", 2))
        self.assertEqual(self.mail_provider.health, "good")

    def test_a_letter_that_is_refused(self):
        """Refused after DATA: failed, the next letter goes by the same connection."""
        self.server.letter = lambda letter: (
            "554 5.7.1 spam" if b"bea@" in letter else "250 kept"
        )
        messages = self.write_to("Ada", "Bea", "Cia")
        self.send()
        self.assertEqual(messages.mapped("state"), ["sent", "failed", "sent"])
        self.assertEqual(messages[1].failure_type, "5.7.1")
        self.assertEqual(self.arrived(), ["ada", "cia"])

    def test_come_again_later(self):
        """Greylisting: tried again in the server's rhythm, and it arrives once."""
        self.server.receiver = lambda address: "451 4.7.1 greylisted"
        (message,) = self.write_to("Ada")
        self.send()
        self.assertEqual((message.state, message.wait_reason), ("queued", "rate"))
        self.assertEqual(message.due, NOW + timedelta(minutes=5))
        self.assertEqual(self.mail_provider.health, "good")
        self.send(1)
        self.assertEqual(message.due, NOW + timedelta(hours=1, minutes=10))
        self.server.reset()
        self.send(2)
        self.assertEqual((message.state, self.arrived()), ("sent", ["ada"]))

    def test_a_connection_that_breaks_after_the_letter(self):
        """The server may have it: left to the staff, never sent twice by itself. The
        letter after it goes out by a new connection."""
        self.server.letter = lambda letter: None if b"bea@" in letter else "250 kept"
        messages = self.write_to("Ada", "Bea", "Cia")
        self.send()
        self.assertEqual(messages.mapped("state"), ["sent", "unknown", "sent"])
        self.assertEqual(self.server.connections, 2)
        self.server.reset()
        self.send(1)
        self.assertEqual(self.arrived(), [], "nothing is sent again")
        self.assertIn("unknown", messages[1].event_ids.mapped("state"))

    def test_a_connection_that_breaks_before_the_letter(self):
        """Nothing was taken: all arrive, each once."""
        self.server.receiver = lambda address: None if "bea" in address else "250 OK"
        messages = self.write_to("Ada", "Bea", "Cia")
        self.send()
        self.assertEqual(messages.mapped("state"), ["sent", "queued", "sent"])
        self.server.receiver = lambda address: "250 OK"
        self.send(1)
        self.assertEqual(set(messages.mapped("state")), {"sent"})
        self.assertEqual(self.arrived(), ["ada", "bea", "cia"])

    def test_a_slow_server(self):
        """It answers too late for our patience: before the letter nothing was taken;
        after it, the letter is not sent again."""
        self.mail_provider.timeout = 0.2
        self.server.receiver = slowly(0.6, "250 OK")
        (early,) = self.write_to("Ada")
        self.send()
        self.assertEqual((early.state, early.failure_type), ("queued", "TimeoutError"))
        self.server.reset()
        self.server.letter = slowly(0.6, "250 kept")
        self.send(1)
        self.assertEqual(early.state, "unknown")

    def test_a_server_that_cannot_be_trusted(self):
        """A certificate that nobody signed: nothing leaves; the screen tells why."""
        self.server.use_tls()
        self.way_out.smtp_encryption = "starttls_strict"
        (message,) = self.write_to("Ada")
        self.send()
        self.assertEqual((message.state, self.arrived()), ("queued", []))
        self.assertEqual(
            self.mail_provider.last_error,
            "The mail server cannot be reached (SSLCertVerificationError).",
        )
        self.assertEqual(self.mail_provider.health, "shaky")
