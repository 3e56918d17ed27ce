from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """A practitioner's own deals are those of the own visits, too."""

    _inherit = "res.users"

    def _own_deal_domain(self):
        own = super()._own_deal_domain()
        return own | Domain("practitioner_id.user_id", "=", self.id)
