from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .pipeline_common import PipelineCommon

ROLE = "clinic_patient.group_clinic_coordinator"


@tagged("post_install", "-at_install")
class TestDealOwner(PipelineCommon):
    """Whose a deal is: of who enters it, of who takes it, of who is chosen."""

    def setUp(self):
        super().setUp()
        self.anna, self.bob = self.user("receptionist"), self.user("coordinator")
        self.team = self.stage("coordinators.taken").team_ids
        self.team.assignment = "turn"
        others = self.env.ref(ROLE).all_user_ids - self.bob
        others.group_ids -= self.env.ref(ROLE)

    def coordinator(self, login, **vals):
        return new_test_user(self.env, login, groups=ROLE, **vals)

    def first_visits(self, count=1, **vals):
        """The Coordinators deals of so many patients who came for the first time."""
        opened = self.Deal
        for _each in range(count):
            deal = self.deal("appointments.new", user_id=self.anna.id, **vals)
            self.move(deal, "appointments.came")
            opened |= self.Deal._open_deals(deal.patient_id, "coordinators")
        self.assertEqual(len(opened), count)
        return opened

    # ------------------------------------------------------------
    # Taken in work, entered
    # ------------------------------------------------------------

    def test_taking_makes_it_mine(self):
        """CRM-04: by drag, in a list or by program, with what is planned."""
        for pipeline in ("appointments", "base", "coordinators", "reanimation"):
            deal = self.deal(f"{pipeline}.{self.first(pipeline)}", user_id=self.anna.id)
            call = deal.activity_schedule(
                "mail.mail_activity_data_call", user_id=self.anna.id
            )
            taken = self.stage(f"{pipeline}.taken")
            deal.with_user(self.bob).stage_id = taken
            self.assertEqual(deal.user_id, self.bob, pipeline)
            self.assertEqual(call.user_id, self.bob, pipeline)
            self.assertEqual(deal.activity_ids.user_id, self.bob, pipeline)

    def first(self, pipeline):
        return {
            "appointments": "new",
            "base": "needs_handling",
            "coordinators": "to_work_up",
            "reanimation": "interested",
        }[pipeline]

    def test_the_button_takes(self):
        """CRM-04: one click on the board; once taken it is not offered again."""
        deal = self.deal("appointments.new").with_user(self.bob)
        self.assertTrue(deal.can_be_taken)
        deal.action_take()
        self.assertEqual(deal.stage_id.pipeline_key, "appointments.taken")
        self.assertEqual(deal.user_id, self.bob)
        self.assertFalse(deal.can_be_taken)
        deal.action_take()
        self.assertEqual(deal.user_id, self.bob)

    def test_the_second_is_told(self):
        """CRM-04: what a colleague has taken stays the colleague's."""
        deal = self.deal("appointments.new")
        deal.with_user(self.bob).action_take()
        taken = self.stage("appointments.taken")
        for attempt in (
            lambda: deal.with_user(self.anna).action_take(),
            lambda: deal.with_user(self.anna).write({"stage_id": taken.id}),
        ):
            with self.assertRaisesRegex(UserError, "coordinator.* has taken"):
                attempt()
        self.assertEqual(deal.user_id, self.bob)
        deal.with_user(self.anna).user_id = self.anna
        self.assertEqual(deal.user_id, self.anna, "a change on purpose")

    def test_giving_it_to_a_colleague(self):
        """CRM-04: who takes a deal for somebody else says so; tasks go along, those of
        others stay."""
        manager = self.user("manager")
        deal = self.deal("appointments.new", user_id=self.anna.id)
        mine = deal.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.anna.id
        )
        theirs = deal.activity_schedule(
            "mail.mail_activity_data_todo", user_id=manager.id
        )
        taken = self.stage("appointments.taken")
        deal.with_user(manager).write({"stage_id": taken.id, "user_id": self.bob.id})
        self.assertEqual(deal.user_id, self.bob)
        self.assertEqual(mine.user_id, self.bob)
        self.assertEqual(theirs.user_id, manager)

    def test_what_i_enter_is_mine(self):
        """CRM-04: whoever else looks after the patient."""
        patient = self.patient(responsible_id=self.bob.id)
        deal = self.Deal.with_user(self.anna).create({"patient_id": patient.id})
        self.assertEqual(deal.user_id, self.anna)
        self.assertEqual(deal.activity_ids.user_id, self.anna)

    # ------------------------------------------------------------
    # Chosen
    # ------------------------------------------------------------

    def test_a_first_visit_goes_to_a_coordinator(self):
        """CRM-02: not to the receptionist who booked it, nor to who is not there."""
        self.coordinator("gone").active = False
        away = self.coordinator("away")
        away.out_of_office_from = fields.Datetime.now() - timedelta(days=1)
        self.coordinator("reader").deal_read_only = True
        base = self.stage("base.base").team_ids
        self.coordinator("other_pipelines").deal_team_ids = base
        self.assertEqual(self.first_visits(3).user_id, self.bob)

    def test_nobody_is_better_than_the_wrong_one(self):
        """CRM-02: without a coordinator it waits for somebody who may read plans."""
        self.bob.active = False
        self.team.user_id = self.user("marketing")
        self.assertFalse(self.first_visits().user_id)
        manager = self.user("manager")
        self.team.user_id = manager
        self.assertEqual(self.first_visits().user_id, manager)

    def test_in_turn(self):
        """CRM-02: who got one longest ago gets the next."""
        self.team.assignment = "turn"
        cleo, dora = self.coordinator("cleo"), self.coordinator("dora")
        owners = [deal.user_id for deal in self.first_visits(6)]
        self.assertEqual(set(owners[:3]), {self.bob, cleo, dora})
        self.assertEqual(owners[3:], owners[:3])

    def test_by_load(self):
        """CRM-02: who has the fewest open deals gets the next."""
        self.team.assignment = "load"
        cleo = self.coordinator("cleo")
        for _each in range(2):
            self.deal("coordinators.taken", user_id=self.bob.id)
        self.assertEqual(self.first_visits(2).mapped("user_id"), cleo)
        closed = self.Deal.search([("user_id", "=", self.bob.id)])
        for deal in closed:
            self.move(deal, "coordinators.refused")
        self.assertEqual(self.first_visits().user_id, self.bob)

    def test_by_language(self):
        """CRM-02: who speaks the patient's language; else who has least to do."""
        self.team.assignment = "language"
        russian = self.env["res.lang"]._activate_lang("ru_RU")
        cleo = self.coordinator("cleo")
        cleo.deal_lang_ids = russian
        self.deal("coordinators.taken", user_id=cleo.id)
        patient = self.patient(lang="ru_RU")
        self.assertEqual(self.first_visits(patient_id=patient.id).user_id, cleo)
        self.assertEqual(self.first_visits().user_id, self.bob)

    def test_who_looks_after_the_patient_goes_on(self):
        """CRM-02: the coordinator on the card, if there."""
        self.team.assignment = "turn"
        cleo = self.coordinator("cleo")
        patient = self.patient(responsible_id=cleo.id)
        self.assertEqual(self.first_visits(patient_id=patient.id).user_id, cleo)
        cleo.active = False
        patient = self.patient(responsible_id=cleo.id)
        self.assertEqual(self.first_visits(patient_id=patient.id).user_id, self.bob)

    def test_the_manager_chooses_the_way(self):
        """CRM-02: a setting of each pipeline."""
        team = self.team.with_user(self.user("manager"))
        view = "clinic_pipeline.clinic_pipeline_team_view_form"
        with Form(team, view=view) as form:
            form.assignment = "load"
        self.assertEqual(self.team.assignment, "load")
