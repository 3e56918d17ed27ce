from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import RedirectWarning
from odoo.tests import new_test_user, tagged

from .test_pipeline_visits import PipelineCommon

DESK = "clinic_patient.group_clinic_receptionist"
COORDINATOR = "clinic_patient.group_clinic_coordinator"


class FactsCommon(PipelineCommon):
    def stage(self, key):
        return self.env["crm.stage"]._by_key(key)


@tagged("post_install", "-at_install")
class TestDealsOfLocations(FactsCommon):
    def test_a_coordinator_of_the_location(self):
        """CRM-02: a first visit in Milan is no matter of who works in Rome."""
        role = self.env.ref(COORDINATOR)
        for user in role.user_ids:
            user.group_ids -= role
        milan = self.env["clinic.location"].create(
            {"name": "Milan", "tz": "Europe/Rome"}
        )
        for login, location in (("rita", self.rome), ("milo", milan)):
            user = new_test_user(self.env, login, groups=COORDINATOR)
            user.clinic_location_ids = location
        self.stage("coordinators.taken").team_ids.assignment = "turn"
        for doctor in (self.anna, self.bruno):
            patient = self.make_patient("First", doctor.name)
            visit = self.book(self.tuesday(9), doctor, patient_id=patient.id)
            with self.during(visit):
                visit.action_arrive()
                self.drain()
            deal = self.Deal._open_deals(patient, "coordinators")
            self.assertEqual(deal.user_id.login, "rita")
            self.assertEqual(deal.location_id, self.rome)


@tagged("post_install", "-at_install")
class TestDealsAgainstFacts(FactsCommon):
    """A stage says what has happened: by hand it can say nothing else."""

    def setUp(self):
        super().setUp()
        self.receptionist = new_test_user(self.env, "desk", groups=DESK)

    def by_hand(self, deal, key, **vals):
        stage = self.stage(key)
        deal.with_user(self.receptionist).write({"stage_id": stage.id, **vals})

    def test_no_visit_behind_it(self):
        """CRM-02: not booked, not confirmed, not here: refused, with what to do."""
        deal = self.deal("appointments.searching")
        for key in ("booked", "confirmed", "came"):
            with self.assertRaisesRegex(RedirectWarning, "no visit behind"):
                self.by_hand(deal, f"appointments.{key}")
        self.assertEqual(deal.stage_id.pipeline_key, "appointments.searching")
        self.assertFalse(deal.appointment_id)

    def test_whoever_moves_it(self):
        """CRM-02: by drag, in a list of several, by program and with a new deal."""
        deal = self.deal("appointments.searching")
        came = self.stage("appointments.came")
        mine = deal.with_user(self.receptionist)
        other = self.deal("appointments.new", self.make_patient("Neri", "Ugo"))
        attempts = (
            lambda: mine.web_save({"stage_id": came.id}, {}),
            lambda: (mine | other.with_user(self.receptionist)).write(
                {"stage_id": came.id}
            ),
            lambda: mine.create(
                {
                    "patient_id": self.make_patient("Gialli", "Pia").id,
                    "team_id": came.team_ids.id,
                    "stage_id": came.id,
                }
            ),
        )
        for attempt in attempts:
            with self.assertRaises(RedirectWarning):
                attempt()
        loaded = self.Deal.with_user(self.receptionist).load(
            ["patient_id/.id", "team_id/.id", "stage_id/.id", "name"],
            [
                [
                    str(self.make_patient("Viola", "Lea").id),
                    str(came.team_ids.id),
                    str(came.id),
                    "Import",
                ]
            ],
        )
        self.assertFalse(loaded["ids"])
        self.assertIn("no visit behind", loaded["messages"][0]["message"])
        self.assertEqual(len(deal.entry_ids), 1)

    def test_with_the_visit_behind_it(self):
        """CRM-02: with automatic moves switched off, hands do it with the facts."""
        self.Rule.search([("key", "=like", "visit_%")]).enabled = False
        deal = self.deal("appointments.searching")
        visit = self.perform("book")
        self.by_hand(deal, "appointments.booked")
        self.assertEqual(deal.appointment_id, visit)
        self.assertEqual(deal.appointment_start, visit.start)
        with self.assertRaises(RedirectWarning):
            self.by_hand(deal, "appointments.confirmed")
        with self.during(visit):
            visit.action_confirm()
        self.by_hand(deal, "appointments.confirmed")
        with self.assertRaises(RedirectWarning):
            self.by_hand(deal, "appointments.came")
        with self.during(visit):
            visit.action_arrive()
        self.by_hand(deal, "appointments.came")
        self.assertEqual(deal.won_status, "won")

    def test_given_up_without_a_visit_is_marked(self):
        """CRM-02: a request that came to nothing may be closed, and says so."""
        deal = self.deal("appointments.searching")
        self.assertFalse(deal.against_facts)
        reason = self.env.ref("clinic_pipeline.lost_reason_price")
        self.by_hand(deal, "appointments.missed", lost_reason_id=reason.id)
        self.assertTrue(deal.against_facts)
        self.assertIn(deal, self.Deal.search([("against_facts", "=", True)]))
        visit = self.perform("book miss", self.make_patient("Neri", "Ugo"))
        missed = self.Deal.search([("appointment_id", "=", visit.id)])
        self.assertEqual(missed.stage_id.pipeline_key, "appointments.missed")
        self.assertFalse(missed.against_facts)
        self.assertNotIn(missed, self.Deal.search([("against_facts", "=", True)]))

    def test_a_visit_that_went_away_is_marked(self):
        """CRM-02: a deal left behind, for example by a move that is switched off."""
        visit = self.perform("book")
        deal = self.Deal._open_deals(self.patient, "appointments")
        self.assertFalse(deal.against_facts)
        self.Rule.search([("key", "=", "visit_cancelled")]).enabled = False
        visit._cancel("Ill", by="patient")
        self.drain()
        self.assertTrue(deal.against_facts)
        self.assertIn(deal, self.Deal.search([("against_facts", "=", True)]))

    def test_a_missed_visit_with_another_ahead(self):
        """CRM-02: who has the next time already is not to be won back."""
        visit = self.perform("book")
        second = self.book(self.tuesday(8) + timedelta(days=7))
        self.drain()
        with self.during(visit):
            visit.action_no_show()
            self.drain()
        self.assertEqual(self.keys(), ["appointments.booked"])
        self.assertEqual(self.keys(is_open=False), ["appointments.missed"])
        deal = self.Deal._open_deals(self.patient)
        self.assertEqual(deal.appointment_id, second)

    def test_nobody_asks_for_a_visit_ahead_that_is_over(self):
        """CRM-02: an older visit nobody marked is no visit ahead."""
        visits = self.perform("book book")
        first, second = visits.sorted("start")
        with self.during(second):
            second.action_no_show()
            self.drain()
        self.assertTrue(first.start < second.start)
        self.assertIn("reanimation.never_came", self.keys())


