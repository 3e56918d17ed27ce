from contextlib import nullcontext
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..lib.recall_life import STATES
from .common import RecallCommon


@tagged("post_install", "-at_install")
class TestRecallLife(RecallCommon):
    """From the visit that is done to the visit that is booked."""

    def test_visit_done_makes_one_recall(self):
        """RCL-01: created when a visit is done, due six months later, once."""
        visit = self.book(self.tuesday(9))
        self.work_out()
        self.assertFalse(self.recalls())
        self.finish(visit)
        recall = self.recalls()
        self.assertEqual(len(recall), 1)
        self.assertEqual(recall.due_date, date(2026, 9, 3))
        self.assertEqual(recall.state, "later")
        self.assertEqual(recall.service_id, self.service)
        self.assertEqual(recall.next_attempt_on, date(2026, 9, 3))
        self.assertEqual(recall.practitioner_id, self.anna)
        self.night()
        self.night()
        self.assertEqual(self.recalls(), recall, "a night repeated makes nothing new")

    def test_in_the_transaction_only_a_row(self):
        """RCL-01: ending a visit makes no recall itself and writes one row."""
        visit = self.book(self.tuesday(9))
        with self.during(visit):
            visit.action_arrive()
        self.work_out()
        with self.during(visit):
            visit.action_done()
        self.assertFalse(self.recalls())
        waiting = self.env["clinic.recall.cause"].search([])
        self.assertEqual(set(waiting.mapped("partner_id")), {self.patient.id})

    def test_states_by_day(self):
        """RCL-01: due later, due, overdue, contacted, unreachable, as days pass."""
        self.past_visit("2025-09-02")
        [recall] = self.recalls()
        self.assertEqual(recall.due_date, date(2026, 3, 2))
        seen = {}
        for day in (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 16)):
            with self.on(day):
                self.night()
                seen[day] = recall.state
        self.assertEqual(list(seen.values()), ["later", "due", "overdue"])
        with self.on("2026-03-16"):
            recall.action_no_answer()
            self.assertEqual(recall.state, "contacted")
            self.assertEqual(recall.next_attempt_on, date(2026, 3, 23), "cools down")
            self.assertEqual(recall.contacted_on, date(2026, 3, 16))
            self.assertFalse(recall.reached_on)
        with self.on("2026-03-23"):
            self.night()
            self.assertEqual(recall.state, "overdue", "comes back by itself")
            recall.action_no_answer()
            self.assertEqual(recall.state, "contacted")
        with self.on("2026-04-05"):
            self.night()
            self.assertEqual(recall.state, "contacted")
        with self.on("2026-04-06"):
            self.night()
            self.assertEqual(recall.state, "unreachable")
        self.assertEqual(recall.attempt_count, 2)
        self.assertEqual(recall.attempt_ids.mapped("result"), ["no_answer"] * 2)

    def test_attempt_before_the_due_date(self):
        """RCL-01: an offset before the due date makes the recall due that early."""
        rule = self.make_rule(
            "Early",
            ((-10, "call"), (0, "call")),
            service_ids=[Command.set(self.service.ids)],
        )
        self.past_visit("2025-09-12")
        [recall] = self.recalls(rule)
        self.assertEqual(recall.due_date, date(2026, 3, 12))
        self.assertEqual(recall.state, "due")
        self.assertEqual(recall.next_attempt_on, date(2026, 3, 2))
        with self.on("2026-03-01"):
            self.night()
            self.assertEqual(recall.state, "later")

    def test_booking_by_any_path_fulfils_it(self):
        """RCL-01: desk or portal, the recall is booked; came when the visit is done."""
        self.past_visit("2025-09-02")
        [recall] = self.recalls()
        recall.action_no_answer()
        visit = self.book(self.tuesday(10), practitioner=self.bruno, channel="portal")
        self.work_out()
        self.assertEqual((recall.state, recall.appointment_id), ("booked", visit))
        self.assertEqual(recall.booked_on, visit.create_date.date())
        self.assertFalse(recall.next_attempt_on)
        self.finish(visit)
        self.assertEqual((recall.state, recall.close_reason), ("closed", "came"))
        self.assertEqual(recall.came_on, date(2026, 3, 3))
        after = self.recalls() - recall
        self.assertEqual(after.due_date, date(2026, 9, 3), "and it begins anew")

    def test_another_service_does_not_fulfil_it(self):
        """RCL-01: only a matching visit counts; the rule says what matches."""
        other = self.make_service("Echo", duration=30)
        self.past_visit("2025-09-02")
        [recall] = self.recalls()
        self.env["clinic.offer"].create(
            {
                "practitioner_id": self.anna.id,
                "service_id": other.id,
                "location_id": self.rome.id,
            }
        )
        self.book(self.tuesday(11), service_id=other.id)
        self.work_out()
        self.assertEqual(recall.state, "due")
        self.rule.match = "specialty"
        self.night()
        self.assertEqual(recall.state, "booked")

    def test_visit_that_falls_through_opens_it_again(self):
        """RCL-01 RCL-04: cancelled or missed, the attempts begin anew that day."""
        self.past_visit("2025-09-02")
        [recall] = self.recalls()
        recall.action_no_answer()
        for state, end in (
            ("cancelled", lambda visit: visit._cancel("ill", by="patient")),
            ("no_show", lambda visit: visit.action_no_show()),
        ):
            with self.subTest(state):
                visit = self.book(self.tuesday(10))
                self.work_out()
                self.assertEqual(recall.state, "booked")
                with self.during(visit) if state == "no_show" else nullcontext():
                    end(visit)
                self.work_out()
                self.assertEqual(recall.state, "due")
                self.assertEqual(recall.reopened_because, state)
                self.assertEqual(recall.lost_visit_id, visit)
                self.assertEqual(recall.anchor_date, date(2026, 3, 2))
                # The cool-down since the call still holds.
                self.assertEqual(recall.next_attempt_on, date(2026, 3, 9))
                self.assertEqual(self.recalls(), recall)

    def test_visit_that_nobody_marked(self):
        """A visit that was neither done nor missed for a week fulfils nothing."""
        self.past_visit("2025-09-02")
        [recall] = self.recalls()
        self.book(self.tuesday(10))
        for day, state in (("2026-03-10", "booked"), ("2026-03-11", "due")):
            with self.on(day):
                self.night()
                self.assertEqual(recall.state, state)
        self.assertEqual(recall.anchor_date, date(2026, 3, 11))
        self.assertFalse(recall.reopened_because)

    def test_undone_visit_takes_its_recall_back(self):
        """A wrong click on “Done” leaves no recall behind, and may be repeated."""
        visit = self.book(self.tuesday(9))
        self.finish(visit)
        [recall] = self.recalls()
        with self.during(visit):
            visit.action_in_room()
        self.work_out()
        self.assertEqual(recall.close_reason, "cause_gone")
        with self.during(visit):
            visit.action_done()
        self.work_out()
        self.assertEqual((recall.state, recall.close_reason), ("later", False))
        self.assertEqual(self.recalls(), recall)

    def test_newer_cause_replaces(self):
        """RCL-01: one open recall of a rule: the later visit counts."""
        self.rule.match = "any"
        other = self.make_rule(
            "Twice", match="specialty", service_ids=[Command.set(self.service.ids)]
        )
        self.past_visit("2025-10-01")
        self.past_visit("2025-12-01")
        for rule in (self.rule, other):
            first, second = self.recalls(rule)
            self.assertEqual((first.state, first.close_reason), ("closed", "came"))
            self.assertEqual(
                (second.state, second.due_date), ("later", date(2026, 6, 1))
            )

    def test_declined_and_asked_again(self):
        """RCL-01: a refusal with its reason rests, then comes back."""
        self.rule.decline_days = 30
        self.past_visit("2025-09-02")
        [recall] = self.recalls()
        outcome = self.env["clinic.recall.outcome"].create(
            {"recall_ids": recall.ids, "result": "declined"}
        )
        with self.assertRaises(UserError):
            outcome.action_save()
        outcome.reason_id = self.env.ref("clinic_recall.reason_price")
        outcome.action_save()
        self.assertEqual(
            (recall.state, recall.reason_id.name), ("declined", "Too expensive")
        )
        self.assertFalse(recall.next_attempt_on)
        self.assertEqual(recall.reached_on, date(2026, 3, 2))
        with self.on("2026-03-31"):
            self.night()
            self.assertEqual(recall.state, "declined")
        with self.on("2026-04-01"):
            self.night()
            self.assertEqual(recall.state, "due")
            self.assertEqual(recall.next_attempt_on, date(2026, 4, 1))
        self.rule.decline_days = 0
        with self.on("2026-04-01"):
            recall._attempted("declined")
        with self.on("2028-01-01"):
            self.night()
            self.assertEqual(recall.state, "declined", "0: for good")
            recall.action_reopen()
            self.assertEqual(recall.next_attempt_on, date(2028, 1, 1))

    def test_asked_to_be_called_later(self):
        """RCL-01: the day the patient asks for comes before any plan."""
        self.past_visit("2025-09-02")
        [recall] = self.recalls()
        recall.action_later()
        self.assertEqual(recall.state, "contacted")
        self.assertEqual(recall.next_attempt_on, date(2026, 3, 9))
        self.assertEqual(recall.next_action, "call")
        self.assertEqual(recall.last_result, "later")
        with self.on("2026-03-09"):
            self.night()
            self.assertEqual(recall.state, "due")
            outcome = self.env["clinic.recall.outcome"].create(
                {"recall_ids": recall.ids, "result": "later", "later_on": "2026-03-01"}
            )
            with self.assertRaises(UserError):
                outcome.action_save()
            outcome.later_on = "2026-05-01"
            outcome.action_save()
            self.assertEqual(recall.next_attempt_on, date(2026, 5, 1))

    def test_paused(self):
        """RCL-01: a pause ends by itself."""
        self.past_visit("2025-09-02")
        [recall] = self.recalls()
        recall.paused_until = "2026-04-10"
        self.assertEqual(
            (recall.state, recall.next_attempt_on), ("later", date(2026, 4, 10))
        )
        with self.on("2026-04-10"):
            self.night()
            self.assertEqual(recall.state, "overdue")

    def test_closed_by_hand_stays_closed(self):
        """RCL-01: closed with a reason; neither night nor visit opens it."""
        self.past_visit("2025-09-02")
        [recall] = self.recalls()
        self.env["clinic.recall.outcome"].create(
            {
                "recall_ids": recall.ids,
                "result": "close",
                "reason_id": self.env.ref("clinic_recall.reason_close_moved").id,
            }
        ).action_save()
        self.assertEqual((recall.state, recall.close_reason), ("closed", "hand"))
        self.book(self.tuesday(10))
        self.night()
        self.assertEqual(recall.state, "closed")
        with self.assertRaises(UserError):
            recall.action_no_answer()
        recall.action_reopen()
        self.assertEqual(recall.state, "booked")

    def test_by_hand(self):
        """RCL-01: somebody sets a recall for one patient; due dates may move."""
        recall = self.Recall.create(
            {
                "patient_id": self.patient.id,
                "due_date": "2026-03-20",
                "service_id": self.service.id,
            }
        )
        self.assertEqual((recall.trigger, recall.state), ("hand", "later"))
        self.assertEqual(recall.specialty_id, self.specialty)
        self.assertEqual(recall.responsible_id, self.env.user)
        recall.due_date = "2026-03-02"
        self.assertEqual(
            (recall.state, recall.next_attempt_on), ("due", date(2026, 3, 2))
        )
        with self.assertRaises(ValidationError):
            self.Recall.create({"patient_id": self.env.company.partner_id.id})

    def test_old_causes_stay_buried(self):
        """RCL-01: a new rule does not dig up those who were due years ago."""
        self.rule.look_back_days = 100
        self.past_visit("2024-01-10")
        self.assertFalse(self.recalls())
        self.past_visit("2025-09-02")
        self.assertEqual(len(self.recalls()), 1)

    def test_midnight_of_the_location(self):
        """A day begins at midnight of the location, on both sides of the DST change."""
        self.past_visit("2025-09-29")
        [recall] = self.recalls()
        self.assertEqual(recall.due_date, date(2026, 3, 29))
        for moment, state in (
            ("2026-03-28 22:59:00", "later"),
            ("2026-03-28 23:00:00", "due"),
        ):
            with freeze_time(moment):
                self.night()
                self.assertEqual(recall.state, state)
        self.past_visit("2026-04-26")
        recall = self.recalls()[-1]
        self.assertEqual(recall.due_date, date(2026, 10, 26))
        for moment, state in (
            ("2026-10-25 22:59:00", "later"),
            ("2026-10-25 23:00:00", "due"),
        ):
            with freeze_time(moment):
                self.night()
                self.assertEqual(recall.state, state)

    def test_every_state_has_a_column(self):
        """The board shows all states, empty ones too."""
        recalls = self.Recall.with_context(read_group_expand=True)
        groups = recalls.web_read_group([], ["state"], ["__count"])["groups"]
        self.assertEqual(
            [group["state"] for group in groups], [key for key, _ in STATES]
        )

    def test_book_opens_the_day_sheet(self):
        """RCL-01: booking in one click: patient, service and place go along."""
        self.past_visit("2025-09-02")
        action = self.recalls().action_book()
        self.assertEqual(action["tag"], "clinic_day_sheet")
        self.assertEqual(action["context"]["patient_id"], self.patient.id)
        self.assertEqual(action["context"]["clinic_service_id"], self.service.id)
        self.assertEqual(action["context"]["clinic_location_id"], self.rome.id)
