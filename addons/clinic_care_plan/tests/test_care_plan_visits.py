from odoo import Command
from odoo.tests import tagged

from odoo.addons.clinic_agenda.tests.common import AgendaCommon


@tagged("post_install", "-at_install")
class TestCarePlanVisits(AgendaCommon):
    """A treatment plan goes on with the visits that end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)

    def signed(self, quantity=2):
        """A signed plan with so many visits of the service."""
        plan = self.env["clinic.care.plan"].create(
            {
                "title": "Course",
                "patient_id": self.patient.id,
                "line_ids": [
                    Command.create(
                        {"service_id": self.service.id, "quantity": quantity}
                    )
                ],
            }
        )
        plan.action_submit()
        plan.action_approve()
        plan.action_present()
        plan.action_accept()
        plan.action_sign_at_desk()
        return plan

    def finish(self, start, **vals):
        visit = self.book(start, **vals)
        with self.during(visit):
            visit.action_arrive()
            visit.action_done()
        return visit

    def test_progress_follows_visits(self):
        """CRM-06: finished visits of the service count, up to what was planned."""
        plan = self.signed()
        first = self.finish(self.tuesday(9))
        self.assertEqual(first.plan_line_id, plan.line_ids)
        plan.invalidate_recordset()
        self.assertEqual((plan.line_ids.done_quantity, plan.progress), (1, 0.5))
        self.finish(self.tuesday(10))
        third = self.finish(self.tuesday(11))
        self.assertFalse(third.plan_line_id, "all that was planned is done")
        self.env.invalidate_all()
        self.assertEqual(plan.progress, 1)

    def test_visit_stands_before_plan(self):
        """PRT-01: a visit to confirm is the first thing to do, then a plan to sign."""
        self.signed().copy({"title": "Another"})
        plan = self.env["clinic.care.plan"].search([("title", "=", "Another")])
        plan.action_submit()
        plan.action_approve()
        plan.action_present()
        visit = self.book(self.tuesday(9))
        todo = [step["url"] for step in self.patient._portal_todo(self.patient)]
        self.assertEqual(todo[0], f"/my/appointments/{visit.id}")
        self.assertIn(f"/my/care-plans/{plan.id}", todo)

    def test_undone_visit_counts_no_more(self):
        plan = self.signed()
        visit = self.finish(self.tuesday(9))
        visit.action_in_room()
        self.env.invalidate_all()
        self.assertEqual(plan.progress, 0)
        with self.during(visit):
            visit.action_done()
        self.env.invalidate_all()
        self.assertEqual(plan.progress, 0.5)

    def test_only_the_own_signed_plan(self):
        """Neither a refused plan nor that of another patient goes on."""
        self.signed().action_finish()
        other = self.make_patient("Bianchi", "Carla")
        self.assertFalse(self.finish(self.tuesday(9), patient_id=other.id).plan_line_id)
        self.assertFalse(self.finish(self.tuesday(10)).plan_line_id)
