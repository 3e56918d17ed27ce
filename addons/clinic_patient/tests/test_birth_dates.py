from datetime import date

from odoo.tests import BaseCase, tagged

from ..lib import birth_dates

TODAY = date(2026, 11, 21)


@tagged("post_install", "-at_install")
class TestBirthDates(BaseCase):
    def test_age_changes_on_the_birthday(self):
        born = date(2008, 11, 22)
        self.assertEqual(birth_dates.age_on(born, date(2026, 11, 21)), 17)
        self.assertEqual(birth_dates.age_on(born, date(2026, 11, 22)), 18)
        self.assertIsNone(birth_dates.age_on(None, TODAY))

    def test_born_on_a_leap_day(self):
        born = date(2008, 2, 29)
        self.assertEqual(birth_dates.birthday(born, 18), date(2026, 3, 1))
        self.assertEqual(birth_dates.age_on(born, date(2026, 2, 28)), 17)
        self.assertEqual(birth_dates.age_on(born, date(2026, 3, 1)), 18)

    def test_dates_as_people_type_them(self):
        born = date(1980, 3, 12)
        for text in (
            "1980-03-12",
            "19800312",
            "12/03/1980",
            "12.3.80",
            "12-03-1980",
            "12 03 1980",
            "12031980",
        ):
            with self.subTest(text=text):
                self.assertEqual(birth_dates.parse(text, TODAY), born)

    def test_month_first(self):
        self.assertEqual(birth_dates.parse("3/12/80", TODAY, True), date(1980, 3, 12))
        self.assertEqual(birth_dates.parse("25/12/80", TODAY, True).day, 25)

    def test_two_digit_year_is_never_in_the_future(self):
        self.assertEqual(birth_dates.parse("1/1/26", TODAY).year, 2026)
        self.assertEqual(birth_dates.parse("1/1/27", TODAY).year, 1927)

    def test_no_date(self):
        for text in ("", "31/02/1980", "45/45/1980", "333 1234567", "1980", "rossi"):
            with self.subTest(text=text):
                self.assertIsNone(birth_dates.parse(text, TODAY))
