from odoo import api, models
from odoo.tools import SQL, plaintext2html


class ClinicOutbox(models.AbstractModel):
    """The one way out for what the suite writes to people outside.

    Lower addons say here what is to be told, and know nothing of who carries it.
    Without an addon for messages it is Odoo that does: ``sms.sms`` and ``mail.mail``.
    """

    _name = "clinic.outbox"
    _description = "What is written to people outside"

    @api.model
    def _say(
        self,
        kind,
        channel,
        address,
        text,
        subject="",
        shown="",
        person=None,
        lang=None,
        expires_at=None,
    ):
        """Extension point: queue a text for one address that is given here.

        :param str kind: what it is: ``code`` (a one-time code: at once, before all
            others, and never after it expires) or ``notice`` (of the person's own data)
        :param str channel: ``sms`` or ``email``
        :param str address: an E.164 number, or an e-mail address
        :param str text: plain
        :param str subject: of an e-mail
        :param str shown: the text as it may be kept, without its secret; all if empty
        :param person: res.partner whose data it is about; nobody for a visitor
        :param str lang: language of the text
        :param datetime expires_at: naive UTC, not worth sending after
        """
        if channel == "sms":
            # sudo: sms.sms - whoever causes it may not read what is sent
            self.env["sms.sms"].sudo().create({"number": address, "body": text})
            return
        # sudo: mail.mail - whoever causes it may not read what is sent
        self.env["mail.mail"].sudo().create(
            {
                "subject": subject,
                "body_html": plaintext2html(text),
                "email_to": address,
                "email_from": self.env.company.email_formatted,
            }
        )

    @api.model
    def _tell(self, kind, record, template, person=None, address=None, step=""):
        """Extension point: queue what a template says of a record, to a person.

        :param str kind: what is told: the code of a kind of message if there are any
        :param record: what it is about; one record
        :param template: ``mail.template`` of an e-mail that Odoo sends, in ``sudo``
        :param person: res.partner who is told; nobody when only the address is known
        :param str address: e-mail address instead of the person's
        :param str step: tells apart what is told of one record several times
        """
        values = {"recipient_ids": []}
        if person or address:
            values["email_to"] = address or person.email_normalized
        lang = person and person.lang or self.env.lang
        template.with_context(lang=lang).send_mail(record.id, email_values=values)

    @api.model
    def _take_back(self, kind, records):
        """Extension point: what was told of records and has not left is not sent."""
        # sudo: mail.mail - what did not leave is told anew
        self.env["mail.mail"].sudo().search(
            [
                ("message_type", "=", "email_outgoing"),
                ("model", "=", records._name),
                ("res_id", "in", records.ids),
                ("state", "in", ("outgoing", "exception", "cancel")),
            ]
        ).unlink()

    @api.model
    def _reaches(self, person):
        """Extension point: whether there is a way to tell this person something."""
        return bool(person.email)

    @api.model
    def _came_sql(self, kind, model):
        """Extension point: how far what was told of records came.

        :param str kind: see :meth:`_tell`
        :param str model: name of the records' model
        :returns: SQL ``SELECT res_id, word``, one row for each person told; the word is
            ``waiting``, ``sent`` or ``failed``
        """
        self.env.flush_all()
        return SQL(
            """
            SELECT note.res_id, CASE
                   WHEN mail.state = 'outgoing' THEN 'waiting'
                   WHEN mail.state IN ('exception', 'cancel') THEN 'failed'
                   ELSE 'sent' END AS word
              FROM mail_mail mail JOIN mail_message note
                ON note.id = mail.mail_message_id
             WHERE note.model = %s AND note.message_type = 'email_outgoing'
            """,
            model,
        )

    @api.model
    def _waiting(self, address):
        """Extension point: the texts that wait to be sent to an address, newest first.

        :param str address: an E.164 number, or an e-mail address
        :rtype: list of str
        """
        texts = self.env["sms.sms"].search(
            [("number", "=", address), ("state", "=", "outgoing")], order="id desc"
        )
        mails = self.env["mail.mail"].search(
            [("email_to", "=", address), ("state", "=", "outgoing")], order="id desc"
        )
        return [
            *texts.mapped("body"),
            *(f"{each.subject}\n{each.body_html}" for each in mails),
        ]
