import io
import zipfile
from datetime import date, datetime
from unittest.mock import patch

import openpyxl

from odoo.exceptions import UserError
from odoo.tests import HttpCase, TransactionCase, tagged

from ..lib import import_file, import_headers, import_values
from .import_common import HEADERS, ImportCommon

PEOPLE = {
    "utf-8": ("Núñez", "Zoë"),
    "utf-8-sig": ("Núñez", "Zoë"),
    "utf-16": ("Іванов", "李"),
    "utf-16-le": ("Rossi", "Nicolò"),
    "cp1252": ("Muñoz", "Niccolò"),
    "cp1251": ("Иванова", "Надежда"),
    "cp1254": ("Yıldız", "Şükrü"),
    "gb18030": ("王", "小明"),
}


@tagged("post_install", "-at_install")
class TestImportFiles(TransactionCase):
    """What is read of files, whoever wrote them."""

    def rows_of(self, data, **options):
        return [row for row in import_file.table(data, **options) if row]

    def refused(self, data, **options):
        with self.assertRaises(import_file.BadFile) as caught:
            self.rows_of(data, **options)
        return caught.exception.reason

    def test_encodings(self):
        """Every usual encoding is recognised by itself."""
        for encoding, (family, given) in PEOPLE.items():
            text = "Family;Given;Note\r\n" + f"{family};{given};x\r\n" * 20
            with self.subTest(encoding):
                rows = self.rows_of(text.encode(encoding))
                self.assertEqual(rows[1], [family, given, "x"])

    def test_delimiters(self):
        """Commas inside of quotes and decimal commas do not mislead."""
        for delimiter in import_file.DELIMITERS:
            line = delimiter.join(('"Via Roma, 1; b"', "Rossi", '"1,5"'))
            rows = self.rows_of(f"{line}\n{line}\n".encode())
            self.assertEqual(rows[0], ["Via Roma, 1; b", "Rossi", "1,5"])

    def test_no_table(self):
        """Pictures, programs and old spreadsheets are refused in words."""
        self.assertEqual(self.refused(b""), "empty")
        self.assertEqual(self.refused(b"\xd0\xcf\x11\xe0\xa1\xb1"), "old_excel")
        self.assertEqual(self.refused(b"PK\x03\x04 nonsense"), "damaged")
        self.assertEqual(self.refused(b"\x7fELF" + bytes(500)), "not_a_table")
        self.assertEqual(
            self.refused(b"\xff\xfe\x00\xd8", encoding="utf-8"), "encoding"
        )

    def test_too_much(self):
        """S11: size, columns and lines have an end."""
        with patch.object(import_file, "LARGEST", 10):
            self.assertEqual(self.refused(b"x" * 11), "too_large")
        self.assertEqual(self.refused(b"a," * 300 + b"b"), "columns")
        with patch.object(import_file, "MOST_ROWS", 3):
            self.assertEqual(self.refused(b"a,b\n" * 10), "rows")

    def archive(self, **parts):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", "<workbook/>")
            for name, content in parts.items():
                archive.writestr(name.replace("__", "/") + ".xml", content)
        return buffer.getvalue()

    def test_zip_bomb(self):
        """S11: a small file that unpacks into a large one is refused unread."""
        bomb = self.archive(xl__worksheets__sheet1=b"0" * 30_000_000)
        self.assertLess(len(bomb), 100_000)
        with patch.object(import_file, "LARGEST_UNPACKED", 20_000_000):
            self.assertEqual(self.refused(bomb), "bomb")
        # A header that lies about the size changes nothing.
        place = bomb.rindex(b"xl/worksheets/sheet1.xml") - 46
        lying = bytearray(bomb)
        lying[place + 24 : place + 28] = (10).to_bytes(4, "little")
        with patch.object(import_file, "LARGEST_UNPACKED", 20_000_000):
            self.assertIn(self.refused(bytes(lying)), ("bomb", "damaged"))
        many = self.archive(**{f"part{n}": "" for n in range(2100)})
        self.assertEqual(self.refused(many), "bomb")

    def test_entities(self):
        """S11: XML with a document type is refused, in any of its encodings."""
        evil = (
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t>'
            "</si></sst>"
        )
        for text in (evil, "<!--" + "x" * 2_000_000 + "-->" + evil):
            for encoding in ("utf-8", "utf-16", "utf-32"):
                data = self.archive(xl__sharedStrings=text.encode(encoding))
                self.assertEqual(self.refused(data), "doctype")

    def test_sheet_that_claims_to_be_huge(self):
        """A single cell in the last column and row does not fill the memory."""
        book = openpyxl.Workbook()
        book.active["A1"] = "Name"
        book.active["A2"] = "Rossi Luca"
        book.active["XFD1048576"] = "x"
        buffer = io.BytesIO()
        book.save(buffer)
        rows = self.rows_of(buffer.getvalue())
        self.assertEqual(rows[:2], [["Name"], ["Rossi Luca"]])

    def test_values_of_spreadsheets(self):
        """Dates and numbers come as a person would type them."""
        for value, text in (
            (datetime(1980, 3, 12), "1980-03-12"),
            (3331234567.0, "3331234567"),
            (True, "1"),
            (None, ""),
            (1.5, "1.5"),
        ):
            self.assertEqual(import_file.cell_text(value), text)

    def test_dates(self):
        """Dates are read in the order chosen, and the order is found out."""
        today = date(2026, 11, 24)
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
            ("19800312", "ymd", date(1980, 3, 12)),
            ("30/02/1980", "dmy", None),
            ("yesterday", "dmy", None),
            ("=1+1", "dmy", None),
        ):
            with self.subTest(text=text, order=order):
                self.assertEqual(import_values.read_date(text, order, today), expected)
        orders = import_values.detect_order
        self.assertEqual(orders(["01/02/1980", "13/02/1980"]), ["dmy"])
        self.assertEqual(orders(["01/02/1980", "02/13/1980"]), ["mdy"])
        self.assertEqual(orders(["01/02/1980"]), ["dmy", "mdy"])
        self.assertEqual(orders(["Rome", "Milan"]), [])

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


