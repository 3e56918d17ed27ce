from odoo import models


class ResUsers(models.Model):
    """Who closes the account gets no pushes on its devices any more."""

    _inherit = "res.users"

    def _forget_ways_in(self):
        """Devices show messages of the person who was logged in."""
        result = super()._forget_ways_in()
        # sudo: clinic.push.device - of the account that is being closed
        devices = self.env["clinic.push.device"].sudo()
        devices.search([("partner_id", "in", self.partner_id.ids)]).unlink()
        return result
