from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_agenda.tests.common import NOW
from odoo.addons.clinic_patient.tests.common import group_of

from .common_followup import FollowupCommon


@tagged("post_install", "-at_install")
class TestFollowerDesk(FollowupCommon):
    """One screen: what is due today for me, in order, and how it is dealt with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = "clinic_patient.group_clinic_"
        cls.fiona, cls.otto = (
            new_test_user(cls.env, name, groups=f"{group}operator", tz="Europe/Rome")
            for name in ("fiona", "otto")
        )
        cls.plan.owner_id = cls.fiona
        cls.Desk = cls.env["clinic.follower.desk"].with_user(cls.fiona)

    def open_step(self, due, owner=None, patient=None, **vals):
        """An ad-hoc step that is to do."""
        followup = self.Followup.create(
            {
                "patient_id": (patient or self.patient).id,
                "name": "Ask",
                "owner_id": (owner or self.fiona).id,
                "location_id": self.rome.id,
            }
        )
        step = self.Step.create(
            {"followup_id": followup.id, "name": "Ask", "due": due, **vals}
        )
        self.run_steps()
        return step

    def test_order_and_counts(self):
        """RCL-05: overdue first, then answers, then by time; what is later waits."""
        with freeze_time(NOW + timedelta(hours=6)):
            noon = self.open_step(NOW + timedelta(hours=5))
            early = self.open_step(NOW + timedelta(hours=1))
            old = self.open_step(NOW - timedelta(days=2))
            self.open_step(NOW + timedelta(days=2))
            self.open_step(NOW, owner=self.otto)
            desk = self.Desk.get_desk()
            self.assertEqual(
                [item["id"] for item in desk["items"]], [old.id, early.id, noon.id]
            )
            self.assertEqual(desk["counts"]["overdue"], 1)
            self.assertEqual(desk["counts"]["today"], 2)
            self.assertTrue(desk["items"][0]["overdue"])
            self.assertEqual(len(self.Desk.get_desk(True)["items"]), 4)

    def test_midnight_is_that_of_the_follower(self):
        """RCL-05: yesterday is overdue from midnight at the follower's place."""
        with freeze_time("2026-03-02 23:30:00"):
            self.open_step("2026-03-02 22:59:00")
            self.open_step("2026-03-02 23:01:00")
            counts = self.Desk.get_desk()["counts"]
        self.assertEqual((counts["overdue"], counts["today"]), (1, 1))

    def test_one_patient(self):
        """RCL-05: header, telephone numbers that may be called, dots, script."""
        self.plan.step_ids[0].script = "<p>Good morning</p>"
        self.patient.write(
            {
                "phone_ids": [
                    (0, 0, {"number": "+442079460111", "is_preferred": True}),
                    (0, 0, {"number": "+442079460222", "allow_call": False}),
                ]
            }
        )
        step = self.follow().step_ids[0]
        detail = self.Desk.get_item("step", step.id)
        self.assertEqual(
            [phone["e164"] for phone in detail["patient"]["phones"]],
            ["+442079460111"],
        )
        self.assertEqual(
            [dot["current"] for dot in detail["dots"]], [True, False, False]
        )
        self.assertIn("Good morning", detail["step"]["script"])

    def test_done_with_answers(self):
        """RCL-05: the questionnaire is filled during the call; all or nothing."""
        step = self.open_step(NOW, questionnaire_id=self.questionnaire.id)
        pain, wound, _words = self.questionnaire.question_ids
        with self.assertRaises(UserError):
            self.Desk.done(step.id, "Fine", {str(pain.id): "2"})
        self.assertEqual(step.state, "open")
        self.Desk.done(
            step.id,
            "Fine",
            {str(pain.id): "8", str(wound.id): str(wound.choice_ids[0].id)},
        )
        self.assertEqual((step.state, step.result), ("done", "answered"))
        self.assertEqual(step.done_by_id, self.fiona)
        [item] = self.Desk.get_desk()["items"]
        self.assertEqual(item["kind"], "answer")
        self.Desk.seen(item["id"])
        self.assertFalse(self.Desk.get_desk()["items"])

    def test_no_answer_later_and_stop(self):
        """RCL-05: the next try, another time, the end; past moments are refused."""
        step = self.open_step(NOW)
        self.Desk.no_answer(step.id, "2026-03-02 10:00:00")
        self.assertEqual(step.attempts, 1)
        for bad in ("2026-03-01 10:00:00", "2036-03-01 10:00:00", "soon", False):
            with self.subTest(bad), self.assertRaises(UserError):
                self.Desk.call_later(step.id, bad)
        self.Desk.call_later(step.id, "2026-03-04 10:00:00", "On Wednesday")
        self.assertEqual((step.attempts, step.note), (1, "On Wednesday"))
        self.assertFalse(self.Desk.get_desk()["items"])
        with self.assertRaises(UserError):
            self.Desk.stop_plan(step.id, "complaint")
        self.Desk.stop_plan(step.id, "request", "Wants no calls")
        self.assertEqual(step.followup_id.stop_note, "Wants no calls")
        with self.assertRaises(UserError):
            self.Desk.done(step.id)

    def test_visits_of_today(self):
        """RCL-05: patients of mine who come today are on the list."""
        self.follow()
        visit = self.book(self.tuesday(9))
        with freeze_time(self.tuesday(7)):
            desk = self.Desk.get_desk()
            self.assertIn(
                ("visit", visit.id), [(one["kind"], one["id"]) for one in desk["items"]]
            )
            detail = self.Desk.get_item("visit", visit.id)
        self.assertEqual(detail["visit"]["practitioner"], self.anna.name)

    def test_what_patients_wrote(self):
        """RCL-05: an answer of a patient of mine is put before me."""
        self.patient.email = "maria@example.com"
        self.follow()
        message = self.env["clinic.message"]._receive(
            self.env.ref("clinic_message.provider_odoo_mail"),
            "email",
            "maria@example.com",
            "The wound is red",
            "uid-desk",
        )
        [item] = self.Desk.get_desk()["items"]
        self.assertEqual((item["kind"], item["id"]), ("message", message.id))
        detail = self.Desk.get_item("message", message.id)
        self.assertEqual(detail["message"]["body"], "The wound is red")
        self.assertFalse(self.Desk.with_user(self.otto).get_desk()["counts"]["answers"])

    def test_paused_and_stopped_ones_are_off_the_desk(self):
        """RCL-05: nobody calls a patient whose plan rests."""
        step = self.open_step(NOW)
        step.followup_id.action_pause()
        self.assertFalse(self.Desk.get_desk()["items"])

    def test_cost_does_not_grow_with_the_list(self):
        """RCL-05: a long day opens as quickly as a short one."""

        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Desk.get_desk()
            return self.env.cr.sql_log_count - before

        self.open_step(NOW)
        cost()
        few = cost()
        for number in range(40):
            self.open_step(NOW, patient=self.make_patient("Many", f"P{number}"))
        self.assertLessEqual(cost(), few + 3)

    def test_who_has_no_desk(self):
        """OPS-01: the desk is for those who make calls."""
        step = self.open_step(NOW)
        for role in ("receptionist", "marketing", "cashier"):
            user = new_test_user(self.env, f"n_{role}", groups=group_of(role))
            desk = self.env["clinic.follower.desk"].with_user(user)
            with self.subTest(role):
                for call in (
                    desk.get_desk,
                    lambda d=desk: d.get_item("step", step.id),
                    lambda d=desk: d.done(step.id),
                ):
                    with self.assertRaises(AccessError):
                        call()

    def test_analysis(self):
        """RCL-07: response, booking and revenue; money only for who may see it."""
        self.open_step(NOW)
        followup = self.follow()
        followup.step_ids[0]._finish("reached")
        visit = self.book(self.tuesday(9))
        visit.sudo().price = 80
        followup.booked_value = 80
        self.env.flush_all()
        [row] = self.env["clinic.followup.analysis"]._read_group(
            [("plan_id", "=", self.plan.id)],
            [],
            ["responded:sum", "booked:sum", "revenue:sum", "response_rate:avg"],
        )
        self.assertEqual(row, (1, 1, 80.0, 100.0))
        coordinator = new_test_user(
            self.env, "a_c", groups="clinic_patient.group_clinic_coordinator"
        )
        analysis = self.env["clinic.followup.analysis"].with_user(coordinator)
        self.assertTrue(analysis.search([]).mapped("responded"))
        for groupby, aggregates in (([], ["revenue:sum"]), (["condition_id"], [])):
            with self.subTest(groupby), self.assertRaises(AccessError):
                analysis._read_group([], groupby, aggregates)