@tagged("post_install", "-at_install")
class TestHostileImport(ImportCommon, HttpCase):
    """What hostile files do to the clinic: nothing."""

    def test_formulas_stay_texts_in_the_error_file(self):
        """S10: what cannot be imported comes back as it stood, and is never run."""
        nasty = ("=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\tx", "\x01y")
        rows = [HEADERS, *((text, "", "never", "", "", "") for text in nasty)]
        manager = self.user("manager", password="test_manager")
        job = self.checked(rows)
        self.assertEqual(job.error_count, len(nasty))
        address = f"/clinic/patient-import/{job.id}/errors.xlsx"
        self.assertEqual(self.url_open(address, allow_redirects=False).status_code, 303)
        self.authenticate(manager.login, "test_manager")
        answer = self.url_open(address)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        titles = [cell.value for cell in sheet[1]]
        self.assertEqual(titles, [*HEADERS, "Line", "Reason"])
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                self.assertIn(cell.data_type, ("s", "n", "inlineStr"))
            self.assertIn("never", row[-1].value)
        receptionist = self.user("receptionist", password="test_receptionist")
        self.authenticate(receptionist.login, "test_receptionist")
        self.assertEqual(self.url_open(address).status_code, 404)

    def test_formula_in_a_name_is_text_on_the_card(self):
        """S9, S10: scripts and formulas in a name are letters of a name."""
        job = self.imported(
            [HEADERS, ("=1+1", "<script>alert(1)</script>", "", "", "", "")]
        )
        card = job.row_ids.partner_id
        self.assertEqual(card.name, "=1+1 <script>alert(1)</script>")

    def test_refusals_in_words(self):
        """A file that is refused changes nothing, and one is told what to do."""
        for data, words in (
            (b"", "Choose a file"),
            (b"\xd0\xcf\x11\xe0" + bytes(20), "save it as .xlsx"),
            (b"Name\n", "headers only"),
            (b"PK\x03\x04rubbish", "damaged"),
        ):
            job = self.job(data)
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                job.action_read()
            self.assertEqual(job.state, "draft")

    def test_spreadsheet(self):
        """An XLSX file with dates and numbers in its cells is imported."""
        data = self.xlsx_bytes(
            [
                HEADERS,
                ("Rossi", "Luca", datetime(1980, 3, 12), "M", 3331234567, None),
                ("=1+1", "Ugo", None, None, None, None),
            ]
        )
        job = self.imported(data, name="patients.xlsx")
        luca = job.row_ids[0].partner_id
        self.assertEqual(str(luca.birth_date), "1980-03-12")
        self.assertEqual(luca.phone, "+39 333 123 4567")

    def test_settings_stand_while_it_runs(self):
        """Nobody changes the file under an import that was checked."""
        job = self.checked([HEADERS, ("Rossi", "Luca", "", "", "", "")])
        with self.assertRaises(UserError):
            job.date_order = "mdy"
        job.action_change_columns()
        self.assertFalse(job.row_ids)
        job.date_order = "mdy"
