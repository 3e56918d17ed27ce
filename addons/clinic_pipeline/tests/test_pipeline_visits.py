import random
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_agenda.lib.states import TRANSITIONS
from odoo.addons.clinic_agenda.tests.common import AgendaCommon
from odoo.addons.clinic_base.lib.ours import OURS

#: Every automatic move that visits cause: deals before, cause, deals after, side
#: effects. Deals are written as the keys of their stages.
#: (rule, open deals before, what happens, open deals after, closed deals after)
MOVES = [
    ("visit_booked", [], "book", ["appointments.booked"], []),
    (
        "visit_booked",
        ["appointments.new"],
        "book",
        ["appointments.booked"],
        [],
    ),
    ("visit_booked", ["appointments.taken"], "book", ["appointments.booked"], []),
    ("visit_booked", ["appointments.searching"], "book", ["appointments.booked"], []),
    (
        "visit_booked_base",
        ["base.needs_handling"],
        "book",
        ["appointments.booked"],
        ["base.searching"],
    ),
    (
        "visit_booked_base",
        ["base.taken"],
        "book",
        ["appointments.booked"],
        ["base.searching"],
    ),
    ("visit_booked", ["base.base"], "book", ["appointments.booked", "base.base"], []),
    *(
        (
            "visit_booked_reanimation",
            [f"reanimation.{key}"],
            "book",
            ["appointments.booked"],
            ["reanimation.searching"],
        )
        for key in ("never_came", "used_to_come", "interested", "taken")
    ),
    ("visit_confirmed", [], "book confirm", ["appointments.confirmed"], []),
    ("visit_unconfirmed", [], "book confirm move", ["appointments.booked"], []),
    ("visit_cancelled", [], "book cancel", ["appointments.searching"], []),
    ("visit_cancelled", [], "book confirm cancel", ["appointments.searching"], []),
    (
        "visit_arrived",
        [],
        "book arrive",
        ["base.base", "coordinators.to_work_up"],
        ["appointments.came"],
    ),
    (
        "visit_arrived",
        ["base.base"],
        "came book confirm arrive",
        ["base.base"],
        ["appointments.came"],
    ),
    (
        "came_on_treatment",
        [],
        "treat book arrive",
        ["base.on_treatment", "coordinators.to_work_up"],
        ["appointments.came"],
    ),
    (
        "came_base",
        ["base.needs_handling"],
        "came book arrive",
        ["base.base"],
        ["appointments.came", "base.searching"],
    ),
    (
        "visit_missed",
        [],
        "book miss",
        ["reanimation.never_came"],
        ["appointments.missed"],
    ),
    (
        "missed_used_to_come",
        ["base.base"],
        "came book miss",
        ["base.base", "reanimation.used_to_come"],
        ["appointments.missed"],
    ),
    (
        "visit_booked",
        [],
        "book book",
        ["appointments.booked"],
        [],
    ),
    (
        "visit_booked",
        [],
        "book book cancel",
        ["appointments.booked"],
        [],
    ),
    (
        "visit_booked",
        [],
        "book book arrive",
        ["appointments.booked", "base.base", "coordinators.to_work_up"],
        ["appointments.came"],
    ),
    # Slips of the mouse.
    ("visit_arrived", [], "book arrive undo", ["appointments.booked"], []),
    ("visit_missed", [], "book miss undo", ["appointments.booked"], []),
    ("visit_cancelled", [], "book cancel undo", ["appointments.booked"], []),
    (
        "visit_missed",
        [],
        "book miss arrive",
        ["base.base", "coordinators.to_work_up"],
        ["appointments.came"],
    ),
]


