from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.common import group_of

from .common import RecallCommon


@tagged("post_install", "-at_install")
class TestCompanyWall(RecallCommon):
    """What is known of a patient is seen by the company of the card, and by no other.

    The rows are made while the card is shared; then the card becomes the first
    company's.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.env.company
        cls.second = cls.env["res.company"].create({"name": "Second clinic"})
        cls.manager = new_test_user(
            cls.env,
            "wall_manager",
            groups=group_of("manager"),
            company_id=cls.second.id,
            company_ids=[Command.set(cls.second.ids)],
        )
        cls.receptionist = new_test_user(
            cls.env,
            "wall_receptionist",
            groups=group_of("receptionist"),
            company_id=cls.second.id,
            company_ids=[Command.set(cls.second.ids)],
        )
        cls.team = cls.env.ref("clinic_pipeline.team_appointments")
        cls.deal = cls.env["crm.lead"].create(
            {"patient_id": cls.patient.id, "team_id": cls.team.id}
        )
        cls.recall = cls.Recall.create(
            {"patient_id": cls.patient.id, "rule_id": cls.rule.id}
        )

    def seen(self, record, user=None):
        """Whether somebody of the second company finds the record."""
        user = user or self.manager
        return bool(record.with_user(user).search_count([("id", "in", record.ids)]))

    def test_deals_and_recalls_follow_the_card(self):
        entry = self.env["clinic.pipeline.entry"].search(
            [("lead_id", "=", self.deal.id)]
        )
        self.assertTrue(all(map(self.seen, (self.deal, entry, self.recall))))
        self.patient.company_id = self.first
        for record in (self.deal, entry, self.recall):
            with self.subTest(record=record):
                self.assertFalse(self.seen(record))
                self.assertFalse(self.seen(record, self.receptionist))

    def test_next_step_follows_the_card(self):
        self.past_visit("2026-01-10")
        self.env["clinic.next.step"]._work_out(self.patient.ids)
        step = self.env["clinic.next.step"].search(
            [("patient_id", "=", self.patient.id)]
        )
        self.assertTrue(self.seen(step))
        self.patient.company_id = self.first
        self.assertFalse(self.seen(step))

    def test_pair_with_a_card_of_another_company_is_hidden(self):
        other = self.make_patient("Rossi", "Maria")
        pair = self.env["clinic.duplicate"].create(
            {"first_id": self.patient.id, "second_id": other.id}
        )
        self.assertTrue(self.seen(pair))
        other.company_id = self.first
        self.assertFalse(self.seen(pair))

    def test_member_of_a_shared_segment_is_hidden(self):
        segment = self.env["clinic.segment"].create(
            {"name": "Everybody", "sharing": "shared", "domain": "[]"}
        )
        segment.action_take_snapshot()
        member = self.env["clinic.segment.member"].search(
            [
                ("segment_id.name", "like", "Everybody"),
                ("partner_id", "=", self.patient.id),
            ]
        )
        self.assertTrue(self.seen(member))
        self.patient.company_id = self.first
        self.assertFalse(self.seen(member))

    def test_hours_and_absences_are_of_their_company(self):
        away, closed, block = (
            self.env["clinic.schedule.exception"].create(
                {"name": "Away", "practitioner_id": self.anna.id}
            ),
            self.env["clinic.schedule.exception"].create(
                {"name": "Closed", "kind": "closure", "location_id": self.rome.id}
            ),
            self.env["clinic.schedule.block"].search(
                [("schedule_id.practitioner_id", "=", self.anna.id)], limit=1
            ),
        )
        for record in (away, closed, block):
            with self.subTest(record=record):
                self.assertTrue(record)
                self.assertFalse(self.seen(record))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_a_deal_cannot_be_taken_to_another_company(self):
        """Neither by writing its company nor by making it for a card of the other."""
        self.patient.company_id = self.first
        with self.assertRaises(AccessError):
            self.deal.with_user(self.manager).company_id = self.second
        deals = self.env["crm.lead"].with_user(self.manager)
        with self.assertRaises(AccessError):
            deals.create(
                {
                    "patient_id": self.patient.id,
                    "team_id": self.team.id,
                    "company_id": self.second.id,
                }
            )

    def test_complaints_and_wishes_are_not_given_to_a_card_of_another_company(self):
        """Not by who sees both companies either: their readers are different people."""
        other = self.make_patient("Verdi", "Ada", company_id=self.second.id)
        wish = self.env["clinic.wait.list"].create(
            {"patient_id": self.patient.id, "service_id": self.service.id}
        )
        for record in (self.patient._open_complaint({"title": "Waited long"}), wish):
            with self.subTest(record=record), self.assertRaises(UserError):
                record.patient_id = other

    def test_what_a_merge_brings_belongs_to_the_card_that_stays(self):
        card = self.make_patient("Rossi", "Maria", company_id=self.first.id)
        self.env["clinic.merge"]._merge(self.patient, card)
        self.assertEqual(self.deal.patient_id, card)
        for record in (self.deal, self.recall):
            with self.subTest(record=record):
                self.assertEqual(record.company_id, self.first)
                self.assertFalse(self.seen(record))
