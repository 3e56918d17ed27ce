from odoo import fields, models

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class ResUsers(models.Model):
    """Which locations' agendas a member of staff may see."""

    _inherit = "res.users"

    clinic_location_ids = fields.Many2many(
        "clinic.location",
        string="Clinic locations",
        help="Agendas this person may see and book. Empty: all locations.",
        groups=STAFF_GROUPS,
    )
    clinic_practitioner_ids = fields.One2many(
        "clinic.practitioner", "user_id", groups=STAFF_GROUPS
    )

    def _get_invalidation_fields(self):
        # record rules read the locations, and their domains are cached per user
        return super()._get_invalidation_fields() | {"clinic_location_ids"}
