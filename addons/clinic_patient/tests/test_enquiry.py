from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestEnquiry(ClinicPatientCommon):
    """People who ask before they are patients."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Enquiry = cls.env["clinic.enquiry"]
        cls.topic = cls.env.ref("clinic_patient.enquiry_topic_first_visit")
        cls.operator = cls.user("operator")

    def ask(self, **vals):
        return self.Enquiry._receive(
            {
                "channel": "web",
                "contact_name": "Livia Serrano",
                "phone": "+44 20 7946 0701",
                "email": "livia@example.com",
                "text": "My knee hurts.",
                "topic_id": self.topic.id,
                **vals,
            }
        )

    def test_an_enquiry_of_nobody_known_becomes_a_card(self):
        """What was said goes over to the new card."""
        enquiry = self.ask(source_detail="A neighbour")
        self.assertFalse(enquiry.patient_id)
        self.assertEqual(enquiry.state, "new")
        enquiry.with_user(self.operator).action_make_card()
        card = enquiry.patient_id
        self.assertEqual(card.family_name, "Serrano")
        self.assertEqual(card.phone_ids.e164, "+442079460701")
        self.assertEqual(card.email, "livia@example.com")
        self.assertEqual(card.source_detail, "A neighbour")
        with self.assertRaises(UserError):
            enquiry.action_make_card()

    def test_a_shared_telephone_is_offered_and_not_guessed(self):
        """Both of a family with this number are shown; the person of the staff says
        who it is, and only that card has it."""
        mother = self.patient("Serrano", "Ada", phone="+44 20 7946 0701")
        son = self.patient("Serrano", "Ugo", phone="+44 20 7946 0701")
        other = self.patient("Neri", "Ugo", phone="+44 20 7946 0702")
        enquiry = self.ask()
        self.assertFalse(enquiry.patient_id)
        self.assertEqual(enquiry.candidate_ids, mother | son)
        son.with_user(self.operator).with_context(
            clinic_enquiry_id=enquiry.id
        ).action_is_who_asked()
        self.assertEqual(enquiry.patient_id, son)
        self.assertFalse((mother | other).enquiry_ids)

    def test_the_same_form_counts_once(self):
        """A form that is sent twice gives one enquiry, one mail."""
        vals = {
            "channel": "web",
            "contact_name": "Livia Serrano",
            "email": "livia@example.com",
        }
        first = self.Enquiry._receive(vals, "abcdefghijkl")
        again = self.Enquiry._receive(vals, "abcdefghijkl")
        self.assertEqual(first, again)
        waiting = self.env["clinic.outbox"]._waiting("livia@example.com")
        self.assertEqual(len(waiting), 1)

    def test_thanks_tell_nothing_of_the_question(self):
        """The mail of thanks holds the name, and neither question nor topic."""
        enquiry = self.ask()
        (text,) = self.env["clinic.outbox"]._waiting("livia@example.com")
        self.assertIn("Livia Serrano", text)
        for secret in ("knee", self.topic.name):
            self.assertNotIn(secret, text)
        self.assertTrue(enquiry.thanked_at)
        self.env["ir.config_parameter"].set_param("clinic_patient.enquiry_thanks", "0")
        self.assertFalse(self.ask(contact_name="Ada Neri").thanked_at)

    @mute_logger("odoo.sql_db")
    def test_bad_enquiries_are_refused_in_words(self):
        """Nobody, nowhere to answer, no telephone, endless text: nothing is saved."""
        before = self.Enquiry.search_count([])
        for vals, words in (
            ({"phone": False, "email": False}, "telephone number or an e-mail"),
            ({"phone": "12"}, "cannot be a phone number"),
            ({"email": "livia at home"}, "complete e-mail"),
            ({"contact_name": "x" * 10_000}, "too long"),
            ({"text": "x" * 10_000}, "too long"),
        ):
            with (
                self.assertRaisesRegex(ValidationError, words),
                self.env.cr.savepoint(),
            ):
                self.ask(**vals)
        self.assertEqual(self.Enquiry.search_count([]), before)

    def test_emoji_and_right_to_left_text_stay_as_they_are(self):
        """What people write is kept to the letter."""
        text = "שלום 👋 <b>مرحبا</b> 你好"
        self.assertEqual(self.ask(text=text).text, text)

    def test_the_more_they_mean_it_the_sooner_somebody_gets_back(self):
        """High: tomorrow; medium: in four days; none, or booked: nobody has to."""
        enquiry = self.ask()
        enquiry.responsible_id = self.operator
        self.assertFalse(enquiry.activity_ids)
        due = []
        for intention in ("medium", "high"):
            enquiry.intention = intention
            [task] = enquiry.activity_ids
            self.assertEqual(task.user_id, self.operator)
            due.append((task.date_deadline - fields.Date.context_today(task)).days)
        self.assertEqual(due, [4, 1])
        enquiry.booked_at = fields.Datetime.now()
        self.assertFalse(enquiry.activity_ids)
        enquiry.write({"booked_at": False, "intention": "none"})
        self.assertFalse(enquiry.activity_ids)

    def test_closing_asks_why(self):
        """Answered, closed with a reason, opened again."""
        enquiry = self.ask()
        enquiry.action_answer()
        self.assertEqual(enquiry.state, "answered")
        with self.assertRaises(UserError):
            enquiry.action_close()
        enquiry.close_reason = "price"
        enquiry.action_close()
        self.assertEqual(enquiry.state, "closed")
        enquiry.action_reopen()
        self.assertEqual(enquiry.state, "answered")

    def test_rights(self):
        """Marketing counts enquiries and does not read what people ask; the cashier and
        outsiders see none."""
        enquiry = self.ask()
        marketing = enquiry.with_user(self.user("marketing"))
        self.assertEqual(marketing.read(["topic_id"])[0]["id"], enquiry.id)
        for secret in ("text", "answer"):
            with self.assertRaises(AccessError):
                marketing.read([secret])
        for stranger in (
            self.user("cashier"),
            self.user(),
            self.portal_user(self.patient("Neri", "Ugo")),
        ):
            with self.assertRaises(AccessError):
                enquiry.with_user(stranger).read(["contact_name"])
        doctor = enquiry.with_user(self.user("practitioner"))
        self.assertEqual(doctor.text, "My knee hurts.")
        with self.assertRaises(AccessError):
            doctor.answer = "Rest."

    def test_the_card_shows_what_was_asked(self):
        """On the timeline and behind a button."""
        patient = self.patient()
        self.ask(patient_id=patient.id)
        card = patient.with_user(self.operator)
        self.assertEqual(card.enquiry_count, 1)
        items = card.timeline(kinds=["enquiry"])["items"]
        self.assertEqual([item["text"] for item in items], ["My knee hurts."])
        marketing = patient.with_user(self.user("marketing"))
        items = marketing.timeline(kinds=["enquiry"])["items"]
        self.assertEqual([item["text"] for item in items], [""])


@tagged("post_install", "-at_install")
class TestMarketingEvent(ClinicPatientCommon):
    """Lectures and open days that collect prospective patients."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = fields.Datetime.now()
        cls.event = cls.env["clinic.marketing.event"].create(
            {
                "name": "A healthy heart",
                "date_start": now + timedelta(days=5),
                "date_stop": now + timedelta(days=5, hours=2),
                "capacity": 2,
            }
        )

    def register(self, name, **vals):
        return self.env["clinic.enquiry"]._receive(
            {
                "channel": "event",
                "event_id": self.event.id,
                "contact_name": name,
                "email": f"{name.split()[0].lower()}@example.com",
                **vals,
            }
        )

    def test_registering_ends_when_the_places_are_taken(self):
        """Two places: two people, the same person twice is one, the third is told."""
        first = self.register("Norma Selvaggi")
        self.assertEqual(self.register("norma selvaggi"), first)
        self.register("Walter Cusano")
        with self.assertRaisesRegex(UserError, "taken"):
            self.register("Bice Arrigoni")
        self.assertEqual(self.register("Walter Cusano").contact_name, "Walter Cusano")
        self.assertEqual(self.event.registered_count, 2)
        with self.assertRaises(ValidationError):
            self.event.capacity = 1

    def test_nobody_registers_for_what_is_over_or_called_off(self):
        """Late visitors get a clear word."""
        self.event.action_call_off()
        with self.assertRaisesRegex(UserError, "called off"):
            self.register("Norma Selvaggi")
        self.event.called_off = False
        now = fields.Datetime.now()
        self.event.write(
            {
                "date_start": now - timedelta(days=2),
                "date_stop": now - timedelta(days=1),
            }
        )
        with self.assertRaisesRegex(UserError, "over"):
            self.register("Norma Selvaggi")
        self.assertFalse(self.event.registered_count)

    def test_states_can_be_searched(self):
        """Ahead, over and called off are told apart by search as by sight."""
        events = self.env["clinic.marketing.event"]
        for change, state in (
            ({}, "ahead"),
            ({"called_off": True}, "called_off"),
        ):
            self.event.write(change)
            self.assertEqual(self.event.state, state)
            self.assertIn(self.event, events.search([("state", "=", state)]))
            others = {"ahead", "over", "called_off"} - {state}
            found = events.search([("state", "in", list(others))])
            self.assertNotIn(self.event, found)
