from datetime import date

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..lib import codice_fiscale
from .common import ClinicPatientCommon

PHONE = "+393331234567"


@tagged("post_install", "-at_install")
class TestRegistration(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vals = cls.verdi_vals(email="anna@example.com")
        cls.known = cls.Partner.create(
            dict(cls.vals, is_patient=True, phone="333 1234567", card_number="C1")
        )
        cls.public = cls.Partner.with_user(cls.env.ref("base.public_user"))

    def snapshot(self):
        self.env.flush_all()
        self.known.invalidate_recordset()
        stored = [name for name, field in self.known._fields.items() if field.store]
        values = self.known.read(stored)[0]
        values["phones"] = self.known.phone_ids.read()
        return values

    def test_new_patient(self):
        card = self.public._register_patient(
            {
                "family_name": "Rossi",
                "given_name": "Carla",
                "birth_date": date(1990, 1, 1),
                "email": "carla@example.com",
            },
            "+39 333 0000000",
        )
        self.assertTrue(card.is_patient)
        self.assertEqual(card.identity_state, "confirmed")
        self.assertEqual(card.phone_ids.e164, "+393330000000")
        self.assertTrue(card.phone_ids.is_preferred)

    def test_all_four_proofs(self):
        """S6: the card itself is given only to who proves all, and not changed."""
        before = self.snapshot()
        code = list(codice_fiscale.variants(self.vals["tax_code"]))[-1]
        vals = dict(
            self.vals, tax_code=code, family_name="VERDI", email="new@example.com"
        )
        card = self.public._register_patient(vals, PHONE)
        self.assertEqual(card, self.known)
        self.assertEqual(self.snapshot(), before)

    def test_known_data_touch_no_card(self):
        """S6: known mail, phone or tax code give a new card; the old is untouched."""
        before = self.snapshot()
        stranger = {"family_name": "Rossi", "given_name": "Carla"}
        born = {"birth_date": self.vals["birth_date"]}
        code = {"tax_code": self.vals["tax_code"]}
        for vals, phone, state in (
            ({**stranger, "email": self.vals["email"]}, None, "confirmed"),
            (stranger, PHONE, "confirmed"),
            ({**stranger, **born}, PHONE, "to_review"),
            ({**stranger, **code}, None, "to_review"),
            (self.vals, None, "to_review"),
            (self.vals, "+393339999999", "to_review"),
            ({**self.vals, "family_name": "Rossi"}, PHONE, "to_review"),
            ({**self.vals, "birth_date": date(1980, 3, 13)}, PHONE, "to_review"),
            ({**self.vals, "tax_code": False}, PHONE, "to_review"),
        ):
            with self.subTest(vals=vals, phone=phone):
                card = self.public._register_patient(vals, phone)
                self.assertTrue(card.exists())
                self.assertNotEqual(card, self.known)
                self.assertEqual(card.identity_state, state)
                self.assertEqual(self.snapshot(), before)

    def test_two_cards_with_the_same_proofs(self):
        """When two cards fit, neither is given away."""
        self.Partner.create(
            dict(self.vals, is_patient=True, identity_state="to_review", phone=PHONE)
        )
        card = self.public._register_patient(self.vals, PHONE)
        self.assertNotEqual(card, self.known)
        self.assertEqual(card.identity_state, "to_review")

    def test_archived_card_is_not_given_back(self):
        self.known.active = False
        card = self.public._register_patient(self.vals, PHONE)
        self.assertNotEqual(card, self.known)

    def test_bad_input(self):
        """Bad input: refused alike for known and unknown people, nothing saved."""
        before = self.Partner.search_count([])
        for wrong in (
            {"tax_code": "RSSMRA80A01H501X"},
            {"birth_date": date(2999, 1, 1)},
            {"family_name": "x" * 10000},
            {"given_name": "😀"},
        ):
            with self.subTest(wrong=str(wrong)[:50]):
                with self.assertRaises(ValidationError):
                    self.public._register_patient({**self.vals, **wrong}, PHONE)
        with self.assertRaises(ValidationError):
            self.public._register_patient(self.vals, "123")
        self.assertEqual(self.Partner.search_count([]), before)

    def test_bad_input_is_refused_although_the_person_is_known(self):
        """A refusal must not depend on who is a patient."""
        with self.assertRaises(ValidationError):
            self.public._register_patient(
                {**self.vals, "given_name": "x" * 10000}, PHONE
            )

    def test_only_fields_of_a_visitor(self):
        for field, value in (
            ("identity_state", "confirmed"),
            ("is_patient", False),
            ("card_number", "C1"),
            ("user_ids", [Command.clear()]),
            ("parent_id", 1),
            ("vip_tier", "gold"),
        ):
            with self.subTest(field=field), self.assertRaises(ValueError):
                self.public._register_patient({**self.vals, field: value}, PHONE)

    def test_duplicates_are_found_by_each_sign(self):
        """Alike are: tax code, card number, phone and birth, name and birth."""
        find = self.Partner._find_duplicates
        born = self.vals["birth_date"]
        for vals in (
            {"tax_code": self.vals["tax_code"].lower()},
            {"card_number": "C1"},
            {"birth_date": born, "phone": "333 1234567"},
            {"birth_date": "1980-03-12", "phones": ["x", "0039 333 1234567"]},
            {"birth_date": born, "family_name": "ANNA", "given_name": "vèrdi"},
        ):
            with self.subTest(vals=vals):
                self.assertEqual(find(vals), self.known)
        for vals in (
            {},
            {"name": "Verdi Anna"},
            {"phone": "333 1234567"},
            {"birth_date": born},
            {"birth_date": born, "name": "Verdi Carla"},
        ):
            with self.subTest(vals=vals):
                self.assertFalse(find(vals))
        self.assertFalse(self.known._find_duplicates(self.known._duplicate_vals()))
