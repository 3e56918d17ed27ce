import io
import zipfile
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.clinic_appointment_allocation import SlotTaken
from .common import AgendaCommon

PHONE = "+393330001234"


@tagged("post_install", "-at_install")
class TestGuestIdentity(AgendaCommon):
    """Who books as a guest is known again by name, birth date and proved phone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.known = cls.make_patient(
            "Çelik",
            "Zeynep",
            birth_date="1985-04-12",
            sex="female",
            email="card@example.com",
            phone=PHONE,
        )
        cls.typed = {
            "given_name": "Zeynep",
            "family_name": "Celik",
            "birth_date": "1985-04-12",
            "sex": "female",
            "phone": PHONE,
            "email": "guest@example.com",
            "privacy": "yes",
        }
        cls.desk = cls.env["res.users"].create(
            {
                "name": "Desk",
                "login": "guest desk",
                "group_ids": [
                    (4, cls.env.ref("clinic_patient.group_clinic_receptionist").id)
                ],
            }
        )

    def hold(self, hour, practitioner=None, day=1):
        """Hold a time in Rome, by the hour of UTC."""
        start = fields.Datetime.now().replace(hour=hour, minute=0) + timedelta(days=day)
        return self.guest_booking()._hold(
            self.service.id, start, practitioner_ids=(practitioner or self.anna).ids
        )

    def guest_booking(self):
        public = self.env.ref("base.public_user")
        return self.env["clinic.booking"].with_user(public).sudo(False)

    def book_guest(self, hour, practitioner=None, day=1, **changes):
        """Book as a guest whose code was right, in another request than the hold."""
        held = self.hold(hour, practitioner, day)
        booking = self.guest_booking()
        visit = booking._visit_by_token(held.id, held.sudo().access_token)
        person, errors = booking._check_guest({**self.typed, **changes}, visit)
        self.assertFalse(errors)
        booking._book_guest(visit, person)
        return visit

    def stored(self, card):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_jsonb(p) FROM res_partner p WHERE id = %s", [card.id]
        )
        return self.env.cr.fetchall()

    def test_guest_joins_the_probable_card(self):
        """Diacritics, capitals and the order of the names make no second person."""
        before = self.stored(self.known)
        for hour, changes in (
            (8, {}),
            (9, {"family_name": "ZEYNEP", "given_name": "Çelik"}),
            (10, {"sex": "unknown"}),
        ):
            with self.subTest(changes=changes):
                visit = self.book_guest(hour, **changes)
                self.assertEqual(visit.patient_id, self.known)
                self.assertTrue(visit.identity_to_confirm)
                self.assertEqual(visit._contact()["email"], "guest@example.com")
        self.assertEqual(self.stored(self.known), before)

    def test_everybody_else_stays_apart(self):
        """Twins, a parent with the same phone, another phone, another tax code."""
        self.known.tax_code = "NREGLI85D52H501V"
        people = set()
        for hour, changes in (
            (8, {"given_name": "Elif"}),
            (9, {"given_name": "Ayse", "birth_date": "1955-01-01"}),
            (10, {"phone": "+393330005678"}),
            (11, {"birth_date": "1985-12-04"}),
            (8, {"tax_code": "RSSMRA80A01H501U"}),
        ):
            with self.subTest(changes=changes):
                practitioner = self.bruno if "tax_code" in changes else self.anna
                visit = self.book_guest(hour, practitioner, **changes)
                self.assertNotEqual(visit.patient_id, self.known)
                self.assertFalse(visit.identity_to_confirm)
                people.add(visit.patient_id)
        self.assertEqual(len(people), 5)

    def test_national_number_of_another_country(self):
        """A number of another country is no mistyped tax code, and proves a person."""
        self.known.national_number = "943 476 5919"
        country = str(self.env.ref("base.uk").id)
        number = {"number_country": country, "tax_code": "943-476-5919"}
        visit = self.book_guest(8, **number)
        self.assertEqual(visit.patient_id, self.known)
        self.assertFalse(visit.identity_to_confirm)
        other = self.book_guest(9, **{**number, "tax_code": "943 476 5870"})
        self.assertNotEqual(other.patient_id, self.known)
        self.assertEqual(other.patient_id.national_number, "943 476 5870")

    def test_a_guest_twice_is_one_person(self):
        """Without any card before: the second booking finds the first one's."""
        new = {"given_name": "Deniz", "birth_date": "1990-02-03"}
        first = self.book_guest(8, **new)
        second = self.book_guest(9, **new)
        self.assertNotEqual(first.patient_id, self.known)
        self.assertEqual(second.patient_id, first.patient_id)

    def test_one_person_is_not_at_two_places(self):
        """Nor when two cards were made for her: neither the guest nor the desk."""
        twice = self.make_patient(
            "Celik",
            "Zeynep",
            birth_date="1985-04-12",
            phone=PHONE,
            identity_state="to_review",
        )
        self.book(self.tuesday(8), self.bruno, patient_id=twice.id)
        self.refused_as_taken(8)
        start = self.book_guest(9).start
        with self.assertRaises(SlotTaken):
            self.book(start, self.bruno, patient_id=twice.id)
        self.book(start + timedelta(hours=1), self.bruno, patient_id=twice.id)
        # Staff looked at the two and found two people.
        first, second = sorted((self.known.id, twice.id))
        self.env["clinic.duplicate"].create(
            {"first_id": first, "second_id": second, "score": 98, "state": "not_same"}
        )
        self.book(start, self.bruno, patient_id=twice.id)

    def refused_as_taken(self, hour):
        """A guest hears what everybody hears whose time somebody else took."""
        with mute_logger("odoo.sql_db"), self.assertRaises(SlotTaken) as refusal:
            self.book_guest(hour)
        self.assertEqual(refusal.exception.resource, "practitioner")
        self.assertIn("This time was just taken", str(refusal.exception))

    def test_a_guest_learns_nothing_of_the_patients_visits(self):
        """Whoever is the patient by likeness does not hear that she comes at that
        hour."""
        self.book(self.tuesday(8), self.bruno, patient_id=self.known.id)
        self.refused_as_taken(8)

    def test_a_number_nobody_proved_tells_a_portal_user_nothing(self):
        """A stranger's number that a log-in wrote on its own card makes no likeness;
        one that was proved refuses, without saying why."""
        login = self.env["res.users"].create(
            {
                "name": "Somebody",
                "login": "somebody",
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        card = login.partner_id
        card.write(
            {
                "is_patient": True,
                "family_name": "Celik",
                "given_name": "Zeynep",
                "birth_date": "1985-04-12",
                "phone": PHONE,
            }
        )
        booking = self.env["clinic.booking"].with_user(login).sudo(False)
        for hour in (8, 9):
            start = self.tuesday(hour)
            self.book(start, self.bruno, patient_id=self.known.id)
        held = [
            booking._hold(
                self.service.id, self.tuesday(hour), self.anna.ids, channel="portal"
            )
            for hour in (8, 9)
        ]
        booking._book_held(held[0], card.sudo())
        self.assertEqual(held[0].state, "booked")
        card.phone_ids._ours().verified_on = fields.Datetime.now()
        with self.assertRaises(SlotTaken) as refusal:
            booking._book_held(held[1], card.sudo())
        self.assertEqual(refusal.exception.resource, "practitioner")

    def test_two_new_guests_at_one_moment(self):
        """Two requests that see no card yet: the database refuses the second one."""
        new = {"given_name": "Deniz", "birth_date": "1990-02-03"}
        first = self.book_guest(8, **new)
        other = self.hold(8, self.bruno)
        not_seen = self.make_patient("Celik", "Deniz", birth_date="1990-02-03")
        with mute_logger("odoo.sql_db"), self.assertRaises(SlotTaken) as refusal:
            self.guest_booking()._book_held(
                other, not_seen, person_key=first.person_key
            )
        self.assertEqual(refusal.exception.resource, "patient")

    def test_staff_confirm(self):
        visit = self.book_guest(8).with_user(self.desk)
        listed = self.env["clinic.appointment"].with_user(self.desk)
        self.assertIn(visit, listed.search([("identity_to_confirm", "=", True)]))
        visit.action_confirm_identity()
        self.assertFalse(visit.identity_to_confirm)
        self.assertFalse(visit.guest_card)
        self.assertEqual(visit.patient_id, self.known)

    def test_staff_split(self):
        """Another person: a card of what was typed, and the visit moves to it."""
        before = self.stored(self.known)
        visit = self.book_guest(8).with_user(self.desk)
        key = visit.sudo().person_key
        visit.action_split_identity()
        self.assertTrue(key)
        self.assertEqual(visit.sudo().person_key, key, "the guest is still the guest")
        card = visit.patient_id
        self.assertNotEqual(card, self.known)
        self.assertEqual(
            (card.family_name, card.given_name, str(card.birth_date), card.email),
            ("Celik", "Zeynep", "1985-04-12", "guest@example.com"),
        )
        self.assertEqual(card.phone_ids.e164, PHONE)
        self.assertFalse(visit.identity_to_confirm)
        self.assertEqual(self.stored(self.known), before)
        # Who was told apart once is not asked again, and both may come at one hour.
        again = self.book_guest(9)
        self.assertIn(again.patient_id, card | self.known)
        with self.assertRaises(UserError):
            visit.action_split_identity()

    def test_a_visit_of_another_patient_is_no_visit_of_the_guest(self):
        """The desk gave the visit to somebody else: the guest may come at that hour."""
        new = {"given_name": "Deniz", "birth_date": "1990-02-03"}
        visit = self.book_guest(8, **new)
        other = self.make_patient("Rossi", "Luca")
        visit.with_user(self.desk).action_change_patient(other.id, "Wrong name")
        again = self.book_guest(8, self.bruno, **new)
        self.assertEqual(again.state, "booked")

    def test_erasure_leaves_nothing_of_what_was_typed(self):
        """S17: not in the visit, not in the wish; no digest to compare with either."""
        visit = self.book_guest(8)
        wish = self.env["clinic.wait.list"]._wish(
            self.known, self.service, {}, "website", guest_card=visit.guest_card
        )
        wish._keep_guest_words(self.service, {}, visit.guest_card)
        visit.contact_booker = "Ayse Yilmaz"
        visit._cancel("ill")
        self.env["clinic.erase"].create(
            {"patient_id": self.known.id, "confirmation": "Çelik"}
        ).action_erase()
        self.env.cr.execute(
            "SELECT to_jsonb(v)::text, person_key FROM clinic_appointment v"
            " WHERE id = %s",
            [visit.id],
        )
        stored, key = self.env.cr.fetchone()
        self.env.cr.execute(
            "SELECT to_jsonb(w)::text FROM clinic_wait_list w WHERE id = %s", [wish.id]
        )
        stored += self.env.cr.fetchone()[0]
        self.assertFalse(key)
        for word in ("Celik", "Zeynep", "guest@example.com", "Yilmaz", "1985-04-12"):
            self.assertNotIn(word, stored)

    def test_a_copy_of_the_patients_data_holds_nothing_of_the_guest(self):
        """What somebody typed who is this patient by likeness is not the patient's."""
        visit = self.book_guest(8)
        wish = self.env["clinic.wait.list"]._wish(
            self.known, self.service, {}, "website", guest_card=visit.guest_card
        )
        wish._keep_guest_words(self.service, {}, visit.guest_card)
        export = self.env["clinic.access.export"].create({"patient_id": self.known.id})
        with zipfile.ZipFile(io.BytesIO(export._content()[0])) as archive:
            told = archive.read("data.json").decode()
        self.assertIn(f'"model": "{visit._name}"', told)
        for name in ("guest_card", "person_key", "guest_words"):
            self.assertNotIn(name, told)

    def test_the_digest_of_a_guest_has_a_key(self):
        """Who knows name, birth date and phone cannot look for the digest."""
        first = self.book_guest(8).person_key
        self.env["ir.config_parameter"].set_param("database.secret", "another one")
        self.assertNotEqual(self.book_guest(9).person_key, first)

    def test_enquiry_of_the_other_card(self):
        """PAT-14: what the card asked for was not booked, once the visit is told to be
        another person's; and no line of its history names who is on the website."""
        enquiry = self.env["clinic.enquiry"].create(
            {"channel": "phone", "patient_id": self.known.id}
        )
        with patch.object(self.env.cr, "now", fields.Datetime.now):
            visit = self.book_guest(8)
        self.env.cr.flush()
        self.assertEqual((enquiry.appointment_id, enquiry.state), (visit, "booked"))
        self.assertNotIn(
            self.env.ref("base.public_user").partner_id, enquiry.message_ids.author_id
        )
        visit.with_user(self.desk).action_split_identity()
        self.assertFalse(enquiry.appointment_id)
        self.assertEqual(enquiry.state, "new")
        later = self.env["clinic.enquiry"].create(
            {"channel": "phone", "patient_id": visit.patient_id.id}
        )
        self.assertEqual(later.appointment_id, visit)
        visit.action_change_patient(self.known.id, "The same person after all")
        self.assertEqual((enquiry.state, later.state), ("booked", "new"))

    def test_channel_tells_the_truth(self):
        """Each line of a guest's history says that it came from the website."""
        visit = self.book_guest(8)
        self.assertEqual(set(visit.event_ids.mapped("channel")), {"website"})
        self.assertEqual(visit.channel, "website")
