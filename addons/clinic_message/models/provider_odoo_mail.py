from odoo import fields, models

from ..lib.port import Outcome


class ClinicMessageProvider(models.Model):
    """E-mail by Odoo: its outgoing servers carry it, one connection for a batch.

    What the server took is sent; bounces come back through Odoo.
    """

    _inherit = "clinic.message.provider"

    kind = fields.Selection(
        selection_add=[("odoo_mail", "E-mail of Odoo")],
        ondelete={"odoo_mail": "cascade"},
    )

    def _send_odoo_mail(self, items):
        mails = self._prepare_mails(items)
        mails.send(auto_commit=False, raise_exception=False)
        outcomes = [self._outcome_of_mail(mail) for mail in mails]
        mails.unlink()
        return outcomes

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
        return {
            "subject": item.subject,
            "body_html": item.html,
            "email_from": self.sender or company.email_formatted,
            "email_to": item.address,
            "reply_to": self.sender or company.email_formatted,
            "headers": repr(self._stop_headers(message)),
            "auto_delete": False,
            "is_notification": False,
            "message_id": f"<clinic-{item.uuid}@{self.env.cr.dbname}>",
            "model": message.res_model,
            "res_id": message.res_id,
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

    def _stop_headers(self, message):
        """The headers by which mail programs offer to stop news (RFC 8058)."""
        if message.purpose != "marketing":
            return {}
        link = f"{message.get_base_url()}{message._stop_path()}"
        return {
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    def _outcome_of_mail(self, mail):
        if mail.state == "sent":
            return Outcome("sent", uid=mail.message_id)
        failure = mail.failure_type or "mail_smtp"
        permanent = failure in ("mail_email_invalid", "mail_email_missing")
        return Outcome(
            "refused" if permanent else "retry",
            failure=failure,
            error=self.env._("The mail server refused it (%s).", failure),
        )
