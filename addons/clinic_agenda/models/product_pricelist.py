from odoo import fields, models

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class ProductPricelist(models.Model):
    """A price list can be kept away from online booking."""

    _inherit = "product.pricelist"

    online_bookable = fields.Boolean(
        string="Booking on the website",
        default=True,
        help="Off: locations that sell at these prices take no online bookings.",
        groups=STAFF_GROUPS,
    )
