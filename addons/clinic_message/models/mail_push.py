from odoo import models


class MailPush(models.Model):
    _inherit = "mail.push"

    def _push_notification_to_endpoint(self, batch_size=50):
        """Odoo's; what waits for a device that is none is dropped with it."""
        # sudo: clinic.message - whether this database sends
        if self.env["clinic.message"].sudo()._is_held():
            return None
        # sudo: mail.push - the queue of all, as Odoo's own job reads it
        waiting = self.sudo().search([("mail_push_device_id", "!=", False)])
        devices = waiting.mail_push_device_id
        devices.filtered(lambda device: not device._is_service()).unlink()
        return super()._push_notification_to_endpoint(batch_size)
