from odoo import api, models


class MailThread(models.AbstractModel):
    """Mails that Odoo fetches: answers to messages come to the inbox of the clinic."""

    _inherit = "mail.thread"

    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
        """Take in what answers a message or was sent to the clinic; the rest is Odoo's.

        :returns: no route at all for what was taken in
        """
        # sudo: clinic.message - the letter box belongs to nobody
        messages = self.env["clinic.message"].sudo()
        if message_dict.get("is_bounce"):
            messages._hear_bounce(message, message_dict)
        elif messages._take_mail(message, message_dict):
            self._routing_reset_bounce(message, message_dict)
            return []
        return super().message_route(
            message, message_dict, model, thread_id, custom_values
        )
