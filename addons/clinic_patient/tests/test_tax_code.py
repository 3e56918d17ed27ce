from datetime import date

from psycopg2.errors import UniqueViolation

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..lib import codice_fiscale
from .common import ClinicPatientCommon, make_code


@tagged("post_install", "-at_install")
class TestTaxCode(ClinicPatientCommon):
    def test_good_code(self):
        """PAT-02: a code that agrees with the person gives no warning."""
        vals = self.verdi_vals()
        typed = f" {vals['tax_code'][:6].lower()} {vals['tax_code'][6:].lower()}"
        card = self.patient(**dict(self._rest(vals), tax_code=typed))
        self.assertEqual(card.tax_code, vals["tax_code"])
        self.assertEqual(card.tax_code_base, vals["tax_code"])
        self.assertFalse(card.tax_code_warning)

    def _rest(self, vals):
        return {k: v for k, v in vals.items() if k not in ("family_name", "given_name")}

    def test_mismatch_names_the_field(self):
        """PAT-02: the warning names each field the code contradicts."""
        card = self.Partner.create(self.verdi_vals(is_patient=True))
        for field, value, label in (
            ("family_name", "Rossi", "Family name"),
            ("given_name", "Bruna", "Given name"),
            ("birth_date", date(1980, 3, 13), "Birth date"),
            ("sex", "male", "Sex"),
        ):
            with self.subTest(field=field):
                before = card[field]
                card[field] = value
                self.assertRegex(card.tax_code_warning, f"agree with: {label}\\.")
                card[field] = before
                self.assertFalse(card.tax_code_warning)
        card.write({"sex": "male", "birth_date": date(1981, 3, 12)})
        self.assertIn("Birth date, Sex", card.tax_code_warning)

    def test_omocodia(self):
        """PAT-02: a code with letters for digits is kept as given and compared."""
        vals = self.verdi_vals()
        code = list(codice_fiscale.variants(vals["tax_code"]))[-1]
        card = self.Partner.create(dict(vals, tax_code=code, is_patient=True))
        self.assertEqual(card.tax_code, code)
        self.assertEqual(card.tax_code_base, vals["tax_code"])
        self.assertFalse(card.tax_code_warning)
        card.sex = "male"
        self.assertIn("Sex", card.tax_code_warning)

    def test_wrong_code_is_refused(self):
        """Bad input: a mistyped tax code gives a clear message, nothing is saved."""
        code = self.verdi_vals()["tax_code"]
        before = self.Partner.search_count([])
        for wrong, message in (
            (code[:15] + ("A" if code[15] != "A" else "B"), "mistyped"),
            (code[:-1], "wrong number of characters"),
            ("X" * 10000, "wrong number of characters"),
            ("😀" * 16, "mistyped"),
        ):
            with self.subTest(wrong=wrong[:20]):
                with self.assertRaisesRegex(ValidationError, message):
                    with self.env.cr.savepoint():
                        self.patient(tax_code=wrong)
        self.assertEqual(self.Partner.search_count([]), before)

    def test_no_code_is_fine(self):
        """PAT-02: foreigners without a code are patients like others."""
        cards = self.patient("A") | self.patient("B", tax_code=" ")
        self.assertFalse(any(cards.mapped("tax_code_base")))

    def test_country_without_checker(self):
        """PAT-02: the code of a country nobody described is kept unchecked."""
        self.env.company.country_id = self.env.ref("base.ch")
        card = self.patient(tax_code="756.1234.5678.97")
        self.assertEqual(card.tax_code_base, "7561234567897")
        self.assertFalse(card.tax_code_warning)

    def test_variants_are_one_patient(self):
        """S20: each of the 128 variants is the patient that is there already."""
        vals = self.verdi_vals(is_patient=True)
        card = self.Partner.create(vals)
        for code in codice_fiscale.variants(vals["tax_code"]):
            found = self.Partner._find_duplicates({"tax_code": code})
            self.assertEqual(found, card)
        variant = list(codice_fiscale.variants(vals["tax_code"]))[77]
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            with self.env.cr.savepoint():
                self.Partner.create(dict(vals, tax_code=variant)).flush_recordset()

    def test_twins_are_two_patients(self):
        """S20: twins share birth date, place, phone and family, and are two."""
        born = date(2015, 5, 5)
        twins = self.Partner.create(
            [
                {
                    "is_patient": True,
                    "family_name": "Verdi",
                    "given_name": given,
                    "birth_date": born,
                    "sex": "male",
                    "phone": "+39 333 123 4567",
                    "tax_code": make_code("Verdi", given, born, "male"),
                }
                for given in ("Marco", "Paolo")
            ]
        )
        twins.flush_recordset()
        self.assertEqual(len(set(twins.mapped("tax_code_base"))), 2)
        self.assertFalse(any(twins.mapped("tax_code_warning")))

    def test_two_people_with_one_base(self):
        """A person to review may share a code until it is settled, not longer."""
        vals = self.verdi_vals(is_patient=True)
        self.Partner.create(vals)
        other = self.Partner.create(dict(vals, identity_state="to_review"))
        other.flush_recordset()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            with self.env.cr.savepoint():
                other.action_confirm_identity()
                other.flush_recordset()

    def test_message_of_the_database(self):
        """The refusal of the database reaches the user in words."""
        vals = self.verdi_vals(is_patient=True)
        self.Partner.create(vals).flush_recordset()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation) as caught:
            with self.env.cr.savepoint():
                self.Partner.create(vals).flush_recordset()
        message = self.Partner._sql_error_to_message(caught.exception)
        self.assertIn("Another patient has this tax code", message)
