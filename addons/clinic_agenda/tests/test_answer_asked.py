from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from .common_answers import AnswersCommon


@tagged("post_install", "-at_install")
class TestAnswerAsked(AnswersCommon):
    """An answer belongs to what was asked, and says what came of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rome.change_notice_hours = 1
        cls.luca = cls.make_patient("Rossi", "Luca")
        cls.hold(cls.luca, cls.number)

    def told(self, patients, body, **options):
        """A message about something else than a visit, sent to the shared number."""
        messages = self.env["clinic.message"]._queue(
            "test_asked", patients, channel="sms", body=body, step=body, **options
        )
        messages._apply_state("sent", source="sender")
        return messages

    def setUp(self):
        super().setUp()
        self.env["clinic.message.kind"].create(
            {
                "name": "Test of questions",
                "code": "test_asked",
                "switch_ids": [(0, 0, {"channel": "sms"})],
            }
        )

    def both(self):
        """Husband and wife, reminded together on one telephone."""
        hers = self.book(self.tuesday(9))
        his = self.book(
            self.tuesday(10), patient_id=self.luca.id, practitioner=self.bruno
        )
        gone = self.leave(self.remind(hers) | self.remind(his))
        self.assertEqual(len(gone), 1)
        return hers, his

    def test_a_wife_does_not_confirm_for_her_husband(self):
        """MSG-05: YES to a reminder for two adults asks whose; the number confirms one
        visit, and the answer names it."""
        hers, his = self.both()
        answer = self.answer("yes")
        self.assertEqual((hers.state, his.state), ("booked", "booked"))
        question = self.reply_to(answer)
        self.assertIn("1 Maria: ", question.body)
        self.assertIn("2 Luca: ", question.body)
        self.answer("1", "2")
        self.assertEqual((hers.state, his.state), ("confirmed", "booked"))
        self.assertEqual(answer.inbox_state, "done")
        thanks = self.reply_to(answer) - question
        self.assertIn("Maria", thanks.body)
        self.assertNotIn("Luca", thanks.body)

    def test_all_of_them_are_named(self):
        """MSG-06: the last number means all; all that was done is named."""
        hers, his = self.both()
        answer = self.answer("yes")
        self.answer("3", "2")
        self.assertEqual((hers | his).mapped("state"), ["confirmed"] * 2)
        thanks = self.reply_to(answer).sorted("id")[-1]
        self.assertIn("Maria", thanks.body)
        self.assertIn("Luca", thanks.body)
        actors = (hers | his).event_ids.filtered(
            lambda each: each.new_state == "confirmed"
        )
        self.assertEqual(actors.partner_id, self.patient | self.luca)

    def test_cancel_of_a_joint_reminder_asks_which(self):
        """AGD-11: CANCEL never takes more than was meant."""
        hers, his = self.both()
        answer = self.answer("cancel")
        self.assertEqual((hers.state, his.state), ("booked", "booked"))
        self.assertEqual(answer.inbox_state, "new", "seen, should nobody answer")
        self.answer("2", "2")
        self.assertEqual((hers.state, his.state), ("booked", "cancelled"))
        self.assertIn("Luca", self.reply_to(answer).sorted("id")[-1].body)

    def test_one_of_all_is_too_late(self):
        """AGD-11: what can be cancelled is, the rest is named with a number to call."""
        hers, his = self.both()
        self.rome.change_notice_hours = 28
        answer = self.answer("cancel")
        self.answer("3", "2")
        self.assertEqual((hers.state, his.state), ("booked", "cancelled"))
        self.assertEqual(answer.inbox_state, "new", "somebody fills the chair")
        words = self.reply_to(answer).sorted("id")[-1].body
        cancelled, late = words.split("too late")
        self.assertIn("Luca", cancelled)
        self.assertIn("Maria", late)

    def test_a_mother_answers_for_her_children(self):
        """MSG-06: one person is told of two visits: her YES confirms both."""
        mother = self.make_patient("Neri", "Ada", birth_date="1985-01-01")
        self.hold(mother, "+393337654321")
        visits = self.env["clinic.appointment"]
        for number, name in enumerate(("Ugo", "Ida")):
            child = self.make_patient("Neri", name, birth_date="2020-01-01")
            self.env["clinic.relationship"].create(
                {
                    "patient_id": child.id,
                    "guardian_id": mother.id,
                    "kind": "parent",
                    "can_book": True,
                }
            )
            visits |= self.book(self.tuesday(9 + number), patient_id=child.id)
        messages = self.env["clinic.message"]
        for visit in visits:
            messages |= self.remind(visit)
        self.assertEqual(messages.recipient_id, mother)
        self.leave(messages)
        answer = self.answer("yes", number="+393337654321")
        self.assertEqual(visits.mapped("state"), ["confirmed"] * 2)
        thanks = self.reply_to(answer)
        self.assertIn("Ugo", thanks.body)
        self.assertIn("Ida", thanks.body)

    def test_yes_to_something_else_confirms_no_visit(self):
        """MSG-05: YES to a recall, an offer by hand or news is not about a visit."""
        visit = self.book(self.tuesday(9))
        self.leave(self.remind(visit))
        for number, body in enumerate(("Your check-up is due.", "Shall we cancel?")):
            self.told(self.patient, body)
            for word in ("yes", "confirm", "cancel"):
                with self.subTest(body=body, word=word):
                    answer = self.answer(word, f"{word} {number}")
                    self.assertEqual(
                        (visit.state, answer.inbox_state), ("booked", "new")
                    )

    def test_yes_to_a_colleague_confirms_no_visit(self):
        """MSG-05: what a colleague asked by hand, the colleague reads."""
        desk = new_test_user(
            self.env, "desk who asks", "clinic_patient.group_clinic_receptionist"
        )
        visit = self.book(self.tuesday(9))
        self.leave(self.remind(visit))
        first = self.answer("Can I come at five?")
        hand = self.env["clinic.message"].browse(
            first.with_user(desk).write_answer("We can move you to Friday, ok?", "1")
        )
        hand._apply_state("sent", source="sender")
        answer = self.answer("ok", "2")
        self.assertEqual((visit.state, answer.inbox_state), ("booked", "new"))

    def test_yes_without_a_question_confirms_nothing(self):
        """MSG-05: nobody asked: a YES is read, a CONFIRM and a CANCEL say what is
        meant."""
        self.luca.phone_ids.unlink()
        visit = self.book(self.tuesday(9))
        self.assertEqual(self.answer("yes").inbox_state, "new")
        self.assertEqual(visit.state, "booked")
        self.answer("confirm", "2")
        self.assertEqual(visit.state, "confirmed")
        other = self.book(self.tuesday(11))
        answer = self.answer("cancel", "3")
        self.assertEqual((visit.state, other.state), ("confirmed", "booked"))
        self.assertIn("2 Maria: ", self.reply_to(answer).body)
        self.answer("2", "4")
        self.assertEqual((visit.state, other.state), ("confirmed", "cancelled"))

    def test_two_reminders_are_two_questions(self):
        """MSG-05: with two reminders open, YES asks which; one that was answered is
        none."""
        first, second = self.book(self.tuesday(9)), self.book(self.tuesday(11))
        self.leave(self.remind(first, "72h"))
        self.leave(self.remind(second))
        answer = self.answer("yes")
        self.assertEqual((first.state, second.state), ("booked", "booked"))
        self.answer("1", "2")
        self.assertEqual((first.state, second.state), ("confirmed", "booked"))
        self.leave(self.remind(second, "72h"))
        self.answer("yes", "3")
        self.assertEqual(second.state, "confirmed")
        self.assertEqual(answer.inbox_state, "done")

    def test_thanks_for_an_answer_change_nothing(self):
        """MSG-05: OK after "cancelled", "too late" or the link to move is no yes, and
        nobody need read it; CANCEL after "confirmed" is about that visit."""
        visit = self.book(self.tuesday(9))
        self.leave(self.remind(visit))
        for number, word in enumerate(("yes", "move")):
            reply = self.reply_to(self.answer(word, f"a{number}"))
            reply._apply_state("sent", source="sender")
        visit._ours().state = "booked"
        thanks = self.answer("ok", "b")
        self.assertEqual((visit.state, thanks.inbox_state), ("booked", "done"))
        self.assertFalse(self.reply_to(thanks))
        self.rome.change_notice_hours = 99
        reply = self.reply_to(self.answer("cancel", "c"))
        self.assertIn("too late", reply.body)
        reply._apply_state("sent", source="sender")
        self.answer("ok", "d")
        self.assertEqual(visit.state, "booked")
        self.rome.change_notice_hours = 1
        self.answer("cancel", "e")
        self.assertEqual(visit.state, "cancelled")

    def test_thanks_for_help_confirm_nothing(self):
        """MSG-05: a reminder, HELP, and "OK, thanks" for the answer to it: the visit is
        as it was. YES to the next reminder, or to one that is named, confirms."""
        self.luca.phone_ids.unlink()
        visit = self.book(self.tuesday(9))
        reminder = self.leave(self.remind(visit))
        reply = self.reply_to(self.answer("help"))
        reply._apply_state("sent", source="sender")
        thanks = self.answer("ok thanks", "2")
        self.assertEqual((visit.state, thanks.inbox_state), ("booked", "done"))
        self.assertFalse(self.reply_to(thanks))
        self.leave(self.remind(visit, "72h"))
        self.answer("ok thanks", "3")
        self.assertEqual(visit.state, "confirmed")
        visit._ours().state = "booked"
        reply = self.reply_to(self.answer("help", "4"))
        reply._apply_state("sent", source="sender")
        self.env["clinic.message"]._receive(
            self.sms, "sms", self.number, "yes", "5", answers=reminder
        )
        self.assertEqual(visit.state, "confirmed")

    def test_numbers_keep_their_meaning(self):
        """MSG-05: a name corrected after the question moves no number to another."""
        visit = self.book(self.tuesday(9))
        answer = self.answer("cancel")
        question = self.reply_to(answer)
        self.assertEqual(answer.candidate_ids, self.patient | self.luca)
        lines = question.body.splitlines()
        mine = next(line[0] for line in lines if line.endswith("Maria"))
        self.patient.family_name = "Aaa" if mine == "2" else "Zzz"
        self.env.invalidate_all()
        self.answer(mine, "2")
        self.assertEqual(visit.state, "cancelled")

    def test_who_may_not_act_any_more_changes_nothing(self):
        """A former guardian's answer to an old reminder is read by a person."""
        child = self.make_patient("Rossi", "Ugo", birth_date="2015-01-01")
        right = self.env["clinic.relationship"].create(
            {
                "patient_id": child.id,
                "guardian_id": self.luca.id,
                "kind": "parent",
                "can_book": True,
                "date_start": fields.Date.today() - timedelta(days=9),
            }
        )
        visit = self.book(self.tuesday(9), patient_id=child.id)
        self.leave(self.remind(visit))
        right.date_end = fields.Date.today() - timedelta(days=1)
        for word in ("yes", "cancel"):
            answer = self.answer(word, word)
            self.assertEqual((visit.state, answer.inbox_state), ("booked", "new"))
