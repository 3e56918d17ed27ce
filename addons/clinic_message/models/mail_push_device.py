from odoo import api, models
from odoo.exceptions import ValidationError

from ..lib.web_push import is_service


class MailPushDevice(models.Model):
    """Odoo posts to whatever address a browser, or a program, registers: here only to
    the push services of browsers, so that nobody makes the server knock inside."""

    _inherit = "mail.push.device"

    @api.constrains("endpoint")
    def _check_endpoint(self):
        """Refuse an address that is no browser's push service."""
        if not all(device._is_service() for device in self):
            raise ValidationError(
                self.env._("The push service of your browser is not supported.")
            )

    def _is_service(self):
        """Whether pushes may be sent to this device."""
        self.ensure_one()
        # sudo: clinic.message.provider - hosts that an administrator allows
        inside = self.env["clinic.message.provider"].sudo()._inside_hosts()
        return len(self.endpoint or "") <= 1000 and is_service(self.endpoint, inside)
