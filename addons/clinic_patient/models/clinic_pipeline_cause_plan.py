from odoo import api, fields, models

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
        vals = {"user_id": self.plan_id.responsible_id.id}
        if self.plan_state == "refused":
            reason = self.env.ref("clinic_patient.lost_reason_plan")
            vals["lost_reason_id"] = reason.id
        states = dict(self._fields["plan_state"]._description_selection(self.env))
        why = self.env._(
            "Treatment plan %(plan)s: %(state)s",
            plan=self.plan_id.name,
            state=states[self.plan_state],
        )
        self.env["crm.lead"]._apply_rule(key, self.patient_id, why, vals)


class ClinicCarePlan(models.Model):
    """Each step of a plan is a cause of automatic moves."""

    _inherit = "clinic.care.plan"

    @api.model_create_multi
    def create(self, vals_list):
        """A new plan puts the deal of its patient forward."""
        plans = super().create(vals_list)
        plans._tell_pipeline()
        return plans

    def _after_state(self, old):
        result = super()._after_state(old)
        self._tell_pipeline()
        return result

    def _tell_pipeline(self):
        self.env["clinic.pipeline.cause"]._record(
            [
                {
                    "kind": "plan",
                    "patient_id": plan.patient_id.id,
                    "plan_id": plan.id,
                    "plan_state": plan.state,
                }
                for plan in self
            ]
        )


class ResUsers(models.Model):
    """Deals of the coordinators are about plans."""

    _inherit = "res.users"

    def _may_own_deals(self, team):
        """Whoever may not read treatment plans has none of them."""
        may = super()._may_own_deals(team)
        if may and team.pipeline == "coordinators":
            may = self.env["clinic.care.plan"].with_user(self).has_access("read")
        return may
