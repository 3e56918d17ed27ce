from datetime import datetime, timedelta

import vobject
from dateutil.tz import UTC

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import AgendaCommon
from .common_website import WebsiteCommon


@tagged("post_install", "-at_install")
class TestCalendarEntry(AgendaCommon):
    """What a calendar reads of a visit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("clinic_agenda.horizon_days", 250)
        cls.open_week(cls.anna)

    def entry(self, visit, **arguments):
        """The one event of a visit's calendar, as vobject reads it."""
        return vobject.readOne(visit._calendar(**arguments).decode()).vevent

    def test_right_hour_in_both_seasons(self):
        """AGD-14: nine in Rome is 8 UTC in winter and 7 UTC in summer."""
        for start in (datetime(2026, 3, 3, 8), datetime(2026, 7, 7, 7)):
            visit = self.book(start)
            self.assertEqual(self.rome._local_time(start).hour, 9)
            entry = self.entry(visit)
            self.assertEqual(entry.dtstart.value, start.replace(tzinfo=UTC))
            self.assertEqual(
                entry.dtend.value, (start + timedelta(minutes=30)).replace(tzinfo=UTC)
            )
            self.assertIn(visit.local_start, entry.description.value)
            self.assertIn(f"DTSTART:{start:%Y%m%dT%H%M%SZ}", str(visit._calendar()))

    def test_same_entry_after_each_change(self):
        """AGD-14: the name of the entry stays, its number counts up, then cancelled."""
        visit = self.book(self.tuesday(8))
        first = self.entry(visit, method="REQUEST")
        visit._move(self.tuesday(9))
        moved = self.entry(visit, method="REQUEST")
        visit._cancel("Ill", by="patient")
        cancelled = self.entry(visit, method="CANCEL")
        self.assertEqual(
            {e.uid.value for e in (first, moved, cancelled)},
            {
                f"{visit.reference}@"
                + self.env["ir.config_parameter"].get_param("database.uuid")
            },
        )
        self.assertEqual(
            [e.sequence.value for e in (first, moved, cancelled)], ["0", "1", "2"]
        )
        self.assertEqual(cancelled.status.value, "CANCELLED")

    def test_text_cannot_break_the_file(self):
        """Line breaks and signs of the format stay inside their field."""
        self.service.name = "Visit; BEGIN:VEVENT\nX, \\ é 心"
        entry = self.entry(self.book(self.tuesday(8)))
        self.assertIn("心", entry.summary.value)
        self.assertFalse(hasattr(entry, "vevent"))