class PipelineCommon(AgendaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.Deal = cls.env["crm.lead"]
        cls.Cause = cls.env["clinic.pipeline.cause"]
        cls.Rule = cls.env["clinic.pipeline.rule"]
        cls.drain()

    @classmethod
    def drain(cls):
        while True:
            done, left = cls.Cause._drain()
            if not left:
                break
            assert done, cls.Cause.search([]).mapped("error")
        cls.env.flush_all()

    def deal(self, key, patient=None, **vals):
        stage = self.env["crm.stage"]._by_key(key)
        return self.Deal.create(
            {
                "patient_id": (patient or self.patient).id,
                "team_id": stage.team_ids.id,
                "stage_id": stage.id,
                **vals,
            }
        )

    def keys(self, patient=None, is_open=True):
        deals = self.Deal.search(
            [
                ("patient_id", "=", (patient or self.patient).id),
                ("is_open", "=", is_open),
            ]
        )
        return sorted(deals.mapped("stage_id.pipeline_key"))

    def perform(self, steps, patient=None):
        """Do what people do, one step after another, and drain after each."""
        patient = patient or self.patient
        visits = self.env["clinic.appointment"]
        for number, step in enumerate(steps.split()):
            visit = visits[:1]
            if step == "book":
                visits |= self.book(
                    self.tuesday(8 + number // 2, 30 * (number % 2)),
                    patient_id=patient.id,
                )
            elif step == "came":
                self.env["clinic.appointment"].sudo().with_context(
                    clinic_history=OURS
                ).create(
                    {
                        "patient_id": patient.id,
                        "practitioner_id": self.bruno.id,
                        "service_id": self.service.id,
                        "location_id": self.rome.id,
                        "start": self.tuesday(8) - timedelta(days=30),
                        "state": "done",
                    }
                )
            elif step == "treat":
                patient.on_treatment = True
            elif step == "cancel":
                visit._cancel("Ill", by="patient")
            elif step == "move":
                visit._move(visit.start + timedelta(hours=2))
            elif step == "undo":
                visit.action_back_to_booked()
            else:
                with self.during(visit):
                    {
                        "confirm": visit.action_confirm,
                        "arrive": visit.action_arrive,
                        "miss": visit.action_no_show,
                    }[step]()
            self.drain()
        return visits


@tagged("post_install", "-at_install")
class TestPipelineMoves(PipelineCommon):
    def test_table_of_moves(self):
        """CRM-02: from, cause, to and side effects of each move visits cause."""
        for number, (rule, before, steps, after, closed) in enumerate(MOVES):
            with self.subTest(rule=rule, before=before, steps=steps):
                savepoint = self.env.cr.savepoint()
                patient = self.make_patient("Test", f"Number {number}")
                for key in before:
                    self.deal(key, patient)
                self.perform(steps, patient)
                self.assertEqual(self.keys(patient), sorted(after))
                self.assertEqual(self.keys(patient, is_open=False), sorted(closed))
                self.check_chatter(patient, rule)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_visit_of_another_patient(self):
        """CRM-02: a visit that turns out to be another patient's leaves the deal of
        the first and moves the second's; the first goes on with the next visit."""
        first, second = (self.make_patient("Test", name) for name in ("One", "Two"))
        waiting = self.deal("reanimation.taken", second)
        visit, later = self.perform("book book", first)
        deal = self.Deal._open_deals(first, "appointments")
        self.assertEqual(deal.appointment_id, visit)
        visit.action_change_patient(second.id, "Another person")
        self.drain()
        self.assertEqual(deal.appointment_id, later)
        self.assertEqual(deal.appointment_start, later.start)
        self.assertEqual(self.keys(first), ["appointments.booked"])
        self.assertEqual(self.keys(second), ["appointments.booked"])
        seconds = self.Deal._open_deals(second, "appointments")
        self.assertEqual(seconds.appointment_id, visit)
        self.assertFalse(waiting.is_open, "a visit was booked, so nobody searches")
        self.assertIn("was booked", str(seconds.message_ids.mapped("body")))
        later.action_change_patient(second.id, "Another person, too")
        self.drain()
        self.assertEqual(self.keys(first), ["appointments.searching"])
        self.assertFalse(deal.appointment_id or deal.appointment_start)
        self.assertIn("another patient", str(deal.message_ids.mapped("body")))

    def test_visit_of_another_patient_moves_switched_off(self):
        """A deal shows no visit of another patient, whatever moves are switched on."""
        first, second = (self.make_patient("Test", name) for name in ("One", "Two"))
        visit = self.perform("book", first)
        deal = self.Deal._open_deals(first, "appointments")
        self.Rule.search([]).enabled = False
        visit.action_change_patient(second.id, "Another person")
        self.drain()
        self.assertEqual(self.keys(first), ["appointments.booked"])
        self.assertFalse(deal.appointment_id or deal.appointment_start)

    def test_no_team_of_appointments(self):
        """Where the pipeline was deleted, the managers are asked about visits."""
        manager = new_test_user(
            self.env, "manages", groups="clinic_patient.group_clinic_manager"
        )
        self.env["ir.model.data"].search(
            [("module", "=", "clinic_pipeline"), ("name", "=", "team_appointments")]
        ).unlink()
        self.assertIn(manager, self.rome._managers_of_visits())

    def check_chatter(self, patient, key):
        """Some deal of the patient tells the rule that moved it."""
        rule = self.Rule.search([("key", "=", key)])
        deals = self.Deal.with_context(active_test=False).search(
            [("patient_id", "=", patient.id)]
        )
        said = "".join(str(body) for body in deals.message_ids.mapped("body"))
        self.assertIn(rule.name, said)
        self.assertIn(rule, deals.entry_ids.rule_id)

    def test_every_move_can_be_switched_off(self):
        """CRM-02: a move that is switched off does not happen; nothing else breaks."""
        for number, (key, before, steps, _after, _closed) in enumerate(MOVES):
            with self.subTest(rule=key, before=before, steps=steps):
                savepoint = self.env.cr.savepoint()
                rule = self.Rule.search([("key", "=", key)])
                rule.enabled = False
                patient = self.make_patient("Test", f"Number {number}")
                for each in before:
                    self.deal(each, patient)
                self.perform(steps, patient)
                deals = self.Deal.with_context(active_test=False).search(
                    [("patient_id", "=", patient.id)]
                )
                self.assertNotIn(rule, deals.entry_ids.rule_id)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_facts_of_the_visit(self):
        """CRM-03: the deal shows date, place, service, practitioner, visit type."""
        visit = self.perform("book")
        deal = self.Deal._open_deals(self.patient, "appointments")
        self.assertEqual(deal.appointment_id, visit)
        self.assertEqual(deal.appointment_start, visit.start)
        self.assertEqual(deal.appointment_when, visit.local_start)
        self.assertEqual(deal.location_id, self.rome)
        self.assertEqual(deal.service_id, self.service)
        self.assertEqual(deal.practitioner_id, self.anna)
        self.assertEqual(deal.visit_type, "first")
        visit._move(visit.start + timedelta(hours=1), practitioner=self.bruno)
        self.drain()
        self.assertEqual(deal.appointment_start, visit.start)
        self.assertEqual(deal.practitioner_id, self.bruno)

    def test_missed_has_a_reason(self):
        """CRM-01: a deal that a no-show closed has its reason."""
        self.perform("book miss")
        deal = self.Deal.search(
            [("stage_id.pipeline_key", "=", "appointments.missed")], limit=1
        )
        self.assertEqual(
            deal.lost_reason_id, self.env.ref("clinic_pipeline.lost_reason_missed")
        )
        self.assertEqual(deal.won_status, "lost")
        self.assertTrue(deal.date_closed)

    def test_repeated_drains_change_nothing(self):
        """CRM-02: a cause that is applied twice moves nothing twice."""
        visit = self.perform("book arrive")
        before = self.keys(), self.keys(is_open=False)
        for old, new in ((None, "booked"), ("booked", "arrived")):
            self.Cause._record(
                [
                    {
                        "kind": "visit",
                        "patient_id": self.patient.id,
                        "appointment_id": visit.id,
                        "old_state": old,
                        "new_state": new,
                    }
                ]
            )
        self.drain()
        self.assertEqual((self.keys(), self.keys(is_open=False)), before)

    def test_causes_wait_in_the_booking_transaction(self):
        """A booking writes one row and moves no deal itself."""
        self.book(self.tuesday(9))
        self.assertEqual(len(self.Cause.search([])), 1)
        self.assertFalse(self.keys())

    def test_history_moves_nothing(self):
        """Imports of what is over are no causes."""
        self.perform("came")
        self.assertFalse(self.keys())

    def test_held_times_are_no_deals(self):
        """A time held online moves nothing until it is booked."""
        visit = self.book(
            self.tuesday(10),
            state="held",
            hold_expires_at=self.tuesday(10),
        )
        self.drain()
        self.assertFalse(self.keys())
        visit.write({"state": "booked"})
        self.drain()
        self.assertEqual(self.keys(), ["appointments.booked"])

    def test_practitioner_sees_deals_of_own_visits(self):
        """OPS-01: a practitioner sees deals of own visits and no others."""
        user = new_test_user(
            self.env,
            "anna",
            groups="clinic_patient.group_clinic_practitioner",
            context={"no_reset_password": True},
        )
        self.anna.user_id = user
        self.perform("book")
        other = self.make_patient("Neri", "Ugo")
        self.deal("appointments.new", other)
        seen = self.Deal.with_user(user).search([])
        self.assertEqual(seen.patient_id, self.patient)


@tagged("post_install", "-at_install", "slow")
class TestPipelineProperty(PipelineCommon):
    def test_random_lives(self):
        """CRM-02: whatever happens to visits, there are never two open deals of one
        pipeline, nobody who came is missing in Patient Base, and the deal in
        Appointments stands where the next visit stands."""
        for seed in range(12):
            chance = random.Random(seed)
            patient = self.make_patient("Random", f"Seed {seed}")
            visits = self.env["clinic.appointment"]
            told = []
            for number in range(14):
                able = [
                    (visit, state)
                    for visit in visits
                    for state in sorted(TRANSITIONS[visit.state])
                    if state not in ("expired", "held")
                ]
                if not able or chance.random() < 0.25:
                    day = timedelta(days=seed % 3, minutes=30 * (number % 8))
                    try:
                        with self.env.cr.savepoint():
                            visits |= self.book(
                                self.tuesday(8) + day,
                                patient_id=patient.id,
                                practitioner=chance.choice([self.anna, self.bruno]),
                            )
                    except UserError:
                        continue
                    told.append("book")
                else:
                    visit, state = chance.choice(able)
                    try:
                        with self.during(visit), self.env.cr.savepoint():
                            visit.write({"state": state})
                    except UserError:
                        continue
                    told.append(f"{visit.id}:{state}")
                if chance.random() < 0.6:
                    self.drain()
                    self.check_whole(patient, visits, f"{seed}: {told}")
            self.drain()
            self.check_whole(patient, visits, f"{seed}: {told}")

    def check_whole(self, patient, visits, story):
        deals = self.Deal.search(
            [("patient_id", "=", patient.id), ("is_open", "=", True)]
        )
        pipelines = deals.mapped("pipeline")
        self.assertEqual(len(pipelines), len(set(pipelines)), story)
        states = set(visits.mapped("state"))
        if states & {"arrived", "in_room", "done", "closed"}:
            self.assertIn("base", pipelines, story)
        following = self.Deal._next_visit(patient)
        deal = deals.filtered(lambda d: d.pipeline == "appointments")
        if following:
            expected = "confirmed" if following.state == "confirmed" else "booked"
            self.assertEqual(
                deal.stage_id.pipeline_key, f"appointments.{expected}", story
            )
            self.assertEqual(deal.appointment_id, following, story)
        elif deal:
            self.assertEqual(
                deal.stage_id.pipeline_key, "appointments.searching", story
            )
