from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.clinic_patient.lib.care_plan_life import STATES
from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS

#: ``{state of the plan: key of the automatic move}``
MOVES = {
    "draft": "plan_drafted",
    "approved": "plan_approved",
    "presented": "plan_presented",
    "accepted": "plan_accepted",
    "signed": "plan_signed",
    "refused": "plan_refused",
}
#: ``{stage of the coordinators: states of a plan it speaks of}``
PLAN_STATES = {
    "coordinators.drafted": [
        *("draft", "submitted", "approved", "presented", "accepted", "signed", "done")
    ],
    "coordinators.approved": ["approved", "presented", "accepted", "signed", "done"],
    "coordinators.presented": ["presented", "accepted", "signed", "done"],
    "coordinators.consent": ["accepted", "signed", "done"],
    # A signed plan stays one when a newer version replaces it.
    "coordinators.contract": ["signed", "done", "replaced"],
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
            reason = self.env.ref("clinic_pipeline.lost_reason_plan")
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


class CrmLead(models.Model):
    """Deals: the plans their stages speak of."""

    _inherit = "crm.lead"

    care_plan_id = fields.Many2one(
        "clinic.care.plan",
        string="Treatment plan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF_GROUPS,
    )

    @api.depends(
        "care_plan_id.state",
        "care_plan_id.amount_total",
        "care_plan_id.amount_accepted",
        "care_plan_id.instalment_ids.amount",
        "care_plan_id.instalment_ids.paid_on",
    )
    def _compute_amount(self):
        """What the chosen services of the plan cost, and what was paid of it."""
        result = super()._compute_amount()
        # sudo: clinic.care.plan - an amount of the deal, whoever may read the plan
        for deal in self.filtered(lambda lead: lead.sudo().care_plan_id):
            plan = deal.sudo().care_plan_id
            deal.amount = plan._agreed_amount()
            paid = plan.instalment_ids.filtered("paid_on")
            deal.amount_paid = sum(paid.mapped("amount"))
        return result

    @api.readonly
    def action_view_plan(self):
        """Open the treatment plan of this deal."""
        self.ensure_one()
        return self.care_plan_id._get_records_action()

    @api.depends("patient_id.care_plan_ids.state")
    def _compute_against_facts(self):
        return super()._compute_against_facts()

    @api.model
    def _against_facts(self):
        domains = [super()._against_facts()]
        for key, states in PLAN_STATES.items():
            plans = Domain("patient_id.care_plan_ids", "any", [("state", "in", states)])
            domains.append(Domain("stage_id.pipeline_key", "=", key) & ~plans)
        return Domain.OR(domains)

    def _facts_words(self):
        if self.sudo().stage_id.pipeline_key in PLAN_STATES:
            return self.env._("No treatment plan behind this deal")
        return super()._facts_words()

    def _facts_missing(self, stage):
        # sudo: crm.stage, clinic.care.plan - facts, whoever moves the deal
        states = PLAN_STATES.get(stage.sudo().pipeline_key)
        plans = self.sudo().patient_id.care_plan_ids
        if not states or plans.filtered(lambda plan: plan.state in states):
            return super()._facts_missing(stage)
        return (
            self.env._(
                "There is no treatment plan behind “%(stage)s”: %(patient)s has none "
                "that is so far. Take the next step of the plan: the deal moves by "
                "itself.",
                stage=stage.name,
                patient=self.patient_id.name,
            ),
            self.patient_id.action_open_care_plans(),
            self.env._("Open the plans"),
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
