from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import hash_sign

from odoo.addons.clinic_agenda.tests.common import NOW

from .common_followup import FollowupCommon


class FollowupMessageCommon(FollowupCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient.email = "maria@example.com"
        cls.template = cls.env["clinic.message.template"].create(
            {
                "name": "Ask",
                "kind_id": cls.env.ref("clinic_recall.message_kind_followup").id,
                "text_ids": [
                    (
                        0,
                        0,
                        {
                            "lang": "en_US",
                            "subject": "Hello",
                            "body": "Dear {first_name}: {answer_link} {booking_link}",
                        },
                    )
                ],
            }
        )
        cls.writing = cls.env["clinic.followup.plan"].create(
            {
                "name": "Writes",
                "stop_on_reply": True,
                "step_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Message",
                            "day": 1,
                            "kind": "message",
                            "template_id": cls.template.id,
                        },
                    ),
                    (
                        0,
                        0,
                        {
                            "name": "Questions",
                            "day": 3,
                            "kind": "questionnaire",
                            "template_id": cls.template.id,
                            "questionnaire_id": cls.questionnaire.id,
                        },
                    ),
                    (0, 0, {"name": "Call", "day": 9, "kind": "call"}),
                ],
            }
        )

    def messages(self, steps):
        return self.env["clinic.message"].search(
            [("res_model", "=", steps._name), ("res_id", "in", steps.ids)]
        )

    def good(self, **changes):
        """Answers that raise no alarm, as a form sends them."""
        pain, wound, _words = self.questionnaire.question_ids
        return {
            f"q{pain.id}": "2",
            f"q{wound.id}": str(wound.choice_ids[0].id),
            **changes,
        }


@tagged("post_install", "-at_install")
class TestFollowupMessages(FollowupMessageCommon):
    """What leaves by itself, and what comes back."""

    def test_a_message_is_written_once(self):
        """RCL-03: at its moment, through the one log, however often the clock runs."""
        followup = self.follow(plan=self.writing)
        message_step, question, _call = followup.step_ids
        self.run_steps()
        self.assertFalse(self.messages(followup.step_ids))
        with freeze_time(message_step.due):
            self.run_steps()
            self.run_steps()
            message_step._send()
        message = self.messages(message_step)
        self.assertEqual(len(message), 1)
        self.assertEqual((message_step.state, message_step.result), ("done", "sent"))
        self.assertIn("/clinic/book", message._text()[1])
        with freeze_time(question.due):
            self.run_steps()
        self.assertEqual(question.state, "open")
        self.assertIn("/clinic/answer/", self.messages(question)._text()[1])

    def test_who_cannot_be_reached_is_not_counted_as_written_to(self):
        """RCL-07: a message that is held back is no message sent."""
        self.patient.email = False
        followup = self.follow(plan=self.writing)
        with freeze_time(followup.step_ids[0].due):
            self.run_steps()
        self.assertEqual(followup.step_ids[0].result, "suppressed")

    def test_an_answer_stops_the_plan(self):
        """RCL-03: when the plan says so; another plan only notes it."""
        followup = self.follow(plan=self.writing)
        other_plan = self.writing.copy({"stop_on_reply": False})
        other = self.follow(plan=other_plan)
        with freeze_time(followup.step_ids[0].due):
            self.run_steps()
            self.env["clinic.message"]._receive(
                self.env.ref("clinic_message.provider_odoo_mail"),
                "email",
                "maria@example.com",
                "All is well, thank you",
                "uid-1",
                answers=self.messages(followup.step_ids[0]),
            )
        self.assertEqual(followup.stop_reason, "reply")
        self.assertEqual(other.state, "active")
        self.assertTrue(other.replied_on)

    def test_the_library(self):
        """RCL-03: at least twelve plans, every text in five languages, and nothing
        about health in any of them."""
        plans = self.env["clinic.followup.plan"].search(
            [("field_of_care", "!=", False)]
        )
        self.assertGreaterEqual(len(plans), 12)
        self.assertGreaterEqual(len(set(plans.mapped("field_of_care"))), 6)
        self.assertTrue(all(plan.step_count >= 3 for plan in plans))
        templates = plans.step_ids.template_id
        self.assertTrue(templates)
        for template in templates:
            with self.subTest(template.name):
                self.assertEqual(
                    set(template.text_ids.mapped("lang")),
                    {"en_US", "it_IT", "ru_RU", "tr_TR", "zh_CN"},
                )
                for text in template.text_ids:
                    for word in ("surgery", "operation", "diabet", "implant", "birth"):
                        self.assertNotIn(word, text.body.lower())
        followups = self.Followup.browse()
        for plan in plans:
            followups |= self.follow(plan=plan)
        self.assertEqual(len(followups.step_ids), sum(plans.mapped("step_count")))


@tagged("post_install", "-at_install")
class TestAnswerByLink(FollowupMessageCommon, HttpCase):
    """The page of the questions, without a log-in."""

    def setUp(self):
        super().setUp()
        self.followup = self.follow(plan=self.writing)
        self.step = self.followup.step_ids[1]
        self.path = self.step._answer_path()

    def send(self, **values):
        """Post the form with the token of its page."""
        page = self.url_open(self.path)
        self.assertEqual(page.status_code, 200)
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        return self.url_open(self.path, data={"csrf_token": token, **values})

    def test_answer_once(self):
        """RCL-03: by link; reading changes nothing, sending twice is harmless."""
        with freeze_time(NOW + timedelta(days=4)):
            self.run_steps()
        self.assertFalse(self.step.answer_ids)
        page = self.send(**self.good())
        self.assertIn("Thank you", page.text)
        self.step.invalidate_recordset()
        self.assertEqual(self.step.answer_ids.channel, "link")
        self.assertEqual((self.step.state, self.step.result), ("done", "answered"))
        self.assertIn("Thank you", self.url_open(self.path).text)
        self.assertEqual(len(self.step.answer_ids), 1)

    def test_missing_answers_are_asked_for_and_nothing_is_lost(self):
        """RCL-03: what was typed is still there."""
        pain = self.questionnaire.question_ids[0]
        page = self.send(**{f"q{pain.id}": "2"})
        self.assertIn("Please answer", page.text)
        self.assertRegex(page.text, r'value="2"[^>]*checked')
        self.assertFalse(self.step.answer_ids)

    def test_other_links_open_nothing(self):
        """S1: forged, old or foreign tokens; a form without its token."""
        env = self.env(su=True)
        old = hash_sign(env, "clinic.followup.answer", self.step.id, expiration_hours=1)
        alien = hash_sign(env, "something.else", self.step.id, expiration_hours=90)
        call = hash_sign(
            env,
            "clinic.followup.answer",
            self.followup.step_ids[2].id,
            expiration_hours=90,
        )
        with freeze_time(NOW + timedelta(days=1)):
            for token in (old, alien, call, "x", "%C3%A9", "A" * 3000):
                with self.subTest(token[:20]):
                    answer = self.url_open(f"/clinic/answer/{token}")
                    self.assertEqual(answer.status_code, 404)
        with mute_logger("odoo.http"):
            answer = self.url_open(self.path, data=self.good())
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.step.answer_ids)

    def test_the_page_names_nobody(self):
        """S15: a wrong reader learns no name and no diagnosis."""
        page = self.url_open(self.path)
        self.assertNotIn(self.patient.family_name, page.text)
        self.assertNotIn(self.writing.name, page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
