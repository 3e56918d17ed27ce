from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class ResPartner(models.Model):
    """The patient card: complaints about visits."""

    _inherit = "res.partner"

    @api.model
    def _heard_fields(self):
        return super()._heard_fields() | {"visit_id"}


class ClinicComplaint(models.Model):
    """A complaint about a visit."""

    _inherit = "clinic.complaint"

    visit_id = fields.Many2one(
        "clinic.appointment",
        index="btree_not_null",
        ondelete="set null",
        domain="[('patient_id', '=', patient_id)]",
        groups=STAFF_GROUPS,
    )
    practitioner_id = fields.Many2one(
        "clinic.practitioner",
        compute="_compute_practitioner_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        groups=STAFF_GROUPS,
        help="Of the visit, or whom the complaint is about.",
    )

    @api.depends("visit_id")
    def _compute_practitioner_id(self):
        for complaint in self:
            # sudo: clinic.appointment - the desk of another location names nobody else
            visit = complaint.visit_id.sudo()
            complaint.practitioner_id = (
                visit.practitioner_id or complaint.practitioner_id
            )

    @api.constrains("visit_id", "patient_id")
    def _check_visit(self):
        for complaint in self:
            # sudo: clinic.appointment - whose visit it is
            visit = complaint.visit_id.sudo()
            if visit and visit.patient_id != complaint.patient_id:
                raise ValidationError(
                    self.env._("The visit is of another patient: choose one of this.")
                )
