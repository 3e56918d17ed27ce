from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.clinic_agenda.tests.common import NOW
from odoo.addons.clinic_patient.tests.common import group_of

from .common_followup import FollowupCommon


@tagged("post_install", "-at_install")
class TestFollowup(FollowupCommon):
    """Plans on patients: how they begin, go on and end."""

    def test_steps_are_laid_out_by_the_clock_of_the_location(self):
        """RCL-03: a day and an hour are those of the location, across the change of
        the clock on 29 March."""
        followup = self.follow()
        self.assertEqual(
            followup.step_ids.mapped("due"),
            [
                datetime(2026, 3, 3, 9, 0),
                datetime(2026, 3, 12, 9, 0),
                datetime(2026, 3, 30, 8, 0),
            ],
        )
        self.assertEqual(set(followup.step_ids.mapped("state")), {"planned"})
        self.assertEqual(followup.step_count, 3)

    def test_nothing_is_to_do_before_its_moment(self):
        """RCL-03: a step becomes to do when its moment has come, and once."""
        followup = self.follow()
        first = followup.step_ids[0]
        with freeze_time(first.due - timedelta(seconds=1)):
            self.run_steps()
            self.assertEqual(first.state, "planned")
        with freeze_time(first.due):
            self.run_steps()
            self.run_steps()
        self.assertEqual(
            followup.step_ids.mapped("state"), ["open", "planned", "planned"]
        )

    def test_a_finished_visit_begins_the_plans_for_it(self):
        """RCL-03: by rule, once for a visit, on the day of the visit."""
        plan = self.make_plan(
            "After cardiology",
            (2,),
            trigger="service",
            specialty_ids=[(4, self.specialty.id)],
        )
        other = self.env["clinic.specialty"].create({"name": "Dentistry"})
        self.make_plan(
            "After dentistry", (2,), trigger="service", specialty_ids=[(4, other.id)]
        )
        visit = self.book(self.tuesday(9))
        with freeze_time(self.tuesday(9, 20)):
            visit.action_arrive()
            visit.action_in_room()
            visit.action_done()
            visit.action_in_room()
            visit.action_done()
        followup = self.Followup.search([("patient_id", "=", self.patient.id)])
        self.assertEqual(followup.plan_id, plan)
        self.assertEqual(followup.anchor_date, date(2026, 3, 3))
        self.assertEqual(followup.practitioner_id, self.anna)
        self.assertEqual(followup.step_ids.due, datetime(2026, 3, 5, 9, 0))

    def test_going_home_begins_the_plans_for_it(self):
        """RCL-03: only services that end with a discharge."""
        self.make_plan("At home", (1,), trigger="discharge")
        visit = self.book(self.tuesday(9))
        operation = self.book(self.tuesday(11))
        service = self.make_service("Operation", ends_with_discharge=True)
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_appointment SET service_id = %s WHERE id = %s",
                service.id,
                operation.id,
            )
        )
        operation.invalidate_recordset()
        with freeze_time(self.tuesday(12)):
            (visit | operation).action_arrive()
            (visit | operation).action_done()
        self.assertEqual(self.Followup.search([]).appointment_id, operation)

    def test_a_signed_diagnosis_begins_the_plans_for_it(self):
        """RCL-03: a code stands for its finer ones; running plans are not doubled."""
        wide = self.env["clinic.condition"].search([("code", "=", "E11")])
        fine = self.env["clinic.condition"].search(
            [("code", "=like", "E11.%")], limit=1
        ) or self.env["clinic.condition"].create({"code": "E11.9", "name": "Fine"})
        plan = self.make_plan(
            "Diabetes", (30,), trigger="condition", condition_ids=[(4, wide.id)]
        )
        doctor = new_test_user(
            self.env, "doctor_f", groups="clinic_patient.group_clinic_practitioner"
        )
        self.patient.with_user(doctor).action_emergency_access("Came without a visit")
        for _again in range(2):
            encounter = (
                self.env["clinic.encounter"]
                .with_user(doctor)
                .create(
                    {
                        "patient_id": self.patient.id,
                        "complaint": "Thirst",
                        "plan": "Diet",
                        "diagnosis_ids": [(0, 0, {"condition_id": fine.id})],
                    }
                )
            )
            encounter.action_sign()
        followup = self.Followup.search([("plan_id", "=", plan.id)])
        self.assertEqual(len(followup), 1)
        self.assertEqual(followup.condition_id, fine)

    def test_a_segment_begins_in_one_go(self):
        """RCL-03: in batch; a repeat adds only who is new."""
        patients = self.env["res.partner"].create(
            [
                {"is_patient": True, "family_name": f"Batch{n}", "given_name": "A"}
                for n in range(30)
            ]
        )
        segment = self.env["clinic.segment"].create(
            {"name": "Batch", "domain": "[('family_name', '=like', 'Batch%')]"}
        )
        wizard = self.env["clinic.followup.assign"].create(
            {
                "plan_id": self.plan.id,
                "source": "segment",
                "segment_id": segment.id,
                "anchor_date": NOW.date(),
            }
        )
        wizard.action_assign()
        begun = self.Followup.search([("patient_id", "in", patients.ids)])
        self.assertEqual(len(begun), 30)
        self.assertEqual(len(begun.step_ids), 90)
        wizard.action_assign()
        self.assertEqual(
            self.Followup.search_count([("patient_id", "in", patients.ids)]), 30
        )

    def test_batch_costs_the_same_for_ten_and_for_many(self):
        """RCL-03: no query in a loop over patients."""
        cards = self.env["res.partner"].create(
            [
                {"is_patient": True, "family_name": f"Cost{n}", "given_name": "A"}
                for n in range(60)
            ]
        )

        def begin(patients, day):
            wizard = self.env["clinic.followup.assign"].create(
                {
                    "plan_id": self.plan.id,
                    "patient_ids": [(6, 0, patients.ids)],
                    "anchor_date": day,
                }
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            wizard.action_assign()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        begin(cards[:2], NOW.date())
        few = begin(cards[:10], NOW.date() + timedelta(days=1))
        many = begin(cards, NOW.date() + timedelta(days=2))
        self.assertLessEqual(many, few + 2)

    def test_old_steps_of_a_late_start_are_passed_over(self):
        """RCL-03: a plan for a visit a fortnight ago does not call about day one."""
        followup = self.follow(anchor_date=NOW.date() - timedelta(days=14))
        self.assertEqual(
            followup.step_ids.mapped("state"), ["skipped", "skipped", "planned"]
        )
        self.assertEqual(followup.step_ids[0].skip_reason, "late")
        self.assertEqual(followup.state, "active")

    def test_pause_and_go_on(self):
        """RCL-03: while paused nothing is due; what is left moves by the pause."""
        followup = self.follow()
        followup.action_pause()
        with freeze_time(NOW + timedelta(days=5)):
            self.run_steps()
            self.assertEqual(set(followup.step_ids.mapped("state")), {"planned"})
            followup.action_resume()
            self.assertEqual(followup.step_ids[0].due, datetime(2026, 3, 8, 9, 0))
            with self.assertRaises(UserError):
                followup.action_resume()

    def test_stop_takes_back_what_was_not_done(self):
        """RCL-03: with a reason; a repeat is harmless."""
        followup = self.follow()
        followup.step_ids[0]._finish("reached", "Fine")
        followup._stop("request", "No more calls")
        followup._stop("clinic")
        self.assertEqual(followup.state, "stopped")
        self.assertEqual(followup.stop_reason, "request")
        self.assertEqual(
            followup.step_ids.mapped("state"), ["done", "cancelled", "cancelled"]
        )
        with self.assertRaises(UserError):
            followup.step_ids[1]._finish("reached")

    def test_all_steps_over_is_finished(self):
        """RCL-03: the last step ends the follow-up."""
        followup = self.follow()
        for step in followup.step_ids:
            self.assertEqual(followup.state, "active")
            step._finish("reached")
        self.assertEqual(followup.state, "done")
        self.assertEqual(followup.progress, 100)

    def test_the_steps_move_with_the_visit(self):
        """RCL-03: day 0 is the day of the visit, wherever it goes."""
        visit = self.book(self.tuesday(9))
        followup = self.follow(appointment_id=visit.id, anchor_date=False)
        self.assertEqual(followup.step_ids[0].due, datetime(2026, 3, 4, 9, 0))
        visit._move(self.tuesday(9) + timedelta(days=2))
        self.assertEqual(followup.step_ids[0].due, datetime(2026, 3, 6, 9, 0))

    def test_a_booked_visit_makes_calls_needless(self):
        """RCL-03: what says so is passed over, and the booking is counted."""
        self.plan.step_ids[1:].skip_when_booked = True
        followup = self.follow()
        visit = self.book(self.tuesday(9))
        self.assertEqual(
            followup.step_ids.mapped("state"), ["planned", "skipped", "skipped"]
        )
        self.assertEqual(followup.booked_visit_id, visit)
        self.assertEqual(followup.booked_value, visit.price)

    def test_a_complaint_and_a_withdrawal_end_it(self):
        """RCL-03: who complains or withdraws is left alone, if the plan says so."""
        stubborn = self.make_plan("Anyway", (3,), stop_on_complaint=False)
        first, second = self.follow(), self.follow(plan=stubborn)
        self.patient._open_complaint({"title": "I waited long"})
        self.assertEqual((first.state, second.state), ("stopped", "active"))
        self.assertEqual(first.stop_reason, "complaint")
        Consent = self.env["clinic.consent"]
        Consent._decide(self.patient, "marketing", "given", "paper")
        self.assertEqual(second.state, "active")
        Consent._decide(self.patient, "marketing", "withdrawn", "paper")
        self.assertEqual(second.stop_reason, "withdrawal")

    def test_no_answer_comes_back_and_ends_as_unreachable(self):
        """RCL-05: three attempts, then the patient counts as not reached."""
        followup = self.follow()
        step = followup.step_ids[0]
        with freeze_time(step.due):
            self.run_steps()
            step._no_answer(self.later(hours=2))
            self.assertEqual((step.state, step.attempts), ("open", 1))
            self.assertEqual(step.due, self.later(hours=2))
            step._no_answer(self.later(hours=4))
            step._no_answer(self.later(hours=6))
        self.assertEqual((step.state, step.result), ("done", "unreachable"))

    def test_the_same_plan_once_for_a_cause(self):
        """RCL-03: the database refuses the second."""
        self.follow()
        with self.assertRaises(Exception) as caught, mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                self.follow()
        self.assertIn("_once", str(caught.exception))

    def test_follow_up_without_a_plan(self):
        """RCL-03: ad hoc, on one patient: the follower writes the steps."""
        followup = self.Followup.create(
            {
                "patient_id": self.patient.id,
                "name": "How is the knee?",
                "step_ids": [(0, 0, {"name": "Ask", "due": self.later(days=3)})],
            }
        )
        with freeze_time(NOW + timedelta(days=3)):
            self.run_steps()
            self.assertEqual(followup.step_ids.state, "open")
            followup.step_ids._finish("reached")
        self.assertEqual(followup.state, "done")

    def test_plans_that_begin_by_themselves_say_when(self):
        """RCL-03: an automatic plan without a cause would begin for everybody."""
        with self.assertRaises(ValidationError):
            self.make_plan("All", (1,), trigger="service")
        with self.assertRaises(ValidationError):
            self.make_plan("All", (1,), trigger="condition")

    def test_who_may_what(self):
        """OPS-01: the desk reads, followers work, the library is for few."""
        followup = self.follow()
        roles = {
            role: new_test_user(self.env, f"f_{role}", groups=group_of(role))
            for role in ("receptionist", "operator", "coordinator", "cashier")
        }
        followup.with_user(roles["receptionist"]).read(["name"])
        followup.with_user(roles["operator"]).action_pause()
        self.plan.with_user(roles["coordinator"]).name = "Other"
        for role in ("receptionist", "cashier"):
            with self.subTest(role), self.assertRaises(AccessError):
                followup.with_user(roles[role]).write({"name": "X"})
        for role in ("operator", "receptionist"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.plan.with_user(roles[role]).write({"name": "X"})
        with self.assertRaises(AccessError):
            followup.with_user(roles["coordinator"]).read(["condition_id"])
        with self.assertRaises(AccessError):
            followup.with_user(roles["operator"]).read(["booked_value"])

    def test_other_companies(self):
        """OPS-01: follow-ups of another company are out of sight."""
        company = self.env["res.company"].create({"name": "Other"})
        followup = self.follow()
        followup.company_id = company
        user = new_test_user(
            self.env, "f_c", groups="clinic_patient.group_clinic_coordinator"
        )
        self.assertFalse(self.Followup.with_user(user).search([]))
        self.assertFalse(self.Step.with_user(user).search([]))

    def test_next_steps(self):
        """A running follow-up is a next step of its patient, with its owner."""
        followup = self.follow()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "WITH wanted AS (SELECT %s::int AS id) %s",
                self.patient.id,
                self.Followup._next_step_query(),
            )
        )
        self.assertEqual(rows, [(self.patient.id, date(2026, 3, 3), None, followup.id)])
        followup._stop("clinic")

    def test_merged_cards(self):
        """PAT-05: follow-ups go with the card, and come back."""
        twin = self.make_patient("Rossi", "Maria B")
        mine, hers = self.follow(), self.follow(patient=twin)
        other = self.make_plan("Second", (5,))
        only = self.follow(patient=twin, plan=other)
        merge = self.env["clinic.merge"]._merge(twin, self.patient)
        self.env.invalidate_all()
        self.assertEqual(only.patient_id, self.patient)
        self.assertEqual(only.step_ids.patient_id, self.patient)
        self.assertTrue(mine.exists())
        merge._undo()
        self.env.invalidate_all()
        self.assertEqual(only.patient_id, twin)
        self.assertEqual(only.step_ids.patient_id, twin)
        self.assertEqual(hers.exists().patient_id, twin)
        self.assertEqual(len(hers.step_ids), 3)


