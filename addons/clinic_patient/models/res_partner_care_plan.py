from odoo import api, fields, models

from .res_partner import STAFF_GROUPS


class ResPartner(models.Model):
    """The patient card: treatment plans."""

    _inherit = "res.partner"

    care_plan_ids = fields.One2many(
        "clinic.care.plan", "patient_id", string="Treatment plans", groups=STAFF_GROUPS
    )
    care_plan_count = fields.Integer(
        compute="_compute_care_plan_count", groups=STAFF_GROUPS
    )

    @api.depends("care_plan_ids")
    def _compute_care_plan_count(self):
        counts = dict(
            self.env["clinic.care.plan"]._read_group(
                [("patient_id", "in", self.ids), ("state", "!=", "replaced")],
                ["patient_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.care_plan_count = counts.get(partner, 0)

    def action_open_care_plans(self):
        """The treatment plans of this patient."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_patient.clinic_care_plan_action"
            ),
            domain=[("patient_id", "=", self.id)],
            context={"default_patient_id": self.id},
        )
