from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.clinic_message.tests.common_attempts import PAIRS, AttemptsCommon

from .common import RecallCommon
from .common_journey import JourneyCommon
from .test_followup_messages import FollowupMessageCommon


@tagged("post_install", "-at_install")
class TestRecallAttempts(RecallCommon, AttemptsCommon):
    """MSG-02: whoever asks whether it was told asks over all attempts: reminders and
    recalls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carry()

    def person(self, number):
        person = self.make_patient("Rossi", f"Ida{number}", birth_date="1980-01-01")
        self.reach(person, number)
        return person

    def test_reminders(self):
        """The stand-in of a reminder leaves, and so does one sent again by hand."""
        kind = self.env.ref("clinic_agenda.kind_visit_reminder_24h")
        for number, (first, second) in enumerate(PAIRS):
            with self.subTest(first=first, second=second):
                self.only(kind, first, second)
                visit = self.book(self.tuesday(9), patient_id=self.person(number).id)
                visit._remind(kind)
                message = self.env["clinic.message"].search(
                    [("res_id", "=", visit.id), ("kind_id", "=", kind.id)]
                )
                stand_in = self.fails(message, first)
                item = self.leaves(stand_in, second)
                self.assertIn("10:00", item.body)
                again = stand_in._resend(channel=first)
                self.assertNotEqual(again, message)
                self.leaves(again, first)
                visit._cancel("next pair", by="clinic")

    def test_recalls(self):
        """A recall whose message arrives by the second channel was sent: nobody is
        told to call."""
        kind = self.env.ref("clinic_recall.kind_recall")
        people = [self.person(number) for number in range(len(PAIRS))]
        for hour, person in enumerate(people, 7):
            self.past_visit("2025-09-02", patient=person, hour=hour)
        self.night()
        for person, (first, second) in zip(people, PAIRS, strict=True):
            with self.subTest(first=first, second=second):
                self.only(kind, first, second)
                recall = self.recalls(patient=person)
                recall._write_to_patients()
                attempt = recall.attempt_ids
                message = self.env["clinic.message"].search(
                    [("res_model", "=", recall._name), ("res_id", "=", recall.id)]
                )
                stand_in = self.fails(message, first)
                recall._follow_messages()
                self.assertEqual(attempt.result, "queued")
                self.assertIn("/clinic/book", self.leaves(stand_in, second).body)
                recall._follow_messages()
                self.assertEqual(attempt.result, "sent")
                self.assertFalse(recall.later_on)


@tagged("post_install", "-at_install")
class TestFollowupAttempts(FollowupMessageCommon, AttemptsCommon):
    """MSG-02: the same of follow-ups."""

    def test_followups(self):
        """A step whose message arrives by another channel, or is sent again, was
        sent; one that no channel carries was not."""
        self.carry()
        kind = self.env.ref("clinic_recall.message_kind_followup")
        for number, (first, second) in enumerate(PAIRS):
            with self.subTest(first=first, second=second):
                person = self.make_patient("Rossi", f"Ida{number}")
                self.reach(person, number)
                self.only(kind, first, second)
                step = self.follow(patient=person, plan=self.writing).step_ids[0]
                with freeze_time(step.due):
                    self.run_steps()
                    message = self.messages(step)
                    stand_in = self.fails(message, first)
                    self.assertEqual(step.result, "sent", "the next one is on its way")
                    self.leaves(stand_in, second)
                    self.assertEqual(step.result, "sent")
                    stand_in._apply_state("bounced", source="provider")
                    self.assertEqual(step.result, "suppressed")
                    self.leaves(stand_in._resend(), second)
                    self.assertEqual(step.result, "sent")

    def test_held_back_when_it_was_to_leave(self):
        """What is held back at the last moment was not sent either."""
        step = self.follow(plan=self.writing).step_ids[0]
        with freeze_time(step.due):
            self.run_steps()
            message = self.messages(step)
            self.env["clinic.message.optout"]._stop(message.address, None, "care")
            self.assertEqual((message.state, step.result), ("suppressed", "suppressed"))


@tagged("post_install", "-at_install")
class TestJourneyAttempts(JourneyCommon, AttemptsCommon):
    """MSG-02: the same of journeys and of bulk sending."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carry()
        for number, person in enumerate(cls.people):
            cls.reach(person, number)

    def test_journeys(self):
        """The text of a stand-in has its links, and its delivery is the step's."""
        kind = self.env.ref("clinic_recall.message_kind_journey_care")
        journey = self.journey()
        [node] = self.chain(journey, ("message", {"template_id": self.text.id}))
        for person, (first, second) in zip(self.people, PAIRS, strict=True):
            with self.subTest(first=first, second=second):
                self.only(kind, first, second)
                entry = self.Entry.create(
                    {
                        "journey_id": journey.id,
                        "patient_id": person.id,
                        "cause_key": f"test:{person.id}",
                    }
                )
                node._run_message(entry)
                message = self.env["clinic.message"].search(
                    [("res_model", "=", entry._name), ("res_id", "=", entry.id)]
                )
                stand_in = self.fails(message, first)
                with freeze_time(self.later(hours=4)):
                    item = self.leaves(stand_in, second)
                self.assertIn("/clinic/watch/", item.body)
                self.assertFalse(entry._that_have("delivered", node))
                stand_in._apply_state("delivered", source="provider")
                self.assertEqual(entry._that_have("delivered", node), {entry.id})

    def test_bulk(self):
        """A sending counts people, not tries: who was reached by the second channel
        was reached, once."""
        kind = self.env["clinic.message.kind"]._by_code("news")
        for person in self.people:
            self.env["clinic.consent"]._decide(person, "marketing", "given", "portal")
        self.env.company.clinic_message_cap = 0
        template = self.env["clinic.message.template"].create(
            {
                "name": "Spring",
                "kind_id": kind.id,
                "text_ids": [
                    (0, 0, {"lang": "en_US", "subject": "S", "body": "Spring, {name}"})
                ],
            }
        )
        for number, (first, second) in enumerate(PAIRS):
            with self.subTest(first=first, second=second):
                self.only(kind, first, second)
                sending = self.env["clinic.message.campaign"].create(
                    {
                        "name": f"Spring {number}",
                        "kind_id": kind.id,
                        "template_id": template.id,
                        "segment_id": self.segment.id,
                    }
                )
                with freeze_time(self.later(hours=4)):
                    sending.action_start()
                    for message in sending.message_ids:
                        stand_in = self.fails(message, first)
                        self.leaves(stand_in, second)
                sending.invalidate_recordset()
                self.assertEqual(
                    (sending.total, sending.gone_count, sending.failed_count),
                    (len(self.people), len(self.people), 0),
                )
                self.assertEqual(sending.progress, 100)
