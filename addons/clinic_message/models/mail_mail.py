from odoo import models
from odoo.http import request

from ..lib.mail_promotion import PROMOTED, without_promotion


class MailMail(models.Model):
    """No request waits for a mail server: what would leave at once is queued.

    Odoo sends notices, invitations and new passwords from within the request, up to a
    minute for each server that is silent, while the visitor and one of the few workers
    wait. The queue begins as soon as the request is committed.
    """

    _inherit = "mail.mail"

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        """Send, or leave it to the queue when somebody waits for the answer.

        Nothing leaves a database that was restored until a manager lets it go on.

        :returns: True
        """
        # sudo: clinic.message - whether this database sends
        if self.env["clinic.message"].sudo()._is_held():
            return True
        if request:
            self.env["ir.cron"]._set_off("mail.ir_cron_mail_scheduler_action")
            return True
        return super().send(
            auto_commit=auto_commit,
            raise_exception=raise_exception,
            post_send_callback=post_send_callback,
        )

    def _prepare_outgoing_body(self):
        """Odoo's, without its advertisement: the mail is the clinic's."""
        body = super()._prepare_outgoing_body()
        return without_promotion(body) if PROMOTED in str(body) else body
