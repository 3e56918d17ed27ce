from odoo import fields, models

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class ProductTemplate(models.Model):
    """A service may be an operation or a stay: its end sends the patient home."""

    _inherit = "product.template"

    ends_with_discharge = fields.Boolean(
        string="Ends with a discharge",
        help="An operation or a stay: follow-up plans that begin when the patient goes "
        "home begin when a visit of this service is done.",
        groups=STAFF_GROUPS,
    )
