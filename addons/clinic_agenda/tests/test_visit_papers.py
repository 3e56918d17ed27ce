from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import AgendaCommon

GROUP = "clinic_patient.group_clinic_"


@tagged("post_install", "-at_install")
class TestPapersOfVisit(AgendaCommon):
    """What follows from a visit: its papers, and who came after a referral."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.visit = cls.book(cls.tuesday(9))

    def test_papers_of_a_visit(self):
        """PAT-17: papers printed from a visit say when and by whom; visits of others
        do not get in."""
        template = self.env["clinic.document.template"].create(
            {
                "name": "Came",
                "body": "<p>{{ visit.local_start }}, {{ visit.service_id }}</p>",
            }
        )
        desk = new_test_user(self.env, "desk", groups=f"{GROUP}receptionist")
        action = self.visit.with_user(desk).action_print_documents()
        Wizard = self.env["clinic.document.print"].with_user(desk)
        wizard = Wizard.with_context(**action["context"]).create(
            {"template_ids": [Command.set(template.ids)]}
        )
        wizard.action_issue()
        document = self.visit.patient_id.clinic_document_ids
        self.assertEqual(document.appointment_id, self.visit)
        self.assertIn(self.visit.local_start, document.body)
        self.assertFalse(document.missing)
        wizard.patient_id = self.make_patient("Other", "One")
        self.assertIn("Service", wizard.missing)

    def test_came_after_a_referral(self):
        """PAT-12: who came is known from the visits, and what they were worth."""
        partner = self.env["res.partner"].create(
            {"name": "Dr. Sender", "is_referral_partner": True}
        )
        self.env["clinic.referral.rule"].create(
            {
                "name": "Tenth",
                "date_start": "2026-01-01",
                "kind": "percent",
                "percent": 10,
                "days": 1,
            }
        )
        came, not_yet = self.env["clinic.referral"].create(
            [
                {"referrer_id": partner.id, "patient_id": patient.id, "date": day}
                for patient, day in (
                    (self.visit.patient_id, "2026-03-02"),
                    (self.make_patient("Not", "Yet"), "2026-03-01"),
                )
            ]
        )
        self.env["clinic.referral"]._cron_follow_up()
        self.assertFalse(came.came_on)
        with self.during(self.visit):
            self.visit.action_arrive()
            self.visit.action_done()
        self.visit.price = 80
        self.env["clinic.referral"]._cron_follow_up()
        self.assertEqual(came.came_on, self.visit.local_day)
        self.assertEqual(came.reward_state, "none", "its day is not over yet")
        with freeze_time("2026-03-05 10:00:00"):
            self.env["clinic.referral"]._cron_follow_up()
        self.assertEqual((came.value, came.reward_amount), (80, 8))
        self.assertFalse(not_yet.came_on)
