from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..lib import codice_fiscale, tax_code
from .common import make_code

NAMES = st.text(alphabet="ABCDEFGHILMNOPQRSTUVZ", min_size=1, max_size=12)
BIRTHS = st.dates(date(1930, 1, 1), date(2025, 12, 31))
SEXES = st.sampled_from(["male", "female"])


@tagged("post_install", "-at_install")
class TestCodiceFiscale(BaseCase):
    @settings(max_examples=60, deadline=None, database=None)
    @given(family=NAMES, name=NAMES, born=BIRTHS, sex=SEXES)
    def test_all_variants_mean_the_same_person(self, family, name, born, sex):
        """S20: the 128 variants of any code are valid, share a base and fit."""
        code = make_code(family, name, born, sex)
        spelt = set(codice_fiscale.variants(code))
        self.assertEqual(len(spelt), 128)
        self.assertIn(code, spelt)
        for variant in spelt:
            codice_fiscale.validate(variant)
            self.assertEqual(codice_fiscale.base(variant), code)
            self.assertFalse(
                codice_fiscale.mismatches(variant, family, name, born, sex)
            )

    @settings(max_examples=60, deadline=None, database=None)
    @given(name=NAMES, born=BIRTHS, other=BIRTHS, sex=SEXES)
    def test_other_birth_date_is_named(self, name, born, other, sex):
        """PAT-02: a birth date that differs within the century is always seen."""
        code = make_code(name, name, born, sex)
        alike = (
            born.year % 100 == other.year % 100
            and born.timetuple()[1:3] == other.timetuple()[1:3]
        )
        self.assertEqual(
            codice_fiscale.mismatches(code, birth_date=other),
            [] if alike else ["birth_date"],
        )

    def test_published_examples(self):
        """PAT-02: names with few consonants, accents, blanks and apostrophes."""
        self.assertEqual(codice_fiscale.family_code("Fo"), "FOX")
        self.assertEqual(codice_fiscale.family_code("D'Angelo"), "DNG")
        self.assertEqual(codice_fiscale.family_code("De Luca"), "DLC")
        self.assertEqual(codice_fiscale.given_code("Gianfranco"), "GFR")
        self.assertEqual(codice_fiscale.given_code("Niccolò"), "NCL")
        self.assertEqual(codice_fiscale.given_code("Ada"), "DAA")

    def test_born_abroad(self):
        """PAT-02: a place that starts with Z is a foreign country, and fine."""
        born = date(1990, 7, 5)
        code = make_code("Popescu", "Ioana", born, "female", place="Z129")
        codice_fiscale.validate(code)
        self.assertFalse(
            codice_fiscale.mismatches(code, "Popescu", "Ioana", born, "female")
        )

    def test_name_in_another_script_is_not_compared(self):
        """An office chose the Latin letters: they say nothing about a typo."""
        code = make_code("Ivanova", "Olga", date(1990, 7, 5), "female")
        self.assertFalse(codice_fiscale.mismatches(code, "Иванова", "Ольга"))

    def test_wrong_codes_are_refused(self):
        """PAT-02: check character, length, month letter and impossible day."""
        good = make_code("Verdi", "Anna", date(1980, 3, 12), "female")
        wrong_check = good[:15] + ("A" if good[15] != "A" else "B")
        wrong_month = good[:8] + "F" + good[9:]
        wrong_day = codice_fiscale.base(good[:9] + "35" + good[11:])
        for code in (wrong_check, good[:15], good + "X", wrong_month, wrong_day, "1"):
            with self.subTest(code=code), self.assertRaises(tax_code.InvalidTaxCode):
                codice_fiscale.validate(code)

    def test_temporary_codes_are_accepted(self):
        """PAT-02: newborn children and foreigners have codes of other shapes."""
        for code in ("STP0101012345678", "ENI0101012345678", "00743110157"):
            codice_fiscale.validate(code)
            self.assertEqual(codice_fiscale.base(code), code)

    def test_another_country_can_be_added(self):
        """PAT-02: a checker for another country is one registration."""

        class Checker:
            looks_like = staticmethod(lambda code: code.startswith("XX"))
            base = staticmethod(lambda code: code.rstrip("0"))

        self.addCleanup(tax_code._CHECKERS.pop, "XX")
        tax_code.register("xx", Checker)
        self.assertEqual(tax_code.base("xx-100"), "XX1")
        self.assertEqual(tax_code.base("100", "XX"), "1")
        self.assertEqual(tax_code.base("100", "IT"), "100")
