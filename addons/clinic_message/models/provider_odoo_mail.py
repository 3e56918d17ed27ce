from odoo import fields, models
from odoo.tools import email_normalize


class ClinicMessageProvider(models.Model):
    """E-mail by Odoo: its outgoing servers carry it, its incoming servers bring answers
    and reports that a letter could not be delivered (``clinic_message_mail``)."""

    _inherit = "clinic.message.provider"

    kind = fields.Selection(
        selection_add=[("odoo_mail", "E-mail of Odoo")],
        ondelete={"odoo_mail": "cascade"},
    )
    reply_to = fields.Char(
        string="Answers to",
        help="An address whose letter box Odoo fetches (Settings › Incoming mail "
        "servers): what patients answer there comes to the inbox. Empty: the sender, "
        "or the e-mail address of the clinic.",
    )

    def _mail_addresses(self):
        """The addresses to which patients write, in small letters."""
        found = set()
        for provider in self:
            companies = provider.company_id or self.env["res.company"].search(
                [("email", "!=", False)]
            )
            for text in (
                [provider.reply_to, provider.sender]
                if provider.reply_to or provider.sender
                else companies.mapped("email")
            ):
                if address := email_normalize(text or ""):
                    found.add(address)
        return found

    def _prepare_mails(self, items):
        """Write the mails of these items, to be sent by Odoo's servers.

        :returns: ``mail.mail``, one for each item in order
        """
        # sudo: mail.mail - senders write for the clinic, whoever caused the message
        return (
            self.env["mail.mail"]
            .sudo()
            .create([self._prepare_mail_vals(item) for item in items])
        )

    def _prepare_mail_vals(self, item):
        company = self.env["res.company"].browse(item.extra["company_id"])
        message = self.env["clinic.message"].browse(item.extra["message_id"])
        answered = message.reply_to_id
        answers_mail = answered.direction == "in" and answered.channel == "email"
        return {
            "subject": item.subject,
            "body_html": item.html,
            "email_from": self.sender or company.email_formatted,
            "email_to": item.address,
            "reply_to": self.reply_to or self.sender or company.email_formatted,
            "headers": repr(self._mail_headers(message)),
            "references": answers_mail and answered.provider_uid,
            "auto_delete": False,
            "is_notification": False,
            "message_id": f"<clinic-{item.uuid}@{self.env.cr.dbname}>",
            "model": message.res_model,
            "res_id": message.res_id,
            # By it Odoo finds the server, and where reports of bounces go.
            "record_alias_domain_id": company.alias_domain_id.id,
            "record_company_id": company.id,
            "attachment_ids": [
                (
                    0,
                    0,
                    {
                        "name": name,
                        "raw": content,
                        "mimetype": mimetype,
                        "res_model": "clinic.message",
                        "res_id": message.id,
                    },
                )
                for name, mimetype, content in item.attachments
            ],
        }

    def _mail_headers(self, message):
        """What mail programs read beside the letter.

        They offer to stop news (RFC 8058), and answer no machine with a machine
        (RFC 3834): what a colleague wrote by hand is no machine's.
        """
        headers = {}
        if message.purpose == "marketing":
            link = f"{message.get_base_url()}{message._stop_path()}"
            headers |= {
                "List-Unsubscribe": f"<{link}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        if not (message.step or "").startswith("hand"):
            answer = message.kind_id.code in ("reply", "reply_ask")
            headers |= {
                "Auto-Submitted": "auto-replied" if answer else "auto-generated",
                "X-Auto-Response-Suppress": "OOF, AutoReply",
            }
        return headers
