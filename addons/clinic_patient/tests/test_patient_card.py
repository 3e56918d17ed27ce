from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestPatientCard(ClinicPatientCommon):
    def assertRefused(self, message, **vals):
        """Check that a card with ``vals`` is refused in words, and not saved."""
        before = self.Partner.search_count([])
        with self.assertRaisesRegex(ValidationError, message):
            with self.env.cr.savepoint():
                self.patient(**vals)
        self.assertEqual(self.Partner.search_count([]), before)

    def test_all_fields_of_the_card(self):
        """PAT-01: the card keeps identity, numbers, origin and preferences."""
        source = self.env["utm.source"].create({"name": "Friend"})
        vals = {
            "family_name": "Verdi",
            "given_name": "Anna",
            "middle_name": "Petrovna",
            "birth_date": date(1980, 3, 12),
            "sex": "female",
            "national_number": "N1",
            "insurance_number": "I1",
            "card_number": "C1",
            "outpatient_number": "O1",
            "inpatient_number": "P1",
            "street": "Via Appia 1",
            "city": "Roma",
            "clinic_area": "Centro",
            "employer": "Acme",
            "occupation": "Baker",
            "email": "anna@example.com",
            "responsible_id": self.env.uid,
            "clinic_note": "<p>Likes mornings</p>",
            "source_id": source.id,
            "source_detail": "Bianca",
            "on_treatment": True,
            "vip_tier": "gold",
            "lang": "en_US",
            "preferred_channel": "whatsapp",
        }
        card = self.Partner.create({"is_patient": True, **vals})
        card.invalidate_recordset()
        self.assertRecordValues(
            card,
            [{**vals, "name": "Verdi Anna Petrovna", "identity_state": "confirmed"}],
        )
        self.assertEqual((card.visit_count, card.lifetime_value), (0, 0.0))
        self.assertFalse(card.first_visit_date or card.last_visit_date)

    def test_name_and_parts_say_the_same(self):
        """PAT-01: changing a part changes the name; a bare name is taken apart."""
        card = self.patient("Verdi", "Anna")
        card.write({"given_name": " Anna  Maria ", "middle_name": "Q"})
        self.assertEqual(card.name, "Verdi Anna Maria Q")
        card.write({"name": "Q Anna Verdi Maria"})
        self.assertEqual(card.name, "Verdi Anna Maria Q")
        card.write({"name": "Bianchi Laura Eva"})
        self.assertEqual(
            (card.family_name, card.given_name, card.middle_name),
            ("Bianchi", "Laura Eva", ""),
        )
        contact = self.Partner.create({"name": "Neri Paolo"})
        contact.is_patient = True
        self.assertEqual((contact.family_name, contact.given_name), ("Neri", "Paolo"))

    def test_writing_several_cards_keeps_their_names(self):
        cards = self.patient("Verdi", "Anna") | self.patient("Rossi", "Carla")
        cards.write({"middle_name": "Z"})
        self.assertEqual(cards.mapped("name"), ["Verdi Anna Z", "Rossi Carla Z"])

    def test_contacts_stay_as_they_are(self):
        """Contacts that are no patients are free of the rules for patients."""
        contact = self.Partner.create({"name": "Acme 🙂", "phone": "none"})
        self.assertFalse(contact.family_name)
        contact.write({"name": "x" * 300})
        self.assertEqual(len(contact.name), 300)

    def test_age(self):
        """PAT-01: the age follows the day; an unknown one is blank and not 0."""
        card = self.patient(birth_date="2008-11-22")
        with freeze_time("2026-11-21 12:00:00"):
            self.assertEqual((card.clinic_age, card.age_text), (17, "17 years"))
            self.assertTrue(card.is_minor)
        card.invalidate_recordset()
        with freeze_time("2026-11-22 12:00:00"):
            self.assertEqual(card.clinic_age, 18)
            self.assertFalse(card.is_minor)
            baby = self.patient(birth_date="2026-11-22")
            self.assertEqual((baby.clinic_age, baby.age_text), (0, "0 days"))
            small = self.patient(birth_date="2026-02-20")
            self.assertEqual(small.age_text, "9 months")
        unknown = self.patient()
        self.assertIs(unknown.clinic_age, False)
        self.assertIs(unknown.read(["clinic_age"])[0]["clinic_age"], False)
        self.assertFalse(unknown.age_text)

    def test_search_by_age(self):
        today = fields.Date.context_today(self.Partner)
        cards = self.Partner
        for years in (0, 17, 18, 40):
            cards |= self.patient(birth_date=today.replace(year=today.year - years))
        cards |= self.patient()
        mine = [("id", "in", cards.ids)]
        for leaf, count in (
            (("clinic_age", ">=", 18), 2),
            (("clinic_age", "<", 18), 2),
            (("clinic_age", "=", 17), 1),
            (("clinic_age", "=", False), 1),
            (("clinic_age", ">", 17), 2),
            (("clinic_age", "<=", 0), 1),
            (("is_minor", "=", True), 2),
            (("has_birthday_this_month", "=", True), 4),
        ):
            with self.subTest(leaf=leaf):
                found = self.Partner.search(mine + [leaf])
                self.assertEqual(len(found), count)
                if leaf[0] != "clinic_age":
                    self.assertEqual(found, cards.filtered(leaf[0]))

    def test_impossible_birth_dates(self):
        """Bad input: tomorrow and 1850 are refused in words, nothing is saved."""
        tomorrow = fields.Date.context_today(self.Partner) + timedelta(days=1)
        self.assertRefused("in the future", birth_date=tomorrow)
        self.assertRefused("more than 130 years", birth_date="1850-01-01")

    def test_impossible_names(self):
        """Bad input: 10,000 letters, emoji, text that turns the direction around."""
        self.assertRefused("Family name is too long.*10000", family="x" * 10000)
        self.assertRefused("Given name is too long.*101", given="x" * 101)
        self.assertRefused("Given name holds a sign.*😀", given="Anna 😀")
        self.assertRefused("Family name holds a sign.*U\\+202E", family="Ver\u202edi")
        self.assertRefused("Family name holds a sign.*U\\+0000", family="Ver\x00di")
        self.assertRefused("family name or a given name", family=" ", given="\t")
        card = self.patient("x" * 100, "y" * 100, middle_name="z" * 100)
        self.assertEqual(len(card.name), 302)

    def test_bad_name_leaves_the_card_alone(self):
        card = self.patient("Verdi", "Anna")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            card.write({"given_name": "😀", "city": "Roma"})
        card.invalidate_recordset()
        self.assertEqual((card.name, card.city), ("Verdi Anna", False))

    def test_names_of_the_world(self):
        """PAT-01: names in any script and direction are kept as they are spelt."""
        for family, given in (
            ("العلي", "محمد"),
            ("כהן", "שרה"),
            ("Иванова", "Ольга"),
            ("王", "伟"),
            ("O'Brien-Núñez", "Søren"),
            ("نامدار‌پور", "سارا"),
            ("Ng", "D."),
        ):
            with self.subTest(family=family):
                card = self.patient(family, given)
                card.invalidate_recordset()
                self.assertEqual(card.name, f"{family} {given}")
                found = self.Partner.search([("patient_search", "ilike", given)])
                self.assertIn(card, found)

    def test_spelling_of_one_letter_is_unified(self):
        """A letter and its accent typed apart are stored as one."""
        self.assertEqual(self.patient("Nu\u0301n\u0303ez").family_name, "Núñez")

    def test_company_is_no_patient(self):
        self.assertRefused("company cannot be a patient", is_company=True)

    def test_employee_is_no_patient(self):
        """The contact of an employee is seen by all: it cannot be a card."""
        user = self.user("receptionist")
        with self.assertRaisesRegex(ValidationError, "separate card"):
            user.partner_id.is_patient = True
        card = self.patient()
        with self.assertRaisesRegex(ValidationError, "separate card"):
            self.env["res.users"].create(
                {"login": "test_employee", "partner_id": card.id}
            )

    def test_card_number_is_unique_in_a_company(self):
        """PAT-01: no two active patients of a company have one card number."""
        first = self.patient(card_number="C1")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            with self.env.cr.savepoint():
                self.patient("Rossi", card_number="C1").flush_recordset()
        other = self.env["res.company"].create({"name": "Other clinic"})
        self.patient("Rossi", card_number="C1", company_id=other.id)
        first.active = False
        self.patient("Neri", card_number="C1").flush_recordset()

    def test_guarantees_of_the_database(self):
        """A constraint that does not apply is only logged by Odoo: look at it."""
        self.env.cr.execute(
            "SELECT indexname FROM pg_indexes WHERE indexname = ANY(%s)",
            [
                [
                    "res_partner_card_number_unique",
                    "res_partner_tax_code_unique",
                    "res_partner_clinic_search_text_trigram",
                    "res_partner_patient_name",
                    "clinic_phone_partner_number_unique",
                    "clinic_relationship_once",
                    "clinic_rate_limit_key_unique",
                ]
            ],
        )
        self.assertEqual(self.env.cr.rowcount, 7)
        self.env.cr.execute(
            "SELECT FROM pg_constraint WHERE conname = %s",
            ["clinic_relationship_not_oneself"],
        )
        self.assertEqual(self.env.cr.rowcount, 1)
