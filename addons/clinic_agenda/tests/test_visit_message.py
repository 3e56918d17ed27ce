from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import NOW, AgendaCommon

REMINDERS = ("visit_reminder_24h", "visit_reminder_2h")


@tagged("post_install", "-at_install")
class TestVisitMessage(AgendaCommon):
    """What patients are told of their visits by the switchboard."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.patient.write({"email": "maria@example.com", "tz": "Europe/Rome"})
        cls.messages = cls.env["clinic.message"]
        cls.board = cls.env["clinic.message.kind"]

    def remind(self, *moments):
        """Run the reminders at moments, as the scheduled action does in batches."""
        for moment in moments:
            with freeze_time(moment):
                for code in REMINDERS:
                    kind = self.board.search([("code", "=", code)])
                    for visit in self.env["clinic.appointment"]._due_for(kind):
                        visit._remind(kind)

    def reminders(self, visit):
        return self.messages.search(
            [("res_id", "=", visit.id), ("kind_id.lead_hours", ">", 0)], order="id"
        )

    def test_reminded_once_at_each_time(self):
        """MSG-03: a day and two hours before, once each, however often it is run."""
        visit = self.book(self.tuesday(9))
        start = visit.start
        self.remind(NOW, start - timedelta(hours=25))
        self.assertFalse(self.reminders(visit))
        day_before = start - timedelta(hours=23, minutes=50)
        self.remind(day_before, day_before + timedelta(minutes=5))
        self.assertEqual(self.reminders(visit).kind_id.mapped("lead_hours"), [24])
        self.remind(start - timedelta(hours=1, minutes=50), start - timedelta(hours=1))
        self.assertEqual(
            self.reminders(visit).kind_id.sorted("lead_hours").mapped("lead_hours"),
            [2, 24],
        )
        self.assertEqual(len(self.reminders(visit)), 2)

    def test_who_books_late_is_not_reminded_of_what_was_just_said(self):
        visit = self.book(self.tuesday(9) - timedelta(days=1))
        self.remind(NOW + timedelta(minutes=5))
        self.assertFalse(self.reminders(visit), "three hours before: just told")
        self.remind(visit.start - timedelta(hours=1))
        self.assertEqual(self.reminders(visit).kind_id.mapped("lead_hours"), [2])

    def test_the_reminder_of_the_old_time_is_not_sent(self):
        """MSG-06: moved after the reminder was written: held back as untrue."""
        visit = self.book(self.tuesday(9))
        self.remind(visit.start - timedelta(hours=23))
        [old] = self.reminders(visit)
        visit._move(self.tuesday(10))
        self.assertTrue(old._is_obsolete())
        old._let_through(old.provider_id)
        self.assertEqual(old.suppress_reason, "obsolete")

    def test_a_location_has_switches_of_its_own(self):
        """MSG-03: a location, and before it a service, switch for themselves."""
        visit = self.book(self.tuesday(9))
        kind = self.env.ref("clinic_agenda.kind_visit_reminder_24h")
        off = self.env["clinic.message.switch"].create(
            [
                {
                    "kind_id": kind.id,
                    "channel": channel,
                    "is_on": False,
                    "location_id": self.rome.id,
                }
                for channel in ("email", "sms")
            ]
        )
        self.remind(visit.start - timedelta(hours=23))
        self.assertFalse(self.reminders(visit))
        off[0].copy(
            {"location_id": False, "service_id": self.service.id, "is_on": True}
        )
        other = self.book(self.tuesday(10))
        self.remind(other.start - timedelta(hours=23))
        self.assertEqual(self.reminders(other).channel, "email")

    def test_every_text_in_five_languages_tells_the_same_time(self):
        """MSG-04: the library speaks five languages; each renders the location's hour
        with its zone, on both sides of both changes of the clock."""
        templates = self.env["clinic.message.template"].search(
            [("kind_id.code", "=like", "visit_%")]
        )
        self.assertGreaterEqual(len(templates), 8)
        visit = self.book(self.tuesday(9))
        for template in templates:
            self.assertEqual(
                {text.lang for text in template.text_ids},
                {"en_US", "it_IT", "ru_RU", "tr_TR", "zh_CN"},
                template.name,
            )
        message = self.messages._queue(
            "visit_reminder_24h", self.patient, origin=visit, location=self.rome
        )
        text = message._text()[1]
        self.assertIn(self.rome._speak_time(visit.start, message.lang), text)
        self.assertIn(visit.sudo()._manage_url(), text)

    def test_the_same_time_on_every_channel(self):
        """The day of both changes of the clock: SMS, e-mail and calendar agree."""
        for day, hour, label in (
            ("2026-03-28", 8, "09:00 (CET)"),
            ("2026-03-29", 7, "09:00 (CEST)"),
            ("2026-10-24", 7, "09:00 (CEST)"),
            ("2026-10-25", 8, "09:00 (CET)"),
        ):
            visit = self.env["clinic.appointment"].new(
                {
                    "location_id": self.rome.id,
                    "patient_id": self.patient.id,
                    "practitioner_id": self.anna.id,
                    "service_id": self.service.id,
                    "start": f"{day} {hour:02}:00:00",
                    "stop": f"{day} {hour:02}:30:00",
                }
            )
            self.assertIn(label, self.rome._speak_time(visit.start, "en_US"))
            self.assertIn(label, visit.local_start)


@tagged("post_install", "-at_install")
class TestVisitAnswer(AgendaCommon):
    """What patients answer changes their visits, and nobody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.sms = cls.env["clinic.message.provider"].create(
            {"name": "SMS", "channel": "sms", "kind": "odoo_mail"}
        )
        cls.number = "+393331234567"
        cls.luca = cls.make_patient("Rossi", "Luca")
        for person in (cls.patient, cls.luca):
            cls.env["clinic.phone"].create(
                {"partner_id": person.id, "number": cls.number}
            )

    def ask(self, visit):
        """The reminder of a visit, sent by SMS."""
        kind = self.env.ref("clinic_agenda.kind_visit_reminder_24h")
        visit._remind(kind)
        message = self.env["clinic.message"].search(
            [("res_id", "=", visit.id), ("kind_id", "=", kind.id)]
        )
        self.assertEqual((message.channel, message.address), ("sms", self.number))
        return message

    def send(self, messages):
        """The messages leave in one claim."""
        messages.write({"state": "claimed", "claim": "test"})
        gone = messages._let_through(self.sms)
        items = [item for _message, item in gone._items()]
        for message in gone:
            message._apply_state("sent", source="sender")
        return gone, items

    def answer(self, body, uid="1"):
        return self.env["clinic.message"]._receive(
            self.sms, "sms", self.number, body, uid
        )

    def speak_italian(self):
        self.env["res.lang"]._activate_lang("it_IT")
        self.patient.lang = "it_IT"

    def test_yes_confirms(self):
        """AGD-11, MSG-05: YES confirms the visit that was asked about, once."""
        self.speak_italian()
        visit = self.book(self.tuesday(9))
        self.send(self.ask(visit))
        answer = self.answer("Sì!")
        self.assertEqual((visit.state, answer.inbox_state), ("confirmed", "done"))
        self.assertEqual(self.answer("Sì!"), answer)
        event = visit.event_ids.sorted("id")[-1]
        self.assertEqual((event.channel, event.partner_id), ("message", self.patient))

    def test_the_answer_speaks_the_patients_language(self):
        """MSG-05: what answers by itself does so in four more languages."""
        self.speak_italian()
        self.luca.phone_ids.unlink()
        visit = self.book(self.tuesday(9))
        self.send(self.ask(visit))
        answer = self.answer("si")
        reply = self.env["clinic.message"].search(
            [("res_model", "=", "clinic.message"), ("res_id", "=", answer.id)]
        )
        self.assertIn("Grazie, confermato: martedì 3 marzo 2026", reply.body)

    def test_cancel_within_the_policy(self):
        """AGD-11: CANCEL frees the time as long as the location allows it."""
        visit = self.book(self.tuesday(9))
        self.rome.change_notice_hours = 24
        self.send(self.ask(visit))
        self.answer("CANCEL")
        self.assertEqual((visit.state, visit.cancelled_by), ("cancelled", "patient"))
        late = self.book(self.tuesday(10))
        self.rome.change_notice_hours = 48
        self.send(self.ask(late))
        answer = self.answer("cancel", "2")
        self.assertEqual((late.state, answer.inbox_state), ("booked", "new"))

    def test_move_sends_the_link(self):
        visit = self.book(self.tuesday(9))
        self.send(self.ask(visit))
        answer = self.answer("reschedule")
        reply = self.env["clinic.message"].search(
            [("reply_to_id", "=", answer.id), ("direction", "=", "out")]
        )
        self.assertEqual(reply.body, "Choose another time here: {{link:visit_link}}")
        self.assertIn(visit.sudo()._manage_url(self.patient), reply._item().body)
        self.assertNotIn("/clinic/visit/", reply.body)

    def test_a_family_is_told_once_and_answers_once(self):
        """MSG-06: two visits, one phone: one message with both; YES asks whose."""
        first = self.book(self.tuesday(9))
        second = self.book(
            self.tuesday(10), patient_id=self.luca.id, practitioner=self.bruno
        )
        asked = self.ask(first) | self.ask(second)
        gone, items = self.send(asked)
        self.assertEqual(len(gone), 1)
        self.assertIn("Luca: ", items[0].body)
        self.assertEqual((asked - gone).suppress_reason, "digest")
        self.assertEqual((asked - gone).digest_id, gone)
        answer = self.answer("yes")
        self.assertEqual(answer.patient_id, self.patient)
        self.assertEqual((first | second).mapped("state"), ["booked"] * 2)
        self.answer("3", "2")
        self.assertEqual((first | second).mapped("state"), ["confirmed"] * 2)

    def test_an_answer_without_a_question(self):
        """A shared phone, no question lately: nothing changes, somebody is asked."""
        visit = self.book(self.tuesday(9))
        answer = self.answer("cancel")
        self.assertEqual(visit.state, "booked")
        self.assertEqual(answer.candidate_ids, self.patient | self.luca)
        self.answer("1", "2")
        self.assertEqual(visit.state, "cancelled", "she said which of them")

    def test_somebody_else_cancels_nothing(self):
        """An answer from another number leaves the visit alone."""
        visit = self.book(self.tuesday(9))
        self.send(self.ask(visit))
        self.env["clinic.message"]._receive(
            self.sms, "sms", "+393339999999", "CANCEL", "9"
        )
        self.assertEqual(visit.state, "booked")
