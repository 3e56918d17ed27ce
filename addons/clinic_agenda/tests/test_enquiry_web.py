import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import NOW, AgendaCommon


@tagged("post_install", "-at_install")
class TestEnquiryVisits(AgendaCommon):
    """What became of enquiries follows from the visits."""

    def ask(self, patient, **vals):
        return self.env["clinic.enquiry"].create(
            {
                "channel": "phone",
                "patient_id": patient.id,
                "date": NOW - timedelta(hours=1),
                **vals,
            }
        )

    def book_now(self, start, patient):
        """A visit booked at the frozen hour, for the database too."""
        with patch.object(self.env.cr, "now", fields.Datetime.now):
            return self.book(start, patient_id=patient.id)

    def test_enquiry_booked_came(self):
        """PAT-14: an enquiry with topic and intention turns to booked when the patient
        books, to came when the patient comes, and back when that is taken back; events
        count the same."""
        self.open_week(self.anna)
        now = fields.Datetime.now()
        event = self.env["clinic.marketing.event"].create(
            {
                "name": "Open day",
                "date_start": now - timedelta(days=1),
                "date_stop": now - timedelta(hours=20),
            }
        )
        patient = self.make_patient("Serrano", "Livia")
        enquiry = self.ask(
            patient,
            intention="high",
            topic_id=self.env.ref("clinic_patient.enquiry_topic_first_visit").id,
            event_id=event.id,
        )
        other = self.ask(self.make_patient("Neri", "Ugo"))
        visit = self.book_now(self.tuesday(9), patient)
        self.assertEqual(enquiry.state, "booked")
        self.assertEqual(enquiry.appointment_id, visit)
        self.assertEqual(other.state, "new")
        with self.during(visit):
            visit.action_arrive()
            self.assertEqual(enquiry.state, "came")
        self.assertEqual((event.booked_count, event.came_count), (1, 1))

    def test_a_cancelled_visit_counts_no_more(self):
        """Booked, cancelled, booked again: the enquiry follows each time."""
        self.open_week(self.anna)
        patient = self.make_patient("Serrano", "Livia")
        enquiry = self.ask(patient)
        visit = self.book_now(self.tuesday(9), patient)
        self.assertEqual(enquiry.state, "booked")
        visit._cancel("Not well", "patient")
        self.assertEqual(enquiry.state, "new")
        self.book_now(self.tuesday(10), patient)
        self.assertEqual(enquiry.state, "booked")

    def test_only_visits_booked_after_the_question_count(self):
        """A visit booked before, or half a year later, is no consequence of it."""
        self.open_week(self.anna)
        patient = self.make_patient("Serrano", "Livia")
        self.book_now(self.tuesday(9), patient)
        for days in (3, -200):
            with self.subTest(days):
                enquiry = self.ask(patient, date=NOW + timedelta(days=days))
                self.assertEqual(enquiry.state, "new")
        self.assertEqual(self.ask(patient).state, "booked")


