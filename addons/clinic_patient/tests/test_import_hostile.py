import io
import zipfile
from datetime import datetime
from unittest.mock import patch

import openpyxl

from odoo.exceptions import UserError
from odoo.tests import HttpCase, TransactionCase, tagged

from ..lib import import_file, import_limits
from ..lib.import_limits import BadFile
from ..lib.import_workbook import OLE
from .import_common import HEADERS, ImportCommon, ods_bytes


@tagged("post_install", "-at_install")
class TestImportFiles(TransactionCase):
    """What is read of files, whoever wrote them."""

    def rows_of(self, data, **options):
        file = import_file.open_file(data, import_file.Settings(**options))
        return [line.cells for line in file._lines() if line.cells]

    def refused(self, data, **options):
        with self.assertRaises(BadFile) as caught:
            self.rows_of(data, **options)
        return caught.exception.reason

    def test_no_table(self):
        """Pictures, programs and old spreadsheets are refused in words."""
        self.assertEqual(self.refused(b""), "empty")
        self.assertEqual(self.refused(b"\r\n \r\n"), "empty")
        self.assertEqual(self.refused(OLE + b"nonsense"), "damaged")
        self.assertEqual(self.refused(b"PK\x03\x04 nonsense"), "damaged")
        self.assertEqual(self.refused(b"\x7fELF" + bytes(500)), "not_a_table")
        self.assertEqual(self.refused(b"<html><p>Nobody</p></html>"), "not_a_table")
        for begin in (b"{\\rtf1}", b'[{"name": "x"}]', b"BEGIN:VCARD\r\n", b"<?xml?>"):
            self.assertEqual(self.refused(begin + b"\nx,y\n"), "not_a_table")
        self.assertEqual(
            self.refused(b"\xff\xfe\x00\xd8", encoding="utf-8"), "encoding"
        )

    def test_too_much(self):
        """S11: size, columns and lines have an end."""
        with patch.object(import_limits, "LARGEST", 10):
            self.assertEqual(self.refused(b"x" * 11), "too_large")
        with patch.object(import_limits, "LARGEST_WHOLE", 10):
            for data in (OLE + b"xxx", b"<html><table></table></html>"):
                self.assertEqual(self.refused(data), "too_large")
        self.assertEqual(self.refused(b"a," * 300 + b"b"), "columns")
        with patch.object(import_limits, "MOST_ROWS", 3):
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
        with patch.object(import_limits, "LARGEST_UNPACKED", 20_000_000):
            self.assertEqual(self.refused(bomb), "bomb")
        # A header that lies about the size changes nothing.
        place = bomb.rindex(b"xl/worksheets/sheet1.xml") - 46
        lying = bytearray(bomb)
        lying[place + 24 : place + 28] = (10).to_bytes(4, "little")
        with patch.object(import_limits, "LARGEST_UNPACKED", 20_000_000):
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
        # A part that is no .xml by its name may be named as a sheet.
        buffer = io.BytesIO(self.archive())
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr("xl/worksheets/sheet1.bin", evil)
        self.assertEqual(self.refused(buffer.getvalue()), "doctype")

    def test_sheet_that_claims_to_be_huge(self):
        """A single cell far away does not fill the memory, and is not left out in
        silence either."""
        book = openpyxl.Workbook()
        book.active["A1"] = "Name"
        book.active["A2"] = "Rossi Luca"
        book.active["A1048576"] = "x"
        buffer = io.BytesIO()
        book.save(buffer)
        self.assertEqual(
            self.rows_of(buffer.getvalue()), [["Name"], ["Rossi Luca"], ["x"]]
        )
        book.active["XFD1048576"] = "x"
        buffer = io.BytesIO()
        book.save(buffer)
        self.assertEqual(self.refused(buffer.getvalue()), "columns")

    def test_ods_that_repeats_itself(self):
        """S11: a cell or a row said to be there a thousand million times is refused."""
        cell = "<table:table-cell{}><text:p>x</text:p></table:table-cell>"
        row = "<table:table-row{}>" + cell + "</table:table-row>"
        times = ' table:number-{}-repeated="999999999"'
        many = ods_bytes(row.format(times.format("rows"), ""))
        self.assertEqual(self.refused(many), "rows")
        wide = ods_bytes(row.format("", times.format("columns")))
        self.assertEqual(self.refused(wide), "columns")


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
            (OLE + bytes(20), "damaged"),
            (b"%PDF-1.4 and more", "neither a CSV file nor a spreadsheet"),
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