@tagged("post_install", "-at_install")
class TestQuestionnaire(FollowupCommon):
    """Answers, limits, and who is told."""

    def answer(self, step, pain, wound="Dry", channel="call"):
        pain_q, wound_q, _words = self.questionnaire.question_ids
        choice = wound_q.choice_ids.filtered(lambda one: one.name == wound)
        return self.env["clinic.followup.answer"]._record(
            step, {str(pain_q.id): str(pain), str(wound_q.id): str(choice.id)}, channel
        )

    def step(self):
        plan = self.env["clinic.followup.plan"].create(
            {
                "name": "Ask",
                "step_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Ask",
                            "kind": "questionnaire",
                            "questionnaire_id": self.questionnaire.id,
                        },
                    )
                ],
            }
        )
        followup = self.follow(plan=plan, practitioner_id=self.anna.id)
        return followup.step_ids

    def test_scores_and_limits(self):
        """RCL-03: an answer past its limit is put before the practitioner."""
        doctor = new_test_user(
            self.env, "d", groups="clinic_patient.group_clinic_practitioner"
        )
        self.anna.user_id = doctor
        fine = self.answer(self.step(), 3)
        self.assertFalse(fine.is_alert)
        self.assertFalse(fine.activity_ids)
        self.plan = self.plan.copy()
        for pain, wound in ((7, "Dry"), (0, "Open")):
            followup = fine.followup_id.copy({"cause_key": f"{pain}"})
            step = self.Step.create(
                {
                    "followup_id": followup.id,
                    "name": "Ask",
                    "questionnaire_id": self.questionnaire.id,
                }
            )
            answer = self.answer(step, pain, wound)
            self.assertTrue(answer.is_alert)
            self.assertEqual(answer.activity_ids.user_id, doctor)
            answer.with_user(doctor).action_seen()
            self.assertFalse(answer.activity_ids)
            self.assertEqual(answer.seen_by_id, doctor)

    def test_sum_of_scores(self):
        """RCL-03: many small things are one big thing."""
        self.questionnaire.alert_score = 5
        self.assertTrue(self.answer(self.step(), 6).is_alert)

    def test_bad_answers_change_nothing(self):
        """RCL-03: missing, impossible or second answers are refused with words."""
        step = self.step()
        pain, wound, _words = self.questionnaire.question_ids
        Answer = self.env["clinic.followup.answer"]
        for values in (
            {},
            {pain.id: "11", wound.id: wound.choice_ids[0].id},
            {pain.id: "much", wound.id: wound.choice_ids[0].id},
            {pain.id: "3", wound.id: "0"},
            {pain.id: "nan", wound.id: wound.choice_ids[0].id},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                Answer._record(step, values, "link")
        self.assertFalse(Answer.search([("step_id", "=", step.id)]))
        self.answer(step, 1)
        with self.assertRaises(UserError):
            self.answer(step, 1)

    def test_nobody_rewrites_an_answer(self):
        """OPS-01: whoever asks may not change what was said."""
        user = new_test_user(
            self.env, "o", groups="clinic_patient.group_clinic_operator"
        )
        step = self.step()
        answer = self.answer(step.with_user(user), 2).with_user(user)
        self.assertEqual(answer.user_id, user)
        with self.assertRaises(AccessError):
            answer.write({"score": 0})
        with self.assertRaises(AccessError):
            answer.line_ids.write({"value_number": 0})
