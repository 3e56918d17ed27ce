from odoo import fields, models

from ..lib.care_plan_life import STATES

#: ``{state of the plan: key of the automatic move}``
MOVES = {
    "draft": "plan_drafted",
    "approved": "plan_approved",
    "presented": "plan_presented",
    "accepted": "plan_accepted",
    "signed": "plan_signed",
    "refused": "plan_refused",
}


class ClinicPipelineCause(models.Model):
    """Treatment plans move the deals of the coordinators."""

    _inherit = "clinic.pipeline.cause"

    kind = fields.Selection(
        selection_add=[("plan", "Treatment plan")], ondelete={"plan": "cascade"}
    )
    plan_id = fields.Many2one("clinic.care.plan", readonly=True, ondelete="cascade")
    plan_state = fields.Selection(STATES, readonly=True)

    def _apply(self):
        return self._apply_plan() if self.kind == "plan" else super()._apply()

    def _apply_plan(self):
        """Move the coordinators' deal as this state of the plan says."""
        key = MOVES.get(self.plan_state)
        if not key:
            return
        vals = {
            "user_id": self.plan_id.responsible_id.id,
            "care_plan_id": self.plan_id.id,
        }
        if self.plan_state == "refused":
            reason = self.env.ref("clinic_care_plan.lost_reason_plan")
            vals["lost_reason_id"] = reason.id
        states = dict(self._fields["plan_state"]._description_selection(self.env))
        why = self.env._(
            "Treatment plan %(plan)s: %(state)s",
            plan=self.plan_id.name,
            state=states[self.plan_state],
        )
        Deal = self.env["crm.lead"]
        Deal._apply_rule(key, self.patient_id, why, vals)
        # A newer version of a plan that is presented already moves nothing back.
        deal = Deal._open_deals(self.patient_id, "coordinators")
        if deal and self.plan_state != "refused" and deal.care_plan_id != self.plan_id:
            deal.care_plan_id = self.plan_id
