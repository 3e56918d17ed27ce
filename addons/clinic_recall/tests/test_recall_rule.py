from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RecallCommon


@tagged("post_install", "-at_install")
class TestRecallRule(RecallCommon):
    """Who gets a recall of which rule, and when it is due."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule.active = False
        cls.sister = cls.make_patient("Rossi", "Sara", sex="female")
        cls.patient.write({"sex": "female", "birth_date": "1976-03-20"})

    def work(self, rule):
        rule._work_out()
        return self.Recall.search([("rule_id", "=", rule.id)])

    def test_delay_units(self):
        """RCL-01: days, weeks, months to the end of a short month, years."""
        self.past_visit("2025-08-31")
        for delay, unit, due in (
            (200, "day", "2026-03-19"),
            (30, "week", "2026-03-29"),
            (6, "month", "2026-02-28"),
            (1, "year", "2026-08-31"),
        ):
            with self.subTest(unit):
                rule = self.make_rule(unit, delay=delay, delay_unit=unit)
                self.assertEqual(str(self.work(rule).due_date), due)

    def test_service_specialty_age_and_sex(self):
        """RCL-01: each condition narrows; ages are those of the day it is due."""
        self.past_visit("2025-09-20")
        for vals, expected in (
            ({"service_ids": [Command.set(self.service.ids)]}, True),
            ({"service_ids": [Command.set(self.make_service("Echo").ids)]}, False),
            ({"specialty_ids": [Command.set(self.specialty.ids)]}, True),
            ({"sex": "female"}, True),
            ({"sex": "male"}, False),
            # Fifty on 20 March 2026, the very day it is due.
            ({"age_from": 50}, True),
            ({"age_from": 51}, False),
            ({"age_to": 49}, False),
            ({"age_from": 50, "age_to": 50}, True),
        ):
            with self.subTest(vals):
                rule = self.make_rule("Narrow", **vals)
                self.assertEqual(bool(self.work(rule)), expected)

    def test_conditions_with_finer_codes(self):
        """RCL-01: a diagnosis and finer codes; who never had the check: now."""
        codes = self.env["clinic.condition"]
        above = codes.search([("code", "=", "E11")]) or codes.create(
            {"code": "E11", "name": "Type 2 diabetes"}
        )
        finer = codes.search([("code", "=", "E11.9")]) or codes.create(
            {"code": "E11.9", "name": "Type 2 diabetes without complications"}
        )
        self.patient.condition_ids = finer
        eyes = self.make_service("Eye check")
        rule = self.make_rule(
            "Eyes once a year",
            trigger="people",
            condition_ids=[Command.set(above.ids)],
            book_service_id=eyes.id,
            delay=12,
        )
        self.assertTrue(rule.uses_health)
        recall = self.work(rule)
        self.assertEqual(recall.patient_id, self.patient)
        self.assertEqual((recall.due_date, recall.state), (date(2026, 3, 2), "due"))
        self.assertEqual(recall.service_id, eyes)
        self.assertEqual(self.work(rule), recall, "twice: nothing new")
        self.past_visit("2026-03-02", service=eyes, hour=3)
        self.assertEqual(recall.close_reason, "came")
        with self.on("2027-02-01"):
            second = self.work(rule) - recall
            self.assertEqual(second.due_date, date(2027, 3, 2))

    def test_segment_with_the_rights_of_the_owner(self):
        """RCL-01: patients of a segment; an owner without rights makes the rule say so
        and the others go on."""
        segment = self.env["clinic.segment"].create(
            {
                "name": "Owes",
                "domain": "[('balance_due', '>', 10)]",
                "sharing": "shared",
            }
        )
        self.patient.balance_due = 20
        rule = self.make_rule("Owes", trigger="people", segment_id=segment.id)
        self.assertEqual(self.work(rule).patient_id, self.patient)
        coordinator = self.role("coordinator")
        with self.assertRaises(AccessError):
            rule.owner_id = coordinator
        self.env.cr.execute(
            "UPDATE clinic_recall_rule SET owner_id = %s WHERE id = %s",
            [coordinator.id, rule.id],
        )
        rule.invalidate_recordset()
        with mute_logger("odoo.addons.clinic_recall.models.clinic_recall_rule_due"):
            self.assertEqual(rule._work_out(), 0)
        self.assertIn("owner", rule.error)

    def test_birthday(self):
        """RCL-01: made a month ahead, due on the birthday, once."""
        rule = self.make_rule(
            "Fifty", trigger="birthday", birthday_age=50, delay=0, match="any"
        )
        recall = self.work(rule)
        self.assertEqual(
            (recall.patient_id, recall.due_date), (self.patient, date(2026, 3, 20))
        )
        other = self.make_patient("Leap", "Lea", birth_date="1976-02-29")
        self.assertEqual(self.work(rule) - recall, self.recalls(rule, other))
        self.assertEqual(self.recalls(rule, other).due_date, date(2026, 2, 28))
        self.make_patient("Later", "Lara", birth_date="1976-04-20")
        self.assertEqual(len(self.work(rule)), 2, "in seven weeks: not yet")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            rule.age_from, rule.age_to = 10, 5

    def test_end_of_treatment(self):
        """RCL-01: so long after a treatment ended (discharge)."""
        rule = self.make_rule("After treatment", trigger="treatment_end", match="any")
        plan = self.env["clinic.care.plan"].create(
            {
                "title": "Course",
                "patient_id": self.patient.id,
                "line_ids": [Command.create({"service_id": self.service.id})],
            }
        )
        for step in ("submit", "approve", "present", "accept", "sign_at_desk"):
            getattr(plan, f"action_{step}")()
        self.work_out()
        self.assertFalse(self.recalls(rule))
        plan.action_finish()
        self.work_out()
        self.assertEqual(self.recalls(rule).due_date, date(2026, 9, 2))

    def test_no_show_and_cancellation(self):
        """RCL-04: the lists fill themselves; who is booked again is not on them."""
        self.env["clinic.recall.rule"].with_context(active_test=False).search(
            [("trigger", "in", ("no_show", "cancelled", "enquiry"))]
        ).active = True
        missed = self.env.ref("clinic_recall.rule_no_show")
        cancelled = self.env.ref("clinic_recall.rule_cancelled")
        visit = self.book(self.tuesday(9))
        with self.during(visit):
            visit.action_no_show()
        self.work_out()
        recall = self.recalls(missed)
        self.assertEqual(
            (recall.due_date, recall.service_id), (date(2026, 3, 4), self.service)
        )
        reason = self.env.ref("clinic_recall.reason_missed_ill")
        outcome = self.env["clinic.recall.outcome"].create(
            {"recall_ids": recall.ids, "result": "declined"}
        )
        self.assertIn(reason, outcome.allowed_reason_ids)
        self.assertNotIn(
            self.env.ref("clinic_recall.reason_not_booked_fear"),
            outcome.allowed_reason_ids,
        )
        recall.reason_id = reason
        again = self.book(self.tuesday(11))
        self.work_out()
        self.assertEqual((recall.state, recall.appointment_id), ("booked", again))
        again._cancel("ill", by="patient")
        self.work_out()
        self.assertEqual(recall.reopened_because, "cancelled")
        visit.action_back_to_booked()
        self.work_out()
        self.assertEqual(recall.close_reason, "cause_gone", "marked by mistake")
        second = self.book(self.tuesday(10), patient_id=self.sister.id)
        second._cancel("work", by="patient")
        self.work_out()
        self.assertEqual(
            self.recalls(cancelled, self.sister).due_date, date(2026, 3, 4)
        )
        # What is written later on the cancelled visit is no second cancellation.
        with freeze_time(self.tuesday(8)):
            second.room_id = self.env["clinic.room"].create(
                {"name": "Two", "location_id": self.rome.id}
            )
            self.work_out()
        self.assertEqual(
            self.recalls(cancelled, self.sister).due_date, date(2026, 3, 4)
        )

    def test_enquiry_without_booking(self):
        """RCL-04: who enquired and did not book; booked or closed, it ends."""
        rule = self.env.ref("clinic_recall.rule_enquiry")
        rule.active = True
        enquiry = self.env["clinic.enquiry"].create(
            {"patient_id": self.patient.id, "intention": "high", "channel": "phone"}
        )
        self.env["clinic.enquiry"].create(
            {"patient_id": self.sister.id, "intention": "none", "channel": "phone"}
        )
        self.work_out()
        recall = self.recalls(rule)
        self.assertEqual(recall.due_date, date(2026, 3, 5))
        self.assertFalse(self.recalls(rule, self.sister), "no interest")
        self.book(self.tuesday(9))
        self.work_out()
        self.assertEqual(recall.state, "booked")
        self.assertTrue(enquiry)

    def test_shipped_rules(self):
        """RCL-04: no-show, cancelled and enquiry come with the addon, with attempts."""
        for name in ("rule_no_show", "rule_cancelled", "rule_enquiry", "rule_hand"):
            self.assertTrue(self.env.ref(f"clinic_recall.{name}").step_ids)
        kinds = set(self.env["clinic.recall.reason"].search([]).mapped("kind"))
        self.assertEqual(kinds, {"decline", "missed", "not_booked", "close"})

    def test_rule_for_everybody_is_refused(self):
        """A rule must say for whom."""
        with self.assertRaises(ValidationError):
            self.make_rule("All", trigger="people")


@tagged("post_install", "-at_install")
class TestRecallReport(RecallCommon):
    """What the analysis says is what happened."""

    def test_figures(self):
        """RCL-07: due, contacted, reached, booked, came, revenue, by whom."""
        self.past_visit("2025-09-02")
        [recall] = self.recalls()
        recall.action_no_answer()
        recall.action_later()
        self.finish(self.book(self.tuesday(9)))
        report = self.env["clinic.recall.report"]
        [line] = report._read_group(
            [("rule_id", "=", self.rule.id), ("state", "=", "closed")],
            ["rule_id"],
            [
                f"{name}:sum"
                for name in (
                    "due_count",
                    "contacted_count",
                    "reached_count",
                    "booked_count",
                    "after_contact_count",
                    "came_count",
                    "attempt_count",
                    "revenue",
                )
            ]
            + ["came_rate:avg", "response_rate:avg"],
        )
        self.assertEqual(line[1:], (1, 1, 1, 1, 1, 1, 2, 100, 100, 100))
        coordinator = report.with_user(self.role("coordinator"))
        self.assertTrue(coordinator.search_count([]))
        with self.assertRaises(AccessError):
            coordinator._read_group([], ["rule_id"], ["revenue:sum"])

    def test_each_dimension(self):
        """RCL-07: department, practitioner, condition, employee and month, of recalls
        and of follow-ups: response, booking, revenue."""
        sides = {
            "clinic.recall.report": ("responsible_id", "due_date", "booked_rate"),
            "clinic.followup.analysis": ("owner_id", "date", "booking_rate"),
        }
        for model, (employee, day, booking) in sides.items():
            groups = ("specialty_id", "practitioner_id", "condition_id", employee)
            for group in (*groups, f"{day}:month"):
                with self.subTest(model=model, group=group):
                    self.env[model]._read_group(
                        [],
                        [group],
                        ["response_rate:avg", f"{booking}:avg", "revenue:sum"],
                    )
            search = self.env[model].get_view(view_type="search")["arch"]
            for group in groups:
                self.assertIn(f"'group_by': '{group}'", search)
            self.assertIn(f"{day}:month", search)
