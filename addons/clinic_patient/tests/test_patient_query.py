from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..lib import patient_query, person_name

TODAY = date(2026, 11, 21)


def fake_e164(text):
    digits = "".join(filter(str.isdigit, text))
    return f"+39{digits}" if len(digits) == 10 else None


@tagged("post_install", "-at_install")
class TestPatientQuery(BaseCase):
    def parse(self, text):
        return patient_query.parse(text, TODAY, fake_e164)

    def test_words(self):
        self.assertEqual(self.parse("Núñez MARÍA"), [["nunez"], ["maria"]])
        self.assertEqual(self.parse("D'Angelo"), [["d"], ["angelo"]])

    def test_number_spread_over_blanks_is_one_number(self):
        self.assertEqual(
            self.parse("rossi 333 123-45 67"),
            [["rossi"], ["3331234567", "+393331234567"]],
        )

    def test_double_zero_is_a_plus(self):
        self.assertIn("393331234567", self.parse("0039 333 1234567")[0])
        self.assertEqual(self.parse("0099"), [["0099"]])

    def test_birth_date_beside_a_name(self):
        self.assertEqual(
            self.parse("rossi 12/03/1980"),
            [["rossi"], ["12031980", date(1980, 3, 12), date(1980, 12, 3)]],
        )

    def test_omocodia_is_searched_by_its_base(self):
        self.assertEqual(
            self.parse("RSSMRA80A01H50MA"), [["rssmra80a01h50ma", "rssmra80a01h501u"]]
        )

    @settings(max_examples=200, deadline=None, database=None)
    @given(st.text(max_size=300))
    def test_any_text_is_taken_apart_safely(self, text):
        """Whatever is typed, the words hold nothing that LIKE would interpret."""
        for alternatives in self.parse(text):
            self.assertTrue(alternatives)
            for found in alternatives:
                if isinstance(found, str):
                    self.assertTrue(found)
                    self.assertFalse(set(found) & set("%_\\ "))

    @settings(max_examples=200, deadline=None, database=None)
    @given(st.text(max_size=40))
    def test_every_name_finds_itself(self, name):
        """Digits apart: they are taken for a telephone number in any spelling."""
        words = [f" {word}" for word in person_name.words(name)]
        text = "".join(words)
        for alternatives in patient_query.parse(name, TODAY):
            self.assertTrue(
                any(
                    isinstance(found, date) or found.isdigit() or f" {found}" in text
                    for found in alternatives
                ),
                (name, alternatives, text),
            )
