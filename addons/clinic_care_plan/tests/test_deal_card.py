from datetime import timedelta

from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_pipeline.tests.test_deal_facts import FactsCommon

DESK = "clinic_patient.group_clinic_receptionist"
COORDINATOR = "clinic_patient.group_clinic_coordinator"
DOCTOR = "clinic_patient.group_clinic_practitioner"


@tagged("post_install", "-at_install")
class TestCardOfAPatient(FactsCommon):
    """What the card shows at a glance, and on its timeline."""

    def setUp(self):
        super().setUp()
        self.coordinator = new_test_user(self.env, "cora", groups=COORDINATOR)

    def items(self, user=None):
        card = self.patient.with_user(user or self.coordinator)
        found = {}
        for item in card.timeline(limit=200)["items"]:
            found.setdefault(item["kind"], []).append(item)
        return found

    def plan(self, **vals):
        return self.env["clinic.care.plan"].create(
            {"title": "Two crowns", "patient_id": self.patient.id, **vals}
        )

    def test_plans_deals_and_payments_stand_on_the_timeline(self):
        """PAT-04: beside visits, papers and complaints."""
        plan = self.plan(
            instalment_ids=[
                Command.create({"amount": 90, "due_date": "2026-03-02"}),
                Command.create({"amount": 40, "due_date": "2026-04-02"}),
            ]
        )
        plan.instalment_ids[0]._ours().paid_on = "2026-03-02"
        deal = self.deal("coordinators.taken", name="A broken tooth")
        found = self.items()
        [item] = found["plan"]
        self.assertEqual(item["title"], "Two crowns")
        self.assertEqual(item["open"], {"model": "clinic.care.plan", "id": plan.id})
        [item] = found["payment"]
        self.assertIn("90", item["title"])
        self.assertEqual(item["open"]["id"], plan.id)
        [item] = [each for each in found["deal"] if each["title"] == deal.name]
        self.assertEqual(item["badge"], "Taken in work")

    def test_the_timeline_gives_no_rights(self):
        """OPS-01: who may not read plans sees neither them nor what was paid."""
        plan = self.plan(
            instalment_ids=[Command.create({"amount": 90, "due_date": "2026-03-02"})]
        )
        plan.instalment_ids._ours().paid_on = "2026-03-02"
        self.deal("coordinators.taken")
        other = self.stage("base.base").team_ids
        marketing = new_test_user(
            self.env, "mark", groups="clinic_patient.group_clinic_marketing"
        )
        marketing.deal_team_ids = other
        found = self.items(marketing)
        self.assertFalse({"plan", "payment", "deal"} & found.keys())

    def test_the_next_visit_in_the_header(self):
        """PAT-01: the earliest that stands, with the practitioner."""
        card = self.patient.with_user(self.coordinator)
        self.assertFalse(card.next_visit_text)
        later = self.book(self.tuesday(9) + timedelta(days=7), self.bruno)
        first = self.book(self.tuesday(9))
        card.invalidate_recordset()
        self.assertEqual(card.next_visit_id, first)
        self.assertIn(first.local_start, card.next_visit_text)
        self.assertIn(self.anna.name, card.next_visit_text)
        first._cancel("Ill", by="patient")
        card.invalidate_recordset()
        self.assertEqual(card.next_visit_id, later)
        self.assertEqual(card.action_open_next_visit()["res_id"], later.id)

    def test_the_doctor_of_a_plan_treats(self):
        """CRM-06: not the coordinator who types it."""
        with self.during(self.book(self.tuesday(9), self.bruno)) as _clock:
            visit = self.env["clinic.appointment"].search(
                [("patient_id", "=", self.patient.id)]
            )
            visit.action_arrive()
        plans = self.env["clinic.care.plan"].with_user(self.coordinator)
        plan = plans.create({"title": "Crown", "patient_id": self.patient.id})
        self.assertEqual(plan.practitioner_id, self.bruno)
        self.assertEqual(plan.doctor_name, self.bruno.name)
        self.assertEqual(plan.responsible_id, self.coordinator)
        doctor = new_test_user(self.env, "dora", groups=DOCTOR)
        self.anna.user_id = doctor
        own = plans.with_user(doctor)
        plan = own.create({"title": "Mine", "patient_id": self.patient.id})
        self.assertEqual(plan.doctor_name, self.anna.name)
        plan.practitioner_id = self.bruno
        self.assertEqual(plan.doctor_name, self.bruno.name)

    def test_a_message_from_a_deal(self):
        """MSG-01: it is for the patient of the deal, through the log of messages."""
        deal = self.deal("coordinators.taken")
        compose = self.env["clinic.message.compose"].with_user(self.coordinator)
        compose = compose.with_context(active_model="crm.lead", active_ids=deal.ids)
        wizard = compose.create({"body": "Your plan is ready."})
        self.assertEqual(wizard.patient_ids, self.patient)
        wizard.action_send()
        message = self.env["clinic.message"].search(
            [("patient_id", "=", self.patient.id), ("step", "=like", "hand%")]
        )
        self.assertEqual(message.body, "Your plan is ready.")
