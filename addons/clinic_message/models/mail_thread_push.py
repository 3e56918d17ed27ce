from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _web_push_send_notification(self, devices, *args, **kwargs):
        """Odoo's, to push services only: devices may be older than the check."""
        devices = devices.filtered(lambda device: device._is_service())
        if devices:
            return super()._web_push_send_notification(devices, *args, **kwargs)
        return None
