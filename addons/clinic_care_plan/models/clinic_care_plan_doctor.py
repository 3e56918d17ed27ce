from odoo import api, fields, models

from odoo.addons.clinic_agenda.lib.states import HERE


class ClinicCarePlan(models.Model):
    """Treatment plans: the practitioner who treats."""

    _inherit = "clinic.care.plan"

    practitioner_id = fields.Many2one(
        "clinic.practitioner",
        string="Treated by",
        compute="_compute_practitioner_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="set null",
        help="Who treats, and stands above the plan. Proposed: who begins the plan, if "
        "a practitioner, else whom the patient saw last.",
    )

    @api.depends("patient_id")
    def _compute_practitioner_id(self):
        for plan in self:
            if plan.practitioner_id or not plan.patient_id:
                continue
            # sudo: clinic.practitioner, clinic.appointment - visits everywhere count
            own = plan.sudo().doctor_id.clinic_practitioner_ids[:1]
            seen = self.env["clinic.appointment"].sudo()
            here = [("patient_id", "=", plan.patient_id.id), ("state", "in", HERE)]
            last = seen.search(here, order="start desc", limit=1)
            plan.practitioner_id = (own or last.practitioner_id).sudo(False)

    @api.depends("practitioner_id.name", "doctor_id")
    def _compute_doctor_name(self):
        result = super()._compute_doctor_name()
        for plan in self:
            # sudo: clinic.practitioner - patients read who treats them
            plan.doctor_name = plan.sudo().practitioner_id.name or plan.doctor_name
        return result
