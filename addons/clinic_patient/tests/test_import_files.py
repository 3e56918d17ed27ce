"""Files as people have them: every person is a card or a line refused by name."""

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import file_open

from .import_common import ImportCommon


@tagged("post_install", "-at_install")
class TestImportRealFiles(ImportCommon):
    """The files in tests/files, each after a public report; names are invented."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.country_id = cls.env.ref("base.it")

    def data(self, name):
        with file_open(f"clinic_patient/tests/files/{name}", "rb") as source:
            return source.read()

    def load(self, name, fields=None, **vals):
        """Return the import of a file, checked and done; vals answer its questions."""
        job = self.job(self.data(name), name)
        job.action_read()
        if vals:
            job.write(vals)
        for number, field in (fields or {}).items():
            job.column_ids[number].field = field
        job.action_check()
        self.run_cron()
        self.assertEqual(job.state, "checked", job.notice)
        self.assertEqual(job.total, len(job.row_ids), "every line is accounted for")
        job.action_import()
        self.run_cron()
        self.assertEqual(job.state, "done")
        return job

    def cards(self, job, *names):
        """Return what the cards hold, in the order of the file."""
        return [
            tuple(
                str(row.partner_id[name]) if row.partner_id[name] else ""
                for name in names
            )
            for row in job.row_ids
            if row.state == "imported"
        ]

    def refused(self, job):
        """Return ``{line: reason}`` of the lines that made no card."""
        return {
            row.number: row.reason for row in job.row_ids if row.state != "imported"
        }

    def test_encodings(self):
        """01–06: UTF-8 with a mark, UTF-16 with and without, 1251, 866, GB 18030."""
        russian = [
            ("Ёлкина Анна Сергеевна", "1980-03-05", "female", "+7 495 123-45-01"),
            ("Щукин Пётр Ильич", "1962-11-17", "male", "+7 495 123-45-02"),
            ("Ли Юй", "1999-01-01", "female", "+7 495 123-45-03"),
        ]
        self.env.company.country_id = self.env.ref("base.ru")
        for name in (
            *("02_utf16le_bom_tab.txt", "03_utf16le_nobom_tab.txt"),
            *("04_cp1251.csv", "05_cp866.csv"),
        ):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                job = self.load(name)
                found = self.cards(job, "name", "birth_date", "sex", "phone")
                self.assertEqual(found, russian)
                savepoint.rollback()
                self.env.invalidate_all()
        self.env.company.country_id = self.env.ref("base.cn")
        job = self.load("06_gbk_small.csv")
        found = self.cards(job, "name", "birth_date", "sex", "phone")
        self.assertEqual(
            found,
            [
                ("王芳", "1980-03-05", "female", "+86 138 0013 8001"),
                ("李娜", "1975-11-02", "female", "+86 138 0013 8002"),
                ("张伟", "1990-07-08", "male", "+86 138 0013 8003"),
            ],
        )
        job = self.load("06b_gbk_2names.csv")
        # Without a birth date a name alone makes nobody a duplicate.
        self.assertEqual(self.cards(job, "name"), [("王芳",), ("李娜",)])

    def test_accents_and_leading_zeros(self):
        """01, 08: accents, ZIP codes and separators inside of cells come through."""
        job = self.load("01_bom_semicolon.csv")
        self.assertEqual(
            self.cards(job, "name", "zip", "city", "street", "phone"),
            [
                ("Àlbani Niccolò", "00187", "Roma", "Via Roma 1", "+39 347 110 0001"),
                ("D'Ascènzo Zoë", "00193", "Roma", "P.za S. Pietro; int. 4")
                + ("+39 347 110 0002",),
            ],
        )
        job = self.load("08_macroman_cr.csv")
        self.assertEqual(
            self.cards(job, "name", "phone"),
            [
                ("Béranger Chloé", "+33 1 23 45 67 01"),
                ("Lefèvre Aurélie", "+33 1 23 45 67 02"),
            ],
        )

    def test_dates_as_numbers(self):
        """09, 10: numbers that stand for days, from 1900 and from 1904."""
        for name in ("09_serial_general.xlsx", "09b_serial.csv"):
            job = self.load(name)
            self.assertEqual(
                self.cards(job, "birth_date"), [("1980-03-03",), ("1971-07-01",)]
            )
        job = self.load("10_1904.xlsx")
        self.assertEqual(
            self.cards(job, "birth_date"),
            [("1953-12-20",), ("1976-11-19",), ("1904-01-02",)],
        )

    def test_dates_that_must_be_asked(self):
        """11a: ambiguous dates are asked once, and the answer is remembered."""
        job = self.job(self.data("11a_all_ambiguous.csv"))
        job.action_read()
        self.assertFalse(job.date_order)
        self.assertIn("choose how they are written", job.notice)
        with self.assertRaisesRegex(UserError, "Choose how the dates are written"):
            job.action_check()
        job = self.load("11a_all_ambiguous.csv", date_order="mdy")
        self.assertEqual(
            self.cards(job, "birth_date"),
            [("1980-04-05",), ("1990-07-08",), ("1975-01-12",)],
        )
        again = self.job(self.data("11a_all_ambiguous.csv"))
        again.action_read()
        self.assertEqual(again.date_order, "mdy")

    def test_dates_that_contradict(self):
        """11c: two orders in one file are said; the other kind is refused by line."""
        job = self.job(self.data("11c_contradict.csv"))
        job.action_read()
        self.assertIn("contradict each other", job.notice)
        with self.assertRaisesRegex(UserError, "Choose how the dates are written"):
            job.action_check()
        job = self.load("11c_contradict.csv", date_order="dmy")
        self.assertEqual(
            self.cards(job, "birth_date"),
            [("1990-12-31",), ("1975-12-01",), ("1975-12-25",)],
        )
        self.assertEqual(list(self.refused(job)), [2])
        self.assertIn("DOB (C): “12/31/1980”", self.refused(job)[2])

    def test_dates_that_were_swapped(self):
        """12: dates whose month a spreadsheet took for the day are asked about."""
        name = "12_half_text_half_date.xlsx"
        job = self.job(self.data(name))
        job.action_read()
        self.assertFalse(job.spreadsheet_dates)
        with self.assertRaisesRegex(UserError, "day and month exchanged"):
            job.action_check()
        job = self.load(name, spreadsheet_dates="swapped")
        self.assertEqual(
            self.cards(job, "birth_date"),
            [("1980-04-05",), ("1980-04-13",), ("1975-12-25",), ("1990-01-12",)],
        )

    def test_phones_as_numbers(self):
        """13: rounded numbers are refused with their cell, whole ones are read."""
        job = self.load("13a_phone_sci.csv")
        self.assertEqual(
            self.cards(job, "name", "phone"),
            [
                ("Sciento Tre", "+39 347 110 0013"),
                ("Sciento Quattro", "+39 347 110 0014"),
                ("Sciento Cinque", "+39 347 110 0015"),
                ("Sciento Sei", "+39 347 110 0016"),
            ],
        )
        refused = self.refused(job)
        self.assertEqual(list(refused), [2, 3])
        self.assertIn(
            "Telefono (C): a spreadsheet has rounded “3,47123E+11”", refused[2]
        )
        job = self.load("13b_phone_num.xlsx")
        uno, due = (row.partner_id for row in job.row_ids[:2])
        self.assertEqual(
            uno.phone_ids.mapped("e164"), ["+393471100021", "+390612345678"]
        )
        self.assertIn("612345678", job.row_ids[0].warning)
        self.assertEqual(
            due.phone_ids.mapped("e164"), ["+393471100022", "+390612345679"]
        )
        self.assertIn("rounded “347123000000”", self.refused(job)[4])

    def test_rounded_phone_is_left_out_when_chosen(self):
        """13: or the patients are imported without the number, and it is said."""
        job = self.load("13a_phone_sci.csv", bad_cells="without")
        self.assertEqual(job.imported_count, 6)
        self.assertFalse(job.row_ids[0].partner_id.phone)
        self.assertIn("3,47123E+11", job.row_ids[0].warning)

    def test_zeros_by_format(self):
        """14, 25, 33: zeros that a format shows; macros; the strict dialect."""
        for name in ("14_zero_format.xlsx", "25_macro.xlsm", "33_strict.xlsx"):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                job = self.load(name)
                self.assertEqual(
                    self.cards(job, "zip", "card_number"),
                    [("00187", "000123"), ("00118", "000045")],
                )
                savepoint.rollback()
                self.env.invalidate_all()

    def test_merged_cells(self):
        """15: a family name over three lines is that of all three."""
        job = self.load("15_merged.xlsx", date_order="dmy")
        self.assertEqual(
            self.cards(job, "name", "street"),
            [
                ("Fusi Padre", "Via Po 3"),
                ("Fusi Madre", "Via Po 3"),
                ("Fusi Figlio", "Via Po 3"),
            ],
        )

    def test_sheets(self):
        """16: the sheet with the people is found, and the others are named."""
        job = self.load("16_hidden_first.xlsx")
        self.assertEqual(self.cards(job, "name"), [("Nascosti Veri",)])
        job = self.job(self.data("16_hidden_first.xlsx"))
        job.action_read()
        self.assertIn("Only the sheet “Pazienti” is imported", job.notice)
        self.assertIn("liste", job.notice)
        # Chosen by hand, the other one is read: provinces are no patients.
        job.write({"sheet_id": job.sheet_ids[0].id, "headings_line": -1})
        job.action_read()
        self.assertEqual(job.column_ids[0].sample_1, "RM")
        job = self.load("16b_empty_first.xlsx")
        self.assertEqual(self.cards(job, "name"), [("Secondo Foglio",)])

    def test_formulas(self):
        """17: formulas without a value and failed ones are refused with their cell."""
        job = self.load("17_formulas_nocache.xlsx", fields={0: False})
        self.assertEqual(job.imported_count, 0)
        refused = self.refused(job)
        self.assertIn(
            'Cellulare (D): the formula gave no value (#FORMULA! ="347"', refused[2]
        )
        self.assertIn("Cognome (B): the formula gave no value (#REF!)", refused[3])

    def test_headings_further_down(self):
        """18: a title above the headings and a line of totals are nobody."""
        job = self.load("18_header_row3.xlsx")
        self.assertEqual(
            self.cards(job, "name", "birth_date", "phone"),
            [
                ("Terzariga Ugo", "1971-04-03", "+39 347 110 0040"),
                ("Terzariga Ada", "1971-04-13", "+39 347 110 0041"),
            ],
        )
        self.assertEqual(list(self.refused(job)), [6])
        self.assertIn("totals", self.refused(job)[6])

    def test_repeated_headings(self):
        """19: two columns of one name are chosen by hand; none is lost unsaid."""
        job = self.job(self.data("19_dup_headers.csv"))
        job.action_read()
        self.assertIn("“Telefono” stands over the columns C, D", job.notice)
        job = self.load("19_dup_headers.csv", {2: "phone", 3: "phone_home"})
        self.assertEqual(len(job.row_ids.partner_id.phone_ids), 2)

    def test_cells_of_several_lines(self):
        """20: line ends inside of cells are no new patients."""
        job = self.load("20_newlines.csv", date_order="dmy")
        self.assertEqual(job.row_ids.mapped("number"), [2, 6])
        ugo, ada = job.row_ids.partner_id
        self.assertIn("int. 3", ugo.street)
        self.assertIn("virgolette", str(ugo.clinic_note))
        self.assertEqual((ada.zip, ada.city), ("00100", "Roma"))

    def test_unclosed_quote(self):
        """21: of 40 people 39 are cards, and the one with the open mark is named."""
        job = self.load("21_unbalanced_quote.csv")
        self.assertEqual((job.total, job.imported_count), (40, 39))
        self.assertEqual(list(self.refused(job)), [12])
        self.assertIn("quotation mark", self.refused(job)[12])
        self.assertIn("Virgola11", job.row_ids.filtered(lambda r: r.number == 12).text)

    def test_columns_that_are_blank(self):
        """23: hundreds of blank columns and formatted cells are nothing."""
        for name in ("23_trailing_cols.csv", "23b_wide_formatted.xlsx"):
            self.assertEqual(self.load(name).imported_count, 1)

    def test_other_kinds_of_files(self):
        """27–29: the old kind of Excel, HTML under its name, OpenDocument."""
        for name, person in (
            ("27_old.xls", "Vecchio Ugo"),
            ("28_html.xls", "Accati Ugo"),
            ("29_list.ods", "Libero Ugo"),
        ):
            self.assertEqual(self.cards(self.load(name), "name"), [(person,)])

    def test_words_for_nothing(self):
        """31: five people of whom nothing is known but the name."""
        job = self.load("31_nulls.csv")
        self.assertEqual(
            self.cards(job, "name", "birth_date", "email", "phone", "city"),
            [
                (f"Nulli {name}", "", "", "", "")
                for name in ("Ugo", "Ada", "Eva", "Ida", "Pia")
            ],
        )

    def test_odd_years(self):
        """35: whole dates in any writing are read, parts of dates are refused."""
        job = self.load("35_years.csv", date_order="dmy")
        found = dict(self.cards(job, "given_name", "birth_date"))
        march = dict.fromkeys(("Sei", "Sette", "Otto", "Nove"), "1980-03-15")
        self.assertEqual(found, {"Uno": "1950-02-01", "Due": "2026-02-01", **march})
        self.assertIn("may be 1926", job.row_ids[1].warning)
        self.assertEqual(list(self.refused(job)), [4, 5, 6, 11])

    def test_the_same_person(self):
        """40: one woman in three writings is one card, her brother another."""
        job = self.load("40_same_person.csv")
        states = job.row_ids.mapped("state")
        self.assertEqual(states, ["imported", "left", "left", "imported", "imported"])

    def test_files_that_are_none(self):
        """26, 42, 43: a password, nothing, a PDF: nothing happens but clear words."""
        for name, words in (
            ("26_password.xlsx", "protected by a password"),
            ("42_empty.csv", "Choose a file first"),
            ("43_pdf.csv", "neither a CSV file nor a spreadsheet"),
        ):
            job = self.job(self.data(name))
            with self.subTest(name), self.assertRaisesRegex(UserError, words):
                job.action_read()
            self.assertEqual(job.state, "draft")
