from odoo.tests import new_test_user, tagged

from .common_answers import AnswersCommon


@tagged("post_install", "-at_install")
class TestAnswerMeaning(AnswersCommon):
    """A visit follows what was written, or somebody reads it beside the visit."""

    def test_what_is_turned_round_changes_nothing(self):
        """AGD-11, MSG-05: five languages; the visit stands, a person sees it."""
        self.rome.change_notice_hours = 1
        visit = self.book(self.tuesday(9))
        self.leave(self.remind(visit))
        for number, (lang, words) in enumerate(
            (
                ("it_IT", "Non confermo"),
                ("it_IT", "non annullare!"),
                ("en_US", "not confirmed"),
                ("en_US", "Do not cancel"),
                ("en_US", "yes but later"),
                ("ru_RU", "не приду"),
                ("ru_RU", "нет, не отменяйте"),
                ("tr_TR", "iptal etme"),
                ("tr_TR", "onaylamıyorum"),
                ("zh_CN", "不确认"),
                ("zh_CN", "不要取消"),
            )
        ):
            with self.subTest(words=words):
                self.speak(self.patient, lang)
                answer = self.answer(words, f"turned {number}")
                self.assertEqual((visit.state, answer.inbox_state), ("booked", "new"))

    def test_turkish_iptal_is_about_the_visit(self):
        """MSG-05: iptal cancels the visit, DUR stops the messages."""
        self.speak(self.patient, "tr_TR")
        visit = self.book(self.tuesday(9))
        self.leave(self.remind(visit))
        listed = self.env["clinic.message.optout"]
        self.answer("İPTAL")
        self.assertEqual(visit.state, "cancelled")
        self.assertFalse(listed.search([("address", "=", self.number)]))
        self.answer("dur", "2")
        self.assertTrue(listed.search([("address", "=", self.number)]))

    def test_a_thumb_and_a_signature(self):
        """MSG-05: a thumb, a name below and thanks hide no yes."""
        for number, words in enumerate(("👍🏻", "Sì, grazie!\nMaria Rossi", "Okay 🙏")):
            self.speak(self.patient, "it_IT")
            visit = self.book(self.tuesday(8 + number))
            self.leave(self.remind(visit))
            self.answer(words, f"thumb {number}")
            self.assertEqual(visit.state, "confirmed", words)

    def test_who_needs_help_is_seen(self):
        """HELP is answered with the number to call, and a person sees it."""
        answer = self.answer("help")
        self.assertIn("call", self.reply_to(answer).body)
        self.assertEqual(answer.inbox_state, "new")

    def test_the_visit_stands_beside_the_answer(self):
        """MSG-05: who reads an answer sees the visit it may be about, as far as they
        may see visits."""
        visit = self.book(self.tuesday(9))
        self.leave(self.remind(visit))
        answer = self.answer("Can I bring my dog?")
        desk = new_test_user(
            self.env, "desk of answers", "clinic_patient.group_clinic_receptionist"
        )
        (matter,) = answer.with_user(desk).conversation()["matters"]
        self.assertEqual((matter["model"], matter["id"]), (visit._name, visit.id))
        self.assertIn("10:00", matter["text"])
        self.assertIn("Booked", matter["text"])
