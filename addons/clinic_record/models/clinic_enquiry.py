from odoo import fields, models

from odoo.addons.clinic_patient.lib.roles import CARE_GROUPS


class ClinicEnquiry(models.Model):
    """An enquiry may be about a condition."""

    _inherit = "clinic.enquiry"

    condition_id = fields.Many2one(
        "clinic.condition",
        groups=CARE_GROUPS,
        index="btree_not_null",
        ondelete="restrict",
        help="What it is about medically, if a doctor knows.",
    )
