from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestSchedule(AgendaCommon):
    """From weekly rules to sessions."""

    def sessions(self, practitioner=None):
        """Starts and stops of all sessions, in order."""
        found = self.env["clinic.session"].search(
            [("practitioner_id", "=", (practitioner or self.anna).id)]
        )
        return [(session.start, session.stop) for session in found]

    def test_break_cuts_a_block_in_two(self):
        """AGD-02: a break is no session."""
        self.open_week(
            self.anna,
            blocks=[
                {
                    "weekday": "1",
                    "hour_from": 9,
                    "hour_to": 13,
                    "break_from": 11,
                    "break_to": 11.5,
                }
            ],
        )
        self.assertEqual(
            self.sessions()[:2],
            [
                (self.tuesday(8), self.tuesday(10)),
                (self.tuesday(10, 30), self.tuesday(12)),
            ],
        )

    def test_odd_and_even_weeks_alternate(self):
        """AGD-02: Tuesday 3 March 2026 is in ISO week 10."""
        self.open_week(
            self.anna,
            blocks=[
                {"weekday": "1", "hour_from": 9, "hour_to": 10, "week_parity": "odd"}
            ],
        )
        self.assertEqual(
            [start.date() for start, _stop in self.sessions()][:2],
            [date(2026, 3, 10), date(2026, 3, 24)],
        )

    def test_opening_hour_stays_the_same_across_the_change_of_clock(self):
        """AGD-02: nine in Rome is 8:00 UTC before and 7:00 UTC after 29 March."""
        self.open_week(
            self.anna, blocks=[{"weekday": "0", "hour_from": 9, "hour_to": 10}]
        )
        self.assertEqual(
            [start for start, _stop in self.sessions() if start.month == 3][-2:],
            [datetime(2026, 3, 23, 8), datetime(2026, 3, 30, 7)],
        )

    def test_night_of_the_change_has_the_minutes_of_the_wall_clock(self):
        """Three to four hours on the wall are two on 29 March, five in October."""
        self.open_week(
            self.anna, blocks=[{"weekday": "6", "hour_from": 0, "hour_to": 4}]
        )
        lengths = {
            start.date(): (stop - start).total_seconds() / 3600
            for start, stop in self.sessions()
        }
        self.assertEqual(lengths[date(2026, 3, 28)], 3)
        with freeze_time("2026-10-20"):
            self.anna._rebuild_sessions()
        lengths = {
            start.date(): (stop - start).total_seconds() / 3600
            for start, stop in self.sessions()
        }
        self.assertEqual(lengths[date(2026, 10, 24)], 5)

    def test_leave_closure_holiday_and_extra_opening(self):
        """AGD-02: exceptions and public holidays take and give sessions at once."""
        self.open_week(self.anna)
        tuesday = date(2026, 3, 3)
        exceptions = self.env["clinic.schedule.exception"]
        leave = exceptions.create(
            {
                "name": "Congress",
                "practitioner_id": self.anna.id,
                "date_from": tuesday,
                "date_to": tuesday,
                "all_day": False,
                "hour_from": 9,
                "hour_to": 11,
            }
        )
        self.assertEqual(self.starts()[0], self.tuesday(10))
        leave.unlink()
        self.assertEqual(self.starts()[0], self.tuesday(8))
        closure = exceptions.create(
            {
                "name": "Painting",
                "kind": "closure",
                "location_id": self.rome.id,
                "date_from": tuesday,
                "date_to": tuesday,
            }
        )
        self.assertEqual(self.starts(), [])
        exceptions.create(
            {
                "name": "Evening",
                "kind": "extra",
                "practitioner_id": self.anna.id,
                "location_id": self.rome.id,
                "date_from": tuesday,
                "date_to": tuesday,
                "all_day": False,
                "hour_from": 18,
                "hour_to": 19,
            }
        )
        self.assertEqual(self.starts(), [self.tuesday(17), self.tuesday(17, 30)])
        closure.unlink()
        self.assertEqual(len(self.starts()), 10)
        holiday = self.env["clinic.public.holiday"].create(
            {"name": "Patron", "date": tuesday, "country_id": self.rome.country_id.id}
        )
        self.assertEqual(self.starts(), [self.tuesday(17), self.tuesday(17, 30)])
        holiday.open_location_ids = self.rome
        self.assertEqual(len(self.starts()), 10)

    def test_official_holidays_load_once(self):
        """AGD-02: the list of a country and year, repeated without doubles."""
        holidays = self.env["clinic.public.holiday"]
        added = holidays.load_year(self.rome.country_id.id, 2026)
        self.assertIn(date(2026, 4, 25), added.mapped("date"))
        self.assertFalse(holidays.load_year(self.rome.country_id.id, 2026))

    def test_rebuilding_changes_nothing(self):
        """Sessions are derived: deleting and regenerating them gives the same, and a
        repeat leaves every row as it is."""
        self.open_week(self.anna)
        before = self.sessions()
        ids = self.env["clinic.session"].search([]).ids
        self.anna._rebuild_sessions()
        self.assertEqual(self.env["clinic.session"].search([]).ids, ids)
        self.env["clinic.session"].search([]).unlink()
        self.anna._rebuild_sessions()
        self.assertEqual(self.sessions(), before)

    def test_only_what_changed_is_rebuilt(self):
        """Moving Tuesday keeps the rows of all other days."""
        schedule = self.open_week(self.anna)
        others = self.env["clinic.session"].search([])
        tuesdays = others.filtered(lambda session: session.start.weekday() == 1)
        schedule.block_ids[1].hour_from = 10
        self.assertEqual((others - tuesdays).exists(), others - tuesdays)
        self.assertFalse(tuesdays.exists())

    def test_overlapping_schedules_are_refused(self):
        """Bad input: two blocks at once, also at two locations; nothing is saved."""
        self.open_week(self.anna)
        before = self.sessions()
        with self.assertRaisesRegex(ValidationError, "overlap on 2026-03-02"):
            self.open_week(
                self.anna,
                self.sao_paulo,
                [{"weekday": "0", "hour_from": 5, "hour_to": 8}],
            )
        self.env.invalidate_all()
        self.assertEqual(self.sessions(), before)

    @mute_logger("odoo.addons.clinic_agenda.models.clinic_practitioner_sessions")
    def test_nightly_job_survives_an_overlap(self):
        """The job keeps the first of two overlapping openings and goes on."""
        schedule = self.open_week(self.anna)
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO clinic_schedule_block (schedule_id, weekday, week_parity,"
            " hour_from, hour_to, regime, online_share)"
            " VALUES (%s, '0', 'all', 12, 14, 'any', 100)",
            [schedule.id],
        )
        self.env.invalidate_all()
        self.anna._rebuild_sessions(tolerant=True)
        monday = [span for span in self.sessions() if span[0].weekday() == 0]
        self.assertEqual(monday[0], (datetime(2026, 3, 2, 8), datetime(2026, 3, 2, 12)))

    def test_location_needs_a_zone(self):
        """Bad input: a location without zone is refused with the field's name."""
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as refusal:
            self.env["clinic.location"].create({"name": "Nowhere", "tz": False})
        self.assertIn("tz", str(refusal.exception))

    def test_another_zone_moves_the_sessions(self):
        """Correcting a location's zone corrects its agenda."""
        self.open_week(self.anna)
        self.rome.tz = "Europe/London"
        self.assertEqual(self.starts()[0], self.tuesday(9))

    def test_days_in_the_order_of_each_language(self):
        """OPS-04: a time written out as readers of each language write it."""
        spoken = {
            "en_US": ("Monday 7 December 2026, 12:00 (CET)", "Mon 7 Dec, 12:00"),
            "it_IT": ("lunedì 7 dicembre 2026, 12:00 (CET)", "lun 7 dic, 12:00"),
            "ru_RU": (
                "понедельник, 7 декабря 2026 г., 12:00 (CET)",
                "пн, 7 дек., 12:00",
            ),
            "tr_TR": ("7 Aralık 2026 Pazartesi, 12:00 (CET)", "7 Ara Pzt, 12:00"),
            "zh_CN": ("2026年12月7日 星期一 12:00 (CET)", "12月7日 周一 12:00"),
        }
        instant = datetime(2026, 12, 7, 11)
        for language, (long, short) in spoken.items():
            self.env["res.lang"]._activate_lang(language)
            self.assertEqual(self.rome._speak_time(instant, language), long)
            self.assertEqual(self.rome._speak_short(instant, language), short)

    def test_time_is_spoken_in_the_zone_of_the_location(self):
        """One renderer: the same instant in Rome and in São Paulo, with its label."""
        instant = datetime(2026, 3, 30, 7, 30)
        self.assertEqual(
            self.rome._speak_time(instant, "en_US"),
            "Monday 30 March 2026, 09:30 (CEST)",
        )
        self.assertEqual(
            self.sao_paulo._speak_time(instant, "en_US"),
            "Monday 30 March 2026, 04:30 (UTC-3)",
        )
