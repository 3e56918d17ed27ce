"""What cells of an import mean. No database."""

from datetime import date, datetime

from odoo.tests import BaseCase, tagged

from ..lib import import_cells, import_dates, import_file, import_headers, import_values
from ..lib.import_dates import Evidence, Reading

TODAY = date(2026, 11, 24)


@tagged("post_install", "-at_install")
class TestImportValues(BaseCase):
    def test_values_of_spreadsheets(self):
        """Dates and numbers come as a person would type them."""
        for value, text in (
            (datetime(1980, 3, 12), "1980-03-12"),
            (3331234567.0, "3331234567"),
            (True, "1"),
            (None, ""),
            (1.5, "1.5"),
        ):
            self.assertEqual(import_cells.cell_text(value), text)

    def test_number_formats(self):
        """F2: what a format shows is what stands in the cell: zeros in front, too."""
        for value, number_format, text in (
            (187, "00000", "00187"),
            (123, "000000", "000123"),
            (123456789, "00000", "123456789"),
            (78051120, "000-00-0000", "078-05-1120"),
            (5551234, "[<=9999999]###\\-####;(###) ###\\-####", "555-1234"),
            (2065551234, "[<=9999999]###\\-####;(###) ###\\-####", "(206) 555-1234"),
            (393471100011, '"+"0', "+393471100011"),
            (3471100011, "#,##0", "3471100011"),
            (3471100011, "General", "3471100011"),
            (3471100011, "0.00E+00", "3471100011"),
            (12, "0.00", "12"),
            (-5, "0000;-0000", "-0005"),
        ):
            with self.subTest(number_format):
                shown = import_cells.cell_text(value, number_format)
                self.assertEqual(shown, text)

    def test_numbers_that_lost_digits(self):
        """F2: no rounded number passes for a telephone, a card or a tax code."""
        for text in (
            *("3,47123E+11", "3.47123E+11", "1.10105199003078E+17", "3E+09"),
            import_cells.cell_text(110105199003078000),
            import_cells.cell_text(1.10105199003078e17),
        ):
            with self.subTest(text), self.assertRaises(import_values.Rounded):
                import_values.read_digits(text)
        for text, digits in (
            ("3471100014.0", "3471100014"),
            ("3.471100014E+09", "3471100014"),
            ("110105199003078515", "110105199003078515"),
            ("12E34", "12E34"),
            ("000123", "000123"),
            ("1.5", "1.5"),
        ):
            self.assertEqual(import_values.read_digits(text), digits)
        self.assertTrue(import_values.is_rounded_phone("347123000000"))
        self.assertFalse(import_values.is_rounded_phone("390612340000"))

    def test_zero_that_a_spreadsheet_took(self):
        """F2: it is given back where the number can be no other one."""
        for text, region, number in (
            ("612345678", "IT", "0612345678"),
            ("3471100022", "IT", None),
            ("0612345678", "IT", None),
            ("612345678", False, None),
        ):
            self.assertEqual(import_values.with_lost_zero(text, region), number)

    def test_zeros_of_zip_codes(self):
        """F2: Rome is 00187, wherever the zeros went; a whole code stays as it is."""
        for text, region, code in (
            ("187", "IT", "00187"),
            ("8001", "ES", "08001"),
            ("10000", "CN", "010000"),
            ("20121", "IT", None),
            ("00187", "IT", None),
            ("1010", "AT", None),
            ("SW1A", "GB", None),
        ):
            self.assertEqual(import_values.with_zip_zeros(text, region), code)

    def test_several_phones_in_a_cell(self):
        """Numbers are told apart, and signs inside of one are no end of it."""
        for text, numbers in (
            ("347 1100001; 06 69821234", ["347 1100001", "06 69821234"]),
            ("347 1100001\n06 69821234", ["347 1100001", "06 69821234"]),
            ("3471100001/3471100002", ["3471100001", "3471100002"]),
            ("+39 347 1100001 / 06 69821", ["+39 347 1100001", "06 69821"]),
            ("06 69821234 e 347 1100001", ["06 69821234", "347 1100001"]),
            ("347 1100001 ::: 06 69821234", ["347 1100001", "06 69821234"]),
            ("06 - 6982 1234", ["06 - 6982 1234"]),
            ("347 1100001; int. 4", ["347 1100001; int. 4"]),
            ("347/1100001", ["347/1100001"]),
            ("06-69821234", ["06-69821234"]),
        ):
            self.assertEqual(import_values.split_phones(text), numbers)

    def test_no_value(self):
        """F3: words for nothing are nothing; the same words may be a name."""
        for field, text in (
            *(("city", text) for text in ("NULL", "\\N", "(null)", "NaN", "nan", "-")),
            *(("email", text) for text in ("none", "noemail@noemail.com", "#N/A")),
            *(("phone", text) for text in ("0", "0000000000", "+00 000", "n/a")),
            *(
                ("family_name", text)
                for text in ("NaN", "NaT", "nan", "\\N", "n/a", "—")
            ),
            *((name, "NULL") for name in ("name", "middle_name")),
            *((field, "Na") for field in ("city", "zip", "birth_date")),
            *(("state", text) for text in ("none", "NULL", "n/a")),
        ):
            with self.subTest(text):
                self.assertTrue(import_values.is_empty(field, text))
        for field, text in (
            *(("family_name", text) for text in ("Null", "Nan", "None", "Na")),
            *(("family_name", text) for text in ("Nat", "NAT", "NAN", "NULL")),
            *(("given_name", text) for text in ("Nat", "NAN", "NULL")),
            # Naples and North Dakota, Namibia.
            *(("state", text) for text in ("NA", "na", "ND")),
            *(("country", text) for text in ("NA", "na")),
            ("phone", "0612345678"),
            ("email", "nora@example.com"),
            ("card_number", "0"),
        ):
            with self.subTest(text):
                self.assertFalse(import_values.is_empty(field, text))

    def test_long_cells(self):
        """A cell as long as a page is no date, telephone or total, and soon known so.

        With patterns that search it from each place these texts would take hours.
        """
        many = 200_000
        for text in ("T" * many + "x", " T" * many + "x", "0" * many, "." * many):
            self.assertIsNone(import_dates.read_date(text, "dmy", TODAY))
            self.assertFalse(import_dates.is_stand_in(text, None))
            self.assertFalse(import_dates.is_century_open(text, TODAY, TODAY))
            found = import_dates.evidence([text, "13/02/1980"])
            self.assertEqual(found, Evidence("dmy"))
        text = f"347 1100001{' ' * many}06 69821234"
        self.assertEqual(import_values.split_phones(text), [text])
        self.assertFalse(import_file._is_total(["Total" + "1 " * many + "x"]))

    def test_first_line_of_long_cells(self):
        """A first line of long cells is one of headings, and soon known so."""
        data = f"{'@.' * 16_000},{'@.' * 16_000}\nRossi,Ugo\n".encode()
        self.assertEqual(import_file.open_file(data).look().total, 1)
        cells = ",".join(["x@" + "." * 250] * 150)
        self.assertEqual(
            import_file.open_file(f"{cells}\na,b\n".encode()).look().total, 1
        )
        people = b"Rossi,ugo.rossi@mail.example\nVerdi,ada@mail.example\n"
        self.assertEqual(import_file.open_file(people).look().total, 2)

    def test_what_is_nobodys_name(self):
        """Lines below a list and cells in the wrong column become no patient."""
        for text in (
            "Stampato il 30/11/2026",
            "3471100011",
            "a@b.example",
            "ore 12:30",
        ):
            self.assertTrue(import_values.is_no_name(text), text)
        for text in ("Rossi", "D'Ascènzo", "X Æ A-12", "de' Rossi 2°", "Ли"):
            self.assertFalse(import_values.is_no_name(text), text)

    def test_failed_formulas(self):
        """F3: an error of a spreadsheet is no value, and no nothing either."""
        for text in ("#REF!", "#NAME?", "#DIV/0!", "#VALORE!", "####", "#FORMULA! =A1"):
            self.assertTrue(import_values.has_failed(text), text)
        for text in ("#5", "# 12", "Via Roma #3"):
            self.assertFalse(import_values.has_failed(text), text)

    def test_dates(self):
        """Dates are read in the order chosen."""
        for text, order, expected in (
            ("31/12/1979", "dmy", date(1979, 12, 31)),
            ("12/31/1979", "mdy", date(1979, 12, 31)),
            ("12/31/1979", "dmy", None),
            ("1.2.80", "dmy", date(1980, 2, 1)),
            ("1.2.26", "dmy", date(2026, 2, 1)),
            ("1.2.27", "dmy", date(1927, 2, 1)),
            ("1980-03-12", "mdy", date(1980, 3, 12)),
            ("1980年3月12日", "dmy", date(1980, 3, 12)),
            ("12-03-1980 00:00:00", "dmy", date(1980, 3, 12)),
            ("19800312", "dmy", date(1980, 3, 12)),
            ("12031980", "dmy", date(1980, 3, 12)),
            ("20011990", "dmy", date(1990, 1, 20)),
            ("30/02/1980", "dmy", None),
            ("yesterday", "dmy", None),
            ("=1+1", "dmy", None),
            ("1/2", "dmy", None),
            ("12/1980", "dmy", None),
            ("1980", "dmy", None),
        ):
            with self.subTest(text=text, order=order):
                self.assertEqual(import_dates.read_date(text, order, TODAY), expected)

    def test_dates_in_words_and_with_hours(self):
        """F3: months in words; midnight in any zone is a day, another hour is none."""
        born = date(1980, 3, 15)
        for text in (
            *("15 marzo 1980", "15-mar-80", "15 марта 1980 г.", "15 Mart 1980"),
            *("March 15, 1980", "15. März 1980", "15 de marzo de 1980", "15 mars 1980"),
            *("1980-03-15T00:00:00+02:00", "15/03/1980 00:00:00", "15.03.1980 г."),
            *("15/3/1980 12:00:00 AM", "1980-03-15 14:30"),
        ):
            with self.subTest(text):
                self.assertEqual(import_dates.read_date(text, "dmy", TODAY), born)
        moment = "1980-03-14T22:00:00Z"
        self.assertIsNone(import_dates.read_date(moment, "dmy", TODAY))

    def test_serial_dates(self):
        """F3: a number of a spreadsheet is the day it stands for, in its calendar."""
        read = import_dates.read_date
        self.assertEqual(read("29283", Reading(), TODAY), date(1980, 3, 3))
        mac = Reading(is_1904=True)
        self.assertEqual(read("27821", mac, TODAY), date(1980, 3, 3))
        self.assertIsNone(read("60000", Reading(), TODAY), "nobody is born in 2064")

    def test_dates_that_are_none(self):
        """F3: ``0000-00-00`` and 1/1/1900 are no day of birth, 1970 is one."""
        for text, is_none in (
            *((text, True) for text in ("0000-00-00", "00/00/0000", "/  /", "0")),
            *((text, True) for text in ("1900-01-01", "1/1/1900")),
            *((text, False) for text in ("1970-01-01", "12/03/1980", "1980", "never")),
        ):
            found = import_dates.read_date(text, "dmy", TODAY)
            self.assertEqual(import_dates.is_stand_in(text, found), is_none, text)

    def test_evidence(self):
        """F3: what dates tell about their order, and what must be asked."""
        for texts, told in (
            (["01/02/1980", "13/02/1980"], Evidence("dmy")),
            (["01/02/1980", "02/13/1980"], Evidence("mdy")),
            (["80-03-12", "75-11-02"], Evidence("ymd")),
            (["01/02/1980", "07/08/1990"], Evidence(None, is_open=True)),
            (["12/31/1980", "31/12/1990"], Evidence(None, contradicts=True)),
            (["1980-03-01", "29283", "15 marzo 1980", "Rome"], Evidence(None)),
            (["05/05/1980"], Evidence(None)),
        ):
            with self.subTest(texts):
                self.assertEqual(import_dates.evidence(texts), told)

    def test_dates_that_a_spreadsheet_swapped(self):
        """F3: texts with days above 12 beside dates with none are told apart."""
        swapped = ["1980-05-04", "13/04/1980", "25/12/1975", "1990-12-01"]
        self.assertTrue(import_dates.evidence(swapped, True).looks_swapped)
        right = [*swapped, "1990-12-25"]
        self.assertFalse(import_dates.evidence(right, True).looks_swapped)
        self.assertFalse(import_dates.evidence(swapped).looks_swapped)
        turned = Reading(is_swapped=True)
        read = import_dates.read_date("1980-05-04", turned, TODAY)
        self.assertEqual(read, date(1980, 4, 5))

    def test_order_that_nobody_chose(self):
        """Without an order only what is certain is read."""
        open_order = Reading(None)
        self.assertIsNone(import_dates.read_date("01/02/1980", open_order, TODAY))
        for text in ("13/02/1980", "02/13/1980", "1980-02-13"):
            found = import_dates.read_date(text, open_order, TODAY)
            self.assertEqual(found, date(1980, 2, 13))

    def test_headers_in_the_languages_of_the_suite(self):
        """The usual headers are recognised in five languages."""
        expected = ["family_name", "given_name", "birth_date", "sex", "phone"]
        for headers in (
            ("Last name", "First Name", "Date of birth", "Gender", "Mobile"),
            ("COGNOME", "nome", "Data di nascita", "Sesso", "Tel."),
            ("Soyadı", "Adı", "Doğum tarihi", "Cinsiyet", "Cep telefonu"),
            ("Фамилия", "Имя", "Дата рождения", "Пол", "Телефон"),
            ("姓", "名", "出生日期", "性别", "手机号码"),
        ):
            self.assertEqual(import_headers.propose(headers), expected)
        self.assertEqual(import_headers.letter(27), "AB")

    def test_headers_of_programs(self):
        """F3: exports of other programs are recognised by their own headings."""
        name = ["given_name", "family_name"]
        for program, headers, expected in (
            (
                "Google",
                "First Name|Last Name|Birthday|E-mail 1 - Value|Phone 1 - Value|"
                "Address 1 - Street|Address 1 - City|Address 1 - Postal Code",
                [*name, "birth_date", "email", "phone", "street", "city", "zip"],
            ),
            (
                "Outlook",
                "First Name|Last Name|Birthday|E-mail Address|Mobile Phone|Home Phone|"
                "Business Phone|Home Street|Home City|Home Postal Code|"
                "Home Country/Region",
                [*name, "birth_date", "email", "phone", "phone_home", "phone_work"]
                + ["street", "city", "zip", "country"],
            ),
            (
                "Outlook, Italian",
                "Nome|Cognome|Compleanno|Indirizzo posta elettronica|Cellulare|"
                "Abitazione|Via (ab.)|CAP (ab.)",
                [*name, "birth_date", "email", "phone", "phone_home", "street", "zip"],
            ),
            (
                "Apple",
                "First name|Last name|Birthday|Home email|Mobile|Home address",
                [*name, "birth_date", "email", "phone", "street"],
            ),
            (
                "Bitrix24",
                "Имя|Фамилия|Отчество|Дата рождения|Мобильный телефон|Рабочий телефон|"
                "Частный e-mail|Источник|Комментарий",
                [*name, "middle_name", "birth_date", "phone", "phone_work", "email"]
                + ["source_detail", "clinic_note"],
            ),
            (
                "1C",
                "Код|Наименование|Дата рождения|Пол|ИНН|Телефон|"
                "Адрес электронной почты|Фактический адрес",
                ["card_number", "name", "birth_date", "sex", "tax_code", "phone"]
                + ["email", "street"],
            ),
            (
                "Odoo",
                "Display Name|Phone|Email|Street|Zip|City|State|Country|Tax ID",
                ["name", "phone", "email", "street", "zip", "city", "state"]
                + ["country", "tax_code"],
            ),
            (
                "Odoo, technical",
                "name|phone|email|street2|zip|state_id|country_id|vat|ref|comment",
                ["name", "phone", "email", "street2", "zip", "state", "country"]
                + ["tax_code", "card_number", "clinic_note"],
            ),
        ):
            with self.subTest(program):
                self.assertEqual(import_headers.propose(headers.split("|")), expected)

    def test_whole_name_beside_its_parts(self):
        """One name is enough: the parts are taken, and nothing must be chosen."""
        found = import_headers.propose(["Paziente", "Cognome", "Nome"])
        self.assertEqual(found, [None, "family_name", "given_name"])

    def test_lines_that_are_nobody(self):
        """Totals and repeated headings are told from patients, in any language."""
        for cells in (["Totale", "2"], ["Итого: 40"], ["", "Total", "1.250,00"]):
            self.assertTrue(import_file._is_total(cells), cells)
        for cells in (["Totale", "Ugo"], ["Total Rossi"], ["Rossi", "2"]):
            self.assertFalse(import_file._is_total(cells), cells)
