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
