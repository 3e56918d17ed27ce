from odoo import models


class ResUsers(models.Model):
    """Deals of the coordinators are about plans."""

    _inherit = "res.users"

    def _may_own_deals(self, team):
        """Whoever may not read treatment plans has none of them."""
        may = super()._may_own_deals(team)
        if may and team.pipeline == "coordinators":
            may = self.env["clinic.care.plan"].with_user(self).has_access("read")
        return may
