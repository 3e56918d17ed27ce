from email.message import EmailMessage

from .common import MessageCommon


class MailCommon(MessageCommon):
    """A message that left by e-mail, and letters that come back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.message = cls.Message._queue("test_care", cls.anna)
        cls.message.write(
            {
                "state": "sent",
                "provider_uid": f"<clinic-{cls.message.uuid}@db>",
                "body": "Dear Anna, come back.",
            }
        )
        cls.number = 0

    def letter(self, text, sender="Anna Verdi <anna@example.com>", html=None, **heads):
        """A letter to the clinic; ``answers`` is the number of what it answers."""
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = heads.pop("to", "clinic@example.com")
        mail["Subject"] = heads.pop("subject", "Re: News")
        type(self).number += 1
        mail["Message-Id"] = heads.pop("uid", f"<{self.number}@phone.example>")
        mail["Date"] = "Mon, 02 Mar 2026 08:55:00 +0000"
        if answers := heads.pop("answers", None):
            mail["In-Reply-To"] = mail["References"] = answers
        for name, value in heads.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
        return mail

    def fetch(self, mail):
        """Odoo fetches a letter; what is new in the log."""
        before = self.Message.search([])
        raw = mail if isinstance(mail, (str, bytes)) else mail.as_bytes()
        self.env["mail.thread"].message_process(None, raw)
        return self.Message.search([]) - before

    def answer(self, text, **heads):
        return self.fetch(
            self.letter(text, answers=self.message.provider_uid, **heads)
        ).filtered(lambda each: each.direction == "in")

    def mail_of(self, message):
        """The mail that Odoo is given for a message."""
        ((_message, item),) = message._items()
        return self.mail_provider._prepare_mails([item])