@tagged("post_install", "-at_install")
class TestEnquiryWebsite(HttpCase):
    """Asking and registering without an account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(
            "clinic_agenda.enquiry_limit_per_ip", "0"
        )
        cls.location = cls.env["clinic.location"].create(
            {"name": "Rome", "tz": "Europe/Rome"}
        )
        now = fields.Datetime.now()
        cls.event = cls.env["clinic.marketing.event"].create(
            {
                "name": "A healthy heart",
                "date_start": now + timedelta(days=5),
                "date_stop": now + timedelta(days=5, hours=2),
                "location_id": cls.location.id,
                "is_published": True,
                "capacity": 1,
            }
        )

    def form(self, path="/clinic/enquiry"):
        page = self.url_open(path)
        self.assertEqual(page.status_code, 200)
        return {
            name: re.search(f'name="{name}"[^>]*value="([^"]+)"', page.text)[1]
            for name in ("csrf_token", "form_key")
        }

    def send(self, form, **typed):
        return self.url_open(
            "/clinic/enquiry/send",
            data={
                **form,
                "contact_name": "Livia Serrano",
                "email": "livia@example.com",
                "text": "My knee hurts.",
                "privacy": "1",
                **typed,
            },
        )

    def enquiries(self):
        return self.env["clinic.enquiry"].search([])

    def test_a_visitor_asks(self):
        """The question arrives once, however often the form is sent."""
        before = self.enquiries()
        form = self.form()
        for _time in range(2):
            answer = self.send(form)
            self.assertTrue(answer.url.endswith("/clinic/enquiry/done"))
        enquiry = self.enquiries() - before
        self.assertEqual(len(enquiry), 1)
        self.assertEqual(enquiry.channel, "web")
        self.assertEqual(enquiry.text, "My knee hurts.")
        self.assertFalse(enquiry.patient_id)
        self.assertEqual(enquiry.company_id, self.env.company)

    def test_events_of_another_company_are_on_its_own_website(self):
        """Neither listed nor opened by number nor taken as a registration here."""
        self.event.company_id = self.env["res.company"].create({"name": "Second"})
        self.assertNotIn("A healthy heart", self.url_open("/clinic/enquiry").text)
        self.assertNotIn("A healthy heart", self.url_open("/clinic/events").text)
        page = self.url_open(f"/clinic/events/{self.event.id}")
        self.assertNotIn("A healthy heart", page.text)
        before = self.enquiries()
        self.send(self.form(), event=str(self.event.id))
        self.assertFalse(self.enquiries() - before)

    def test_nobody_learns_who_is_a_patient(self):
        """S6: with the mail and telephone of a patient the page says the same as to
        others, and the card is as it was."""
        patient = self.env["res.partner"].create(
            {
                "is_patient": True,
                "name": "Livia Serrano",
                "email": "livia@example.com",
                "phone": "+44 20 7946 0701",
            }
        )
        before = patient.read()[0]
        known = self.send(self.form(), phone="+44 20 7946 0701")
        unknown = self.send(self.form(), email="nobody@example.com")
        strip = re.compile(r'csrf_token: "[^"]*"|"[0-9a-f]{40}[^"]*"')
        self.assertEqual(strip.sub("", known.text), strip.sub("", unknown.text))
        patient.invalidate_recordset()
        self.assertEqual(patient.read()[0], before)

    def test_what_is_wrong_is_said_at_its_field(self):
        """A form with mistakes is shown again with what was typed; nothing is saved."""
        before = self.enquiries()
        for typed, words in (
            ({"email": ""}, "Write an e-mail address or a telephone number."),
            ({"email": "livia"}, "Write a complete e-mail address"),
            ({"phone": "123"}, "cannot be a phone number"),
            ({"contact_name": "  "}, "Write your name."),
            ({"contact_name": "x" * 9000}, "too long"),
            ({"text": " "}, "Write what you would like to know."),
            ({"text": "x" * 9000}, "characters at most"),
            ({"privacy": ""}, "privacy notice, or call us"),
        ):
            with self.subTest(words):
                answer = self.send(self.form(), **typed)
                self.assertEqual(answer.status_code, 422)
                self.assertIn(words, answer.text)
        self.assertEqual(self.enquiries(), before)

    def test_programs_are_not_served(self):
        """Who fills in the field that people do not see, or sends no token of the form,
        leaves nothing; a GET changes nothing (S12)."""
        before = self.enquiries()
        self.send(self.form(), website="https://spam.example")
        with mute_logger("odoo.http"):
            self.assertEqual(self.send({}).status_code, 400)
        answer = self.url_open("/clinic/enquiry/send", allow_redirects=False)
        self.assertEqual(answer.status_code, 303, "it leads to the form")
        self.assertEqual(self.enquiries(), before)

    def test_many_questions_from_one_address_are_too_many(self):
        """Eleven in an hour are refused."""
        self.env["ir.config_parameter"].set_param(
            "clinic_agenda.enquiry_limit_per_ip", "2"
        )
        form = self.form()
        answers = [self.send(form).status_code for _time in range(3)]
        self.assertEqual(answers, [200, 200, 429])

    def test_what_is_typed_runs_nowhere(self):
        """S9: markup in a name or a question is shown as text."""
        attack = "<img src=x onerror=alert(1)>"
        answer = self.send(self.form(), text=attack, contact_name=attack)
        self.assertNotIn(attack, answer.text)

    def test_a_visitor_registers_for_an_event(self):
        """The list shows the event with the hour of its place; the last place is given
        once, and the next visitor is told."""
        page = self.url_open("/clinic/events").text
        self.assertIn("A healthy heart", page)
        self.assertIn(self.location._speak_time(self.event.date_start), page)
        path = f"/clinic/events/{self.event.id}"
        first, second = self.form(path), self.form(path)
        self.send(first, event=self.event.id, text="")
        self.assertEqual(self.event.registered_count, 1)
        late = self.send(
            second, event=self.event.id, contact_name="Ugo Neri", email="u@example.com"
        )
        self.assertEqual(late.status_code, 422)
        self.assertIn("All places of this event are taken.", late.text)
        self.assertEqual(self.event.registered_count, 1)
        self.event.is_published = False
        for gone in (path, "/clinic/events/999999"):
            self.assertEqual(self.url_open(gone).status_code, 404)
        self.assertEqual(self.send(first, event=self.event.id).status_code, 404)

    def test_a_patient_who_is_logged_in_is_known(self):
        """The portal patient asks without typing a name, and for nobody else."""
        patient = self.env["res.partner"].create(
            {"is_patient": True, "name": "Ada Verdi", "email": "ada@example.com"}
        )
        other = self.env["res.partner"].create({"is_patient": True, "name": "Ugo Neri"})
        new_test_user(
            self.env, "ada_portal", groups="base.group_portal", partner_id=patient.id
        )
        self.authenticate("ada_portal", "ada_portal")
        before = self.enquiries()
        form = self.form()
        self.send(form, patient_id=other.id, contact_name="", email="", privacy="")
        enquiry = self.enquiries() - before
        self.assertEqual(enquiry.patient_id, patient)
