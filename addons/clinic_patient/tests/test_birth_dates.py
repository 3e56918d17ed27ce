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
        for text in ("1980-03-12", "19800312", "1980/3/12"):
            self.assertEqual(birth_dates.readings(text, TODAY), [born], text)
        both = [born, date(1980, 12, 3)]
        for text in ("12/03/1980", "12.3.80", "12-03-1980", "12 03 1980", "12031980"):
            self.assertEqual(birth_dates.readings(text, TODAY), both, text)

    def test_only_one_order_is_a_date(self):
        for text in ("25/12/1980", "12/25/1980"):
            self.assertEqual(birth_dates.readings(text, TODAY), [date(1980, 12, 25)])

    def test_two_digit_year_is_never_in_the_future(self):
        self.assertEqual(birth_dates.readings("1/1/26", TODAY), [date(2026, 1, 1)])
        self.assertEqual(birth_dates.readings("1/1/27", TODAY), [date(1927, 1, 1)])

    def test_no_date(self):
        for text in ("", "31/02/1980", "45/45/1980", "333 1234567", "1980", "rossi"):
            self.assertFalse(birth_dates.readings(text, TODAY), text)
