from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import RecallCommon


@tagged("post_install", "-at_install")
class TestNextStep(RecallCommon):
    """Each active patient has one next step, or stands on the list of those without."""

    def step(self, patient=None):
        return self.env["clinic.next.step"].search(
            [("patient_id", "=", (patient or self.patient).id)]
        )

    def without(self):
        return self.env["clinic.next.step"].search([("kind", "=", "none")]).patient_id

    def setUp(self):
        super().setUp()
        self.rule.active = False

    def test_active_patient_without_a_step(self):
        """A patient who was here and has nothing planned is found in the night."""
        self.past_visit("2026-01-10")
        stranger = self.make_patient("Never", "Here")
        self.night()
        self.assertEqual(self.without(), self.patient)
        step = self.step()
        self.assertEqual(step.since, date(2026, 3, 2))
        self.assertEqual(step.last_visit_on, date(2026, 1, 10))
        self.assertFalse(self.step(stranger), "not active: no step is asked for")
        with self.on("2026-03-05"):
            self.night()
            self.assertEqual(step.since, date(2026, 3, 2), "since the first day")

    def test_months_of_the_setting(self):
        """Who was here longer ago than the setting is not active; on treatment is."""
        self.past_visit("2025-05-10")
        self.env["ir.config_parameter"].set_param("clinic_recall.active_months", "6")
        self.night()
        self.assertFalse(self.step())
        self.patient.on_treatment = True
        self.night()
        self.assertEqual(self.without(), self.patient)
        self.patient.on_treatment = False
        self.night()
        self.assertFalse(self.step())

    def test_months_on_the_page_of_settings(self):
        """Written by an administrator; the list is worked out anew the same day."""
        self.past_visit("2025-05-10")
        self.night()
        self.assertEqual(self.without(), self.patient)
        settings = self.env["res.config.settings"]
        settings.create({"clinic_active_months": 6}).set_values()
        self.assertEqual(settings.create({}).clinic_active_months, 6)
        for _part in self.env["clinic.recall.cause"]._night():
            pass
        self.assertFalse(self.step())
        for months in (0, -1, 121):
            with self.subTest(months), self.assertRaises(ValidationError):
                settings.create({"clinic_active_months": months}).set_values()
        self.assertEqual(settings.create({}).clinic_active_months, 6)

    def test_each_source_is_a_step(self):
        """Visit, recall, plan, task, enquiry, closed: each takes the patient off."""
        self.past_visit("2026-01-10")
        user = self.env.user

        def visit():
            return self.book(self.tuesday(9)), "visit"

        def recall():
            return (
                self.Recall.create(
                    {"patient_id": self.patient.id, "due_date": "2026-05-01"}
                ),
                "recall",
            )

        def plan():
            return (
                self.env["clinic.care.plan"].create(
                    {"title": "Course", "patient_id": self.patient.id}
                ),
                "plan",
            )

        def task():
            return (
                self.patient.activity_schedule(
                    "mail.mail_activity_data_todo", user_id=user.id
                ),
                "task",
            )

        def enquiry():
            return (
                self.env["clinic.enquiry"].create({"patient_id": self.patient.id}),
                "enquiry",
            )

        for make in (visit, recall, plan, task, enquiry):
            with self.subTest(make.__name__):
                savepoint = self.env.cr.savepoint()
                _record, kind = make()
                self.night()
                self.assertEqual(self.step().kind, kind)
                self.assertFalse(self.step().since)
                self.assertEqual(len(self.step()), 1)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_most_binding_step_counts(self):
        """A visit counts before a recall; exactly one row in any case."""
        self.Recall.create({"patient_id": self.patient.id, "due_date": "2026-03-01"})
        visit = self.book(self.tuesday(9))
        self.work_out()
        self.assertEqual((self.step().kind, self.step().source_id), ("visit", visit.id))
        visit._cancel("ill")
        self.work_out()
        self.assertEqual(self.step().kind, "recall", "at once, not in the night")

    def test_give_a_next_step(self):
        """A recall by hand, from the list, for several at once."""
        other = self.make_patient("Second", "Sara")
        for patient in (self.patient, other):
            self.past_visit("2026-01-10", patient=patient, hour=9 + (patient == other))
        self.night()
        steps = self.env["clinic.next.step"].search([("kind", "=", "none")])
        self.assertEqual(steps.patient_id, self.patient | other)
        action = steps.action_give()
        self.env["clinic.next.step.give"].with_context(**action["context"]).create(
            {"due_date": "2026-04-01"}
        ).action_give()
        self.assertEqual(set(steps.mapped("kind")), {"recall"})
        self.assertEqual(set(steps.mapped("date")), {date(2026, 4, 1)})
        self.assertEqual(steps.owner_id, self.env.user)

    def test_close_with_a_reason(self):
        """Closed until a day, or until the patient comes again."""
        self.past_visit("2026-01-10")
        self.night()
        give = self.env["clinic.next.step.give"].create(
            {"patient_ids": self.patient.ids, "what": "close", "until": "2026-06-01"}
        )
        with self.assertRaises(UserError):
            give.action_give()
        give.reason_id = self.env.ref("clinic_recall.reason_close_done")
        give.action_give()
        self.assertEqual(self.step().kind, "closed")
        with self.on("2026-05-31"):
            self.night()
            self.assertEqual(self.step().kind, "closed")
        with self.on("2026-06-01"):
            self.night()
            self.assertEqual(self.step().kind, "none")
        give.until = False
        give.action_give()
        self.assertEqual(self.step().kind, "closed")
        visit = self.book(self.tuesday(9))
        with self.on("2026-03-03"):
            self.finish(visit)
            self.assertEqual(self.step().kind, "none", "a visit ends the closure")

    def test_counts_of_each_day(self):
        """The night writes down how many had which step; twice gives the same."""
        self.past_visit("2026-01-10")
        for _again in range(2):
            self.night()
        day = self.env["clinic.next.step.day"].search([("date", "=", "2026-03-02")])
        counts = {row.kind: row.patient_count for row in day}
        self.assertEqual(counts["none"], 1)
        self.assertEqual(len(day), len(set(day.mapped("kind"))))
        self.book(self.tuesday(9))
        with self.on("2026-03-03"):
            self.night()
        day = self.env["clinic.next.step.day"].search([("date", "=", "2026-03-03")])
        counts = {row.kind: row.patient_count for row in day}
        self.assertEqual((counts["none"], counts["visit"]), (0, 1), "a zero is shown")

    def test_owner_stays(self):
        """Who took it upon themselves keeps it, until a step has an owner."""
        self.past_visit("2026-01-10")
        self.night()
        owner = self.role("coordinator")
        self.step().owner_id = owner
        self.night()
        self.assertEqual(self.step().owner_id, owner)
        recall = self.Recall.create({"patient_id": self.patient.id})
        self.night()
        self.assertEqual(self.step().owner_id, recall.responsible_id)

    def test_card_says_the_next_step(self):
        """The card shows it, and opens it."""
        self.past_visit("2026-01-10")
        self.night()
        self.assertEqual(self.patient.next_step_text, "No next step")
        action = self.patient.action_next_step()
        self.assertEqual(action["res_model"], "clinic.next.step.give")
        visit = self.book(self.tuesday(9))
        self.work_out()
        self.patient.invalidate_recordset(["next_step_text"])
        self.assertEqual(self.patient.next_step_text, "Visit · 03/03/2026")
        self.assertEqual(self.patient.action_next_step()["res_id"], visit.id)