@tagged("post_install", "-at_install")
class TestUnmarkedVisits(PipelineCommon):
    """Visits of the past about which nobody said whether the patient came."""

    def setUp(self):
        super().setUp()
        self.manager = new_test_user(
            self.env, "boss", groups="clinic_patient.group_clinic_manager"
        )
        self.rome.responsible_id = self.manager

    def todos(self):
        return self.env["mail.activity"].search(
            [("res_model", "=", "clinic.location"), ("res_id", "=", self.rome.id)]
        )

    def next_morning(self, visit):
        return freeze_time(visit.start + timedelta(days=1))

    def test_one_task_for_a_day_and_location(self):
        """CRM-04: who looks after the location is asked once, with the day."""
        visits = self.perform("book book book")
        with self.next_morning(visits[0]):
            for _each in range(2):
                self.env["clinic.location"]._cron_ask_unmarked()
            [task] = self.todos()
            self.assertEqual(task.user_id, self.manager)
            self.assertIn("3", task.summary)
            opened = self.rome.action_view_unmarked()
            found = self.env["clinic.appointment"].search(opened["domain"])
            self.assertEqual(found, visits)

    def test_it_ends_when_all_are_marked(self):
        """CRM-04: the task goes away by itself."""
        visits = self.perform("book book")
        with self.next_morning(visits[0]):
            self.env["clinic.location"]._cron_ask_unmarked()
            visits[0].action_no_show()
            self.env["clinic.location"]._cron_ask_unmarked()
            self.assertTrue(self.todos())
            visits[1].action_no_show()
            self.env["clinic.location"]._cron_ask_unmarked()
            self.assertFalse(self.todos())

    def test_what_is_marked_or_to_come_is_not_asked(self):
        """CRM-04: neither today's visits nor those that are known."""
        visit = self.perform("book miss")
        with self.next_morning(visit):
            later = self.book(fields.Datetime.now() + timedelta(hours=2))
            self.env["clinic.location"]._cron_ask_unmarked()
            self.assertFalse(self.todos(), later)
