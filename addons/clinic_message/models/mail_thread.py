import json

from odoo import api, models
from odoo.http import request


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

    def _web_push_send_notification(
        self, devices, private_key, public_key, payload_by_lang=None, payload=None
    ):
        """Queue the pushes when somebody waits: Odoo would call each device's service.

        As Odoo itself does for more than a few devices.
        """
        if not request:
            return super()._web_push_send_notification(
                devices, private_key, public_key, payload_by_lang, payload
            )
        # sudo: mail.push - the queue of Odoo, whoever caused the push
        self.env["mail.push"].sudo().create(
            [
                {
                    "mail_push_device_id": device.id,
                    "payload": json.dumps(
                        payload_by_lang
                        and payload_by_lang[device.partner_id.lang]
                        or payload
                    ),
                }
                for device in devices
            ]
        )
        self.env["ir.cron"]._set_off("mail.ir_cron_web_push_notification")
        return None
