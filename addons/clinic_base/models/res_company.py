from odoo import models


class ResCompany(models.Model):
    """The card of a company says by which clock its clinic lives."""

    _inherit = "res.company"

    def cache_invalidation_fields(self):
        # Another card may name another zone, which res.partner keeps.
        return super().cache_invalidation_fields() | {"partner_id"}
