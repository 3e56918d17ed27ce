from odoo.tests import tagged

from .care_plan_common import CarePlanCommon


@tagged("post_install", "-at_install")
class TestPipelinePlans(CarePlanCommon):
    """Treatment plans move the deals of the coordinators."""

    def coordinators_stage(self):
        """Where the deal of the patient stands after all causes were worked off."""
        self.env["clinic.pipeline.cause"]._drain()
        deals = self.env["crm.lead"].search(
            [
                ("patient_id", "=", self.anna.id),
                ("pipeline", "=", "coordinators"),
            ]
        )
        return deals.mapped("stage_id.pipeline_key")

    def test_drives_the_coordinators_pipeline(self):
        """CRM-06 CRM-02: each step of the plan moves the one deal of the patient."""
        plan = self.draft()
        steps = [
            (lambda: None, "drafted"),
            (plan.action_submit, "drafted"),
            (plan.with_user(self.chief).action_approve, "approved"),
            (plan.action_present, "presented"),
            (plan.action_accept, "consent"),
            (lambda: self.sign_plan(plan, "Anna"), "contract"),
        ]
        for step, stage in steps:
            step()
            self.assertEqual(self.coordinators_stage(), [f"coordinators.{stage}"])
        other = self.presented()
        other._refuse("Too dear")
        self.assertEqual(
            sorted(self.coordinators_stage()),
            ["coordinators.contract", "coordinators.refused"],
        )

    def test_move_switched_off(self):
        """CRM-06: a move that is switched off leaves the deal where it is."""
        self.env.ref("clinic_care_plan.rule_plan_approved").enabled = False
        plan = self.draft()
        plan.action_submit()
        plan.with_user(self.chief).action_approve()
        self.assertEqual(self.coordinators_stage(), ["coordinators.drafted"])
