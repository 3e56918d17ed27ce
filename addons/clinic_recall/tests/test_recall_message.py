from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import RecallCommon


@tagged("post_install", "-at_install")
class TestRecallMessage(RecallCommon):
    """Attempts that are messages: sent once, by the rules of messages, and followed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule.step_ids = [
            Command.clear(),
            Command.create({"offset_days": 0, "action": "message"}),
            Command.create({"offset_days": 10, "action": "call"}),
        ]
        cls.patient.write({"email": "maria@example.com", "birth_date": "1980-01-01"})
        cls.Message = cls.env["clinic.message"]

    def messages(self, recall):
        return self.Message.search(
            [("res_model", "=", "clinic.recall"), ("res_id", "=", recall.id)]
        )

    def due_recall(self):
        self.past_visit("2025-09-02")
        self.night()
        return self.recalls()

    def test_message_goes_out_once(self):
        """RCL-01: on its day, once, whatever runs again; then the next attempt."""
        recall = self.due_recall()
        message = self.messages(recall)
        self.assertEqual((len(message), message.state), (1, "queued"))
        self.assertEqual(message.address, "maria@example.com")
        self.assertEqual(recall.state, "contacted")
        self.assertEqual((recall.attempt_count, recall.last_result), (1, "queued"))
        self.assertEqual(recall.next_attempt_on, date(2026, 3, 12))
        self.assertEqual(recall.next_action, "call")
        self.assertEqual(recall.contacted_on, date(2026, 3, 2))
        self.night()
        self.assertEqual(self.messages(recall), message)
        message._apply_state("delivered", source="provider")
        self.Recall._follow_messages()
        self.assertEqual(recall.attempt_ids.result, "sent")
        self.assertEqual(recall.last_result, "sent")
        self.assertEqual(recall.state, "contacted")

    def test_text_and_link(self):
        """RCL-01: the text names no diagnosis; the link books the service."""
        self.service.online_bookable = True
        self.rule.name = "After a heart attack"
        message = self.messages(self.due_recall())
        subject, body = message._text()
        self.assertIn("Maria", body)
        for words in (
            self.service.name,
            self.rule.name,
            self.service.specialty_id.name,
        ):
            self.assertNotIn(words.lower(), f"{subject} {body}".lower())
        self.assertIn(f"/clinic/book/times?service={self.service.id}", body)

    def test_who_cannot_be_written_to_is_called(self):
        """RCL-01: held back by the rules of messages: a call on the same day."""
        self.patient.email = False
        recall = self.due_recall()
        self.assertEqual(self.messages(recall).state, "suppressed")
        self.assertEqual(recall.attempt_ids.result, "not_sent")
        self.assertEqual(recall.state, "due")
        self.assertEqual(recall.next_action, "call")
        self.assertEqual(recall.next_attempt_on, date(2026, 3, 2))
        self.night()
        self.assertEqual(recall.attempt_count, 1)

    def test_message_that_bounces(self):
        """RCL-01: a failure found later makes a call of it."""
        recall = self.due_recall()
        self.messages(recall)._apply_state("bounced", source="provider")
        with self.on("2026-03-03"):
            self.Recall._follow_messages()
            self.assertEqual(recall.last_result, "not_sent")
            self.assertEqual(recall.next_attempt_on, date(2026, 3, 3))

    def test_booked_meanwhile(self):
        """RCL-01: who books while a message waits is not written to."""
        recall = self.due_recall()
        message = self.messages(recall)
        self.assertFalse(message._is_obsolete())
        self.book(self.tuesday(9))
        self.work_out()
        self.assertTrue(message._is_obsolete())

    def test_debt_holds_messages_back(self):
        """RCL-01: above the limit no message goes; the card says nothing of money."""
        self.rule.balance_limit = 50
        self.patient.balance_due = 60
        recall = self.due_recall()
        self.assertTrue(recall.on_hold)
        self.assertFalse(self.messages(recall))
        self.assertEqual(recall.state, "due")
        self.patient.balance_due = 10
        self.night()
        self.assertEqual(len(self.messages(recall)), 1)
        with self.assertRaises(AccessError):
            self.rule.with_user(self.role("receptionist")).read(["balance_limit"])

    def answer(self, recall, keyword):
        message = self.messages(recall)
        message._apply_state("sent", source="provider")
        reply = self.Message.create(
            {
                "direction": "in",
                "channel": "email",
                "kind_id": message.kind_id.id,
                "purpose": "care",
                "patient_id": self.patient.id,
                "recipient_id": self.patient.id,
                "reply_to_id": message.id,
                "state": "received",
            }
        )
        return reply._after_inbound(keyword)

    def test_patient_says_no(self):
        """RCL-01: a “no” to the message ends the recall for now."""
        recall = self.due_recall()
        self.assertTrue(self.answer(recall, "no"))
        self.assertEqual(recall.state, "declined")

    def test_patient_says_yes(self):
        """RCL-01: any other answer is a call to make today, and staff see it."""
        recall = self.due_recall()
        self.assertFalse(self.answer(recall, "yes"))
        self.assertEqual((recall.state, recall.next_action), ("due", "call"))
        self.assertEqual(recall.reached_on, date(2026, 3, 2))

    def test_an_answer_to_a_recall_is_about_no_visit(self):
        """RCL-01, MSG-05: YES and CANCEL to a recall leave the visit for something
        else as it is, and somebody calls."""
        recall = self.due_recall()
        visit = self.book(
            self.tuesday(9), service_id=self.make_service("Eyes", duration=30).id
        )
        for word in ("yes", "confirm", "cancel"):
            with self.subTest(word):
                self.assertFalse(self.answer(recall, word))
                self.assertEqual((visit.state, recall.state), ("booked", "due"))

    def test_by_hand_for_several(self):
        """RCL-01: from the list, whatever the plan says; a second click is another."""
        self.rule.step_ids.filtered(lambda step: step.action == "message").unlink()
        recall = self.due_recall()
        receptionist = self.role("receptionist")
        recall.with_user(receptionist).action_send_message()
        self.assertEqual(len(self.messages(recall)), 1)
        self.assertEqual(recall.attempt_ids.user_id, receptionist)
        with self.assertRaises(AccessError):
            recall.with_user(self.role("marketing")).action_send_message()
