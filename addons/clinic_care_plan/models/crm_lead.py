from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS

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