@tagged("post_install", "-at_install")
class TestCalendarFeed(WebsiteCommon):
    """The secret addresses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.doctor = new_test_user(
            cls.env,
            "doctor",
            "base.group_user,clinic_patient.group_clinic_practitioner",
        )
        cls.anna.user_id = cls.doctor
        cls.visit = cls.env["clinic.appointment"]

    def setUp(self):
        super().setUp()
        self.visit = self.book(self.free()["start"])

    def feed(self, token, **options):
        """Ask for a calendar."""
        return self.url_open(f"/clinic/feed/{token}.ics", **options)

    def test_practitioner(self):
        """AGD-14: own visits with initials; full names only by setting."""
        bruno = self.book(
            self.free(practitioner=self.bruno)["start"],
            self.bruno,
            patient_id=self.make_patient("Altro", "Ugo").id,
        )
        self.anna.with_user(self.doctor).action_new_feed()
        url = self.anna.with_user(self.doctor).feed_url
        self.assertIn(self.anna.feed_token, url)
        answer = self.feed(self.anna.feed_token)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("no-store", answer.headers["Cache-Control"])
        self.assertIn("text/calendar", answer.headers["Content-Type"])
        calendar = vobject.readOne(answer.text)
        self.assertEqual(len(calendar.vevent_list), 1)
        self.assertEqual(calendar.vevent.summary.value, "R. M. · Cardiology visit")
        self.assertNotIn("Rossi", answer.text)
        self.assertNotIn(bruno.reference, answer.text)
        self.assertIn("REFRESH-INTERVAL;VALUE=DURATION:PT15M", answer.text)
        self.env["ir.config_parameter"].set_param("clinic_agenda.feed_full_names", "1")
        self.assertIn("Rossi Maria", self.feed(self.anna.feed_token).text)

    def test_unchanged_is_not_sent_again(self):
        """AGD-14: the entity tag changes with the visits and with nothing else."""
        self.anna._new_feed_token()
        first = self.feed(self.anna.feed_token)
        tag = {"If-None-Match": first.headers["ETag"]}
        again = self.feed(self.anna.feed_token, headers=tag)
        self.assertEqual((again.status_code, again.text), (304, ""))
        self.visit._cancel("Closed")
        changed = self.feed(self.anna.feed_token, headers=tag)
        self.assertEqual(changed.status_code, 200)
        self.assertNotIn("BEGIN:VEVENT", changed.text)

    def test_odd_addresses(self):
        """AGD-14: wrong, old, stopped, archived: not found, always the same."""
        self.anna._new_feed_token()
        old = self.anna.feed_token
        self.anna._new_feed_token()
        stopped = self.bruno
        stopped._new_feed_token()
        gone = stopped.feed_token
        stopped.with_user(self.env.ref("base.user_admin")).action_revoke_feed()
        for token in (old, gone, "x", "x" * 43, "x" * 5000, "é" * 43):
            self.assertEqual(self.feed(token).status_code, 404, token[:50])
        self.assertEqual(self.feed("%00").status_code, 400, "no text at all")
        self.assertEqual(self.feed(self.anna.feed_token).status_code, 200)
        self.doctor.active = False
        self.assertEqual(self.feed(self.anna.feed_token).status_code, 404)
        self.doctor.active = True
        self.anna.active = False
        self.assertEqual(self.feed(self.anna.feed_token).status_code, 404)

    def test_who_left_reads_no_more(self):
        """The address ends with the log-in that it was made for."""
        for other in (self.env["res.users"], new_test_user(self.env, "successor")):
            self.anna.user_id = self.doctor
            self.anna.with_user(self.doctor).action_new_feed()
            token = self.anna.feed_token
            self.anna.user_id = self.doctor
            self.assertEqual(self.feed(token).status_code, 200)
            self.anna.user_id = other
            self.assertEqual(self.feed(token).status_code, 404)

    def test_address_of_another_company(self):
        """An administrator makes and stops addresses of own companies only."""
        company = self.env["res.company"].create({"name": "Far"})
        far = self.env["clinic.practitioner"].create(
            {"name": "Far", "company_id": company.id}
        )
        far._new_feed_token()
        token = far.feed_token
        admin = new_test_user(self.env, "adm", "clinic_base.group_clinic_administrator")
        for method in ("action_new_feed", "action_revoke_feed"):
            with self.assertRaises(AccessError):
                getattr(far.with_user(admin), method)()
        self.assertEqual(far.feed_token, token)

    def test_who_makes_an_address(self):
        """AGD-14: the practitioner and administrators; not colleagues or the desk."""
        receptionist = new_test_user(
            self.env, "desk", "base.group_user,clinic_patient.group_clinic_receptionist"
        )
        for user, practitioner in (
            (self.doctor, self.bruno),
            (receptionist, self.anna),
        ):
            foreign = practitioner.with_user(user)
            self.assertFalse(foreign.feed_url)
            for method in ("action_new_feed", "action_revoke_feed"):
                with self.assertRaises(AccessError):
                    getattr(foreign, method)()

    def test_patient(self):
        """AGD-14: own and wards' visits; made, renewed and stopped in the portal."""
        child = self.make_patient("Rossi", "Luca", birth_date="2020-05-05")
        bond = self.env["clinic.relationship"].create(
            {"patient_id": child.id, "guardian_id": self.patient.id, "kind": "parent"}
        )
        ward = self.book(self.free(days=6)["start"], patient_id=child.id)
        self.make_portal_user("maria", self.patient)
        self.authenticate("maria", "maria")
        url = "/my/appointments/calendar"
        page = self.submit(self.get(url), url, {"action": "new"})
        token = self.patient.visit_feed_token
        address = page.xpath("//input[@id='clinic_feed']/@value")[0]
        self.assertTrue(address.endswith(f"/clinic/feed/{token}.ics"))
        self.authenticate(None, None)
        text = self.feed(token).text
        self.assertIn(self.visit.reference, text)
        self.assertIn(ward.reference, text)
        yesterday = fields.Date.today() - timedelta(days=1)
        bond.write({"date_start": yesterday, "date_end": yesterday})
        self.assertNotIn(ward.reference, self.feed(token).text)
        self.authenticate("maria", "maria")
        page = self.submit(self.get(url), url, {"action": "new"})
        self.assertEqual(self.feed(token).status_code, 404)
        token = self.patient.visit_feed_token
        self.assertEqual(self.feed(token).status_code, 200)
        self.submit(page, url, {"action": "revoke"})
        self.assertEqual(self.feed(token).status_code, 404)
