from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Deals by locations, and a practitioner's own visits."""

    _inherit = "res.users"

    def _own_deal_domain(self):
        own = super()._own_deal_domain()
        return own | Domain("practitioner_id.user_id", "=", self.id)

    def _takes_deals(self, team, vals):
        """A deal of one location goes to somebody of that location."""
        mine = self.clinic_location_ids.ids
        here = not (mine and vals.get("location_id")) or vals["location_id"] in mine
        return here and super()._takes_deals(team, vals)
