from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ClinicPatientCommon

SPELLINGS = (
    "+393331234567",
    "+39 333 123 4567",
    "0039 333 1234567",
    "333 1234567",
    "333-123-45-67",
    "(333) 123.4567",
    "333/1234567",
)


@tagged("post_install", "-at_install")
class TestPhone(ClinicPatientCommon):
    def test_any_spelling_finds_all(self):
        """PAT-03: parent and children with one number are all found by it."""
        family = self.Partner
        for given, spelling in zip(("Anna", "Luca", "Sara"), SPELLINGS, strict=False):
            family |= self.patient(given=given, phone=spelling)
        self.patient("Rossi", phone="333 1234568")
        self.assertEqual(set(family.phone_ids.mapped("e164")), {"+393331234567"})
        for spelling in SPELLINGS:
            with self.subTest(spelling=spelling):
                self.assertEqual(self.Partner._find_by_phone(spelling), family)
                found = self.Partner.search([("patient_search", "ilike", spelling)])
                self.assertEqual(found, family)
        for nothing in ("", None, "anna", "12", "+39 333 1234569"):
            self.assertFalse(self.Partner._find_by_phone(nothing))

    def test_foreign_numbers(self):
        """PAT-03: a number is read in the country of the person, then the company."""
        paris = self.patient(
            country_id=self.env.ref("base.fr").id, phone="01 42 68 53 00"
        )
        self.assertEqual(paris.phone_ids.e164, "+33142685300")
        for spelling in ("+33 1 42 68 53 00", "0033142685300", "0142685300"):
            found = self.Partner.search([("patient_search", "ilike", spelling)])
            self.assertEqual(found, paris, spelling)

    def test_impossible_numbers(self):
        """Bad input: an impossible phone gives a clear message, nothing is saved."""
        before = self.Partner.search_count([])
        for number in ("123", "abc", "+39 1", "9" * 10000, "😀", "+999 123456789"):
            with self.subTest(number=number[:20]):
                with self.assertRaisesRegex(ValidationError, "country code in front"):
                    with self.env.cr.savepoint():
                        self.patient(phone=number)
                with self.assertRaisesRegex(ValidationError, "country code in front"):
                    with self.env.cr.savepoint():
                        self.patient(phone_ids=[Command.create({"number": number})])
        self.assertEqual(self.Partner.search_count([]), before)

    def test_labels_and_permissions(self):
        """PAT-03: several numbers with label, preferred mark and permissions."""
        card = self.patient(
            phone_ids=[
                Command.create({"number": "06 6982 1234", "label": "home"}),
                Command.create(
                    {
                        "number": "333 1234567",
                        "is_preferred": True,
                        "allow_sms": False,
                    }
                ),
            ]
        )
        home, mobile = card.phone_ids.sorted("label")
        self.assertEqual((home.label, mobile.label), ("home", "mobile"))
        self.assertTrue(home.allow_sms and home.allow_call and home.allow_whatsapp)
        self.assertFalse(mobile.allow_sms)
        self.assertEqual(card.phone, "+39 333 123 4567")
        self.assertEqual(card.phone_sanitized, "+393331234567")

    def test_phone_follows_the_preferred_number(self):
        """PAT-03: Odoo's own phone field is in step with the preferred number."""
        card = self.patient(phone="333 1234567")
        home = self.Phone.create({"partner_id": card.id, "number": "06 6982 1234"})
        self.assertEqual(card.phone, "+39 333 123 4567")
        home.is_preferred = True
        self.assertEqual(card.phone_ids.filtered("is_preferred"), home)
        self.assertEqual(card.phone_sanitized, "+390669821234")
        home.number = "06 6982 9999"
        self.assertEqual(card.phone_sanitized, "+390669829999")
        home.unlink()
        self.assertEqual(card.phone, "+39 333 123 4567")
        card.phone_ids.unlink()
        self.assertFalse(card.phone)

    def test_writing_phone_adds_a_number(self):
        """PAT-03: a phone that portal or import writes never overwrites a number."""
        card = self.patient(phone="333 1234567")
        card.phone = "333 765 4321"
        self.assertEqual(len(card.phone_ids), 2)
        self.assertEqual(card.phone_sanitized, "+393337654321")
        card.phone = "0039 333 1234567"
        self.assertEqual(len(card.phone_ids), 2)
        self.assertEqual(card.phone, "+39 333 123 4567")
        card.phone = False
        self.assertEqual(card.phone, "+39 333 765 4321")

    def test_shared_phone_and_mail_never_overwrite(self):
        """PAT-03: what is changed on one card of a family stays on that card."""
        shared = {"phone": "333 1234567", "email": "family@example.com"}
        mother = self.patient("Verdi", "Anna", **shared)
        child = self.patient("Verdi", "Luca", **shared)
        before = child.read()[0]
        mother.phone_ids.write({"number": "333 9999999", "allow_sms": False})
        mother.write({"email": "anna@example.com", "family_name": "Bianchi"})
        mother.phone_ids.unlink()
        child.invalidate_recordset()
        after = child.read()[0]
        changed = {name for name in before if before[name] != after[name]}
        self.assertFalse(changed - {"write_date"})
        self.assertEqual(child.phone_ids.e164, "+393331234567")

    def test_number_once_per_card(self):
        card = self.patient(phone="333 1234567")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            with self.env.cr.savepoint():
                self.Phone.create({"partner_id": card.id, "number": "+393331234567"})

    def test_contact_who_becomes_patient(self):
        contact = self.Partner.create({"name": "Neri Paolo", "phone": "333 1234567"})
        self.assertFalse(contact.phone_ids)
        contact.is_patient = True
        self.assertEqual(contact.phone_ids.e164, "+393331234567")
