"""What is read of spreadsheets: XLSX, XLS, ODS and pages of HTML. No database."""

import io
import re
import zipfile
from datetime import date, datetime

import openpyxl
import xlwt

from odoo.tests import BaseCase, tagged

from ..lib import import_file
from ..lib.import_limits import BadFile
from .import_common import ods_bytes


def look_at(data, **settings):
    """Return the Look at a file, and its people as (line, cells, problem)."""
    file = import_file.open_file(data, import_file.Settings(**settings))
    look = file.look()
    return look, [tuple(line) for line in file.people(look.headers)]


@tagged("post_install", "-at_install")
class TestImportSpreadsheets(BaseCase):
    def xlsx(self, book):
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def xls(self, fill, **options):
        """An XLS file; ``fill`` writes its sheets."""
        book = xlwt.Workbook(**options)
        fill(book)
        return self.xlsx(book)

    # ------------------------------------------------------------
    # XLSX
    # ------------------------------------------------------------

    def test_likeliest_sheet(self):
        """F3: notes in front, the people behind: the sheet with headings is read."""
        book = openpyxl.Workbook()
        book.active.append(["Export of 30 November"])
        people = book.create_sheet("People")
        people.append(["Surname", "Name", "Phone"])
        people.append(["Rossi", "Ugo", "333"])
        look, found = look_at(self.xlsx(book))
        self.assertEqual(look.settings.sheet, 1)
        self.assertEqual(look.filled, [0, 1])
        self.assertEqual(found, [(2, ["Rossi", "Ugo", "333"], None)])

    def test_sheet_that_nobody_needs(self):
        """A sheet that is too wide does not keep the list beside it from being read."""
        book = openpyxl.Workbook()
        book.active.append(["Cognome", "Nome"])
        book.active.append(["Rossi", "Ugo"])
        book.create_sheet("Matrix").append(["x"] * 300)
        look, found = look_at(self.xlsx(book))
        self.assertEqual((look.settings.sheet, look.filled), (0, [0, 1]))
        self.assertEqual(len(found), 1)
        with self.assertRaises(BadFile):
            look_at(self.xlsx(book), sheet=1)

    def test_blank_lines_keep_their_numbers(self):
        """A line is called by the number that the spreadsheet shows."""
        book = openpyxl.Workbook()
        book.active["B3"], book.active["C3"] = "Cognome", "Nome"
        book.active["B9"], book.active["C9"] = "Rossi", "Ugo"
        _look, found = look_at(self.xlsx(book))
        self.assertEqual(found, [(9, ["", "Rossi", "Ugo"], None)])

    def test_headings_in_the_middle(self):
        """Headings that a print repeats on each page are nobody."""
        book = openpyxl.Workbook()
        for row in (["Cognome", "Nome"], ["Rossi", "Ugo"], ["Cognome", "Nome"]):
            book.active.append(row)
        _look, found = look_at(self.xlsx(book))
        self.assertEqual([line[2] for line in found], [None, "headings"])

    def test_formula_with_its_value(self):
        """What a program worked out is read; what none did is said to be missing."""
        book = openpyxl.Workbook()
        book.active.append(["Cognome", "Nome"])
        book.active.append(["=A1", "Ugo"])
        data = self.xlsx(book)
        _look, found = look_at(data)
        self.assertEqual(found[0][1], ["#FORMULA! =A1", "Ugo"])
        for saved, texts in (
            (b't="str"><f>A1</f><v>Rossi</v>', ["Rossi", "Ugo"]),
            # A formula that gives nothing is calculated, too.
            (b't="str"><f>A1</f><v></v>', ["", "Ugo"]),
            (b't="str"><f>A1</f>', ["", "Ugo"]),
        ):
            _look, found = look_at(self.with_formula(data, saved))
            self.assertEqual(found[0][1], texts)

    def with_formula(self, data, saved):
        """Return a workbook whose cell A2 a program has saved in this way."""
        buffer = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(data)) as old,
            zipfile.ZipFile(buffer, "w") as new,
        ):
            for name in old.namelist():
                content = old.read(name)
                if name.endswith("sheet1.xml"):
                    content, changed = re.subn(
                        rb'<c r="A2"[^>]*>.*?</c>',
                        b'<c r="A2" ' + saved + b"</c>",
                        content,
                    )
                    self.assertEqual(changed, 1)
                new.writestr(name, content)
        return buffer.getvalue()

    def test_title_over_several_columns(self):
        """A title merged over the columns is no value of each of them."""
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["Patients"])
        sheet.merge_cells("A1:C2")
        sheet.append([])
        sheet.append(["Cognome", "Nome", "CAP"])
        sheet.append(["Rossi", "Ugo", "00187"])
        look, found = look_at(self.xlsx(book))
        self.assertEqual((look.settings.headings, look.above), (3, 1))
        self.assertEqual(len(found), 1)

    # ------------------------------------------------------------
    # XLS
    # ------------------------------------------------------------

    def test_old_kind(self):
        """F5: dates, zeros by format, merged cells, errors and hidden sheets of XLS."""

        def fill(book):
            hidden = book.add_sheet("lists")
            hidden.write(0, 0, "Cognome")
            hidden.visibility = 1
            sheet = book.add_sheet("Pazienti")
            titles = ("Cognome", "Nome", "Data di nascita", "CAP", "Cellulare", "Note")
            for place, title in enumerate(titles):
                sheet.write(0, place, title)
            zeros = xlwt.easyxf(num_format_str="00000")
            day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
            sheet.write_merge(1, 2, 0, 0, "Fusi")
            for row, name in ((1, "Ugo"), (2, "Ada")):
                sheet.write(row, 1, name)
                sheet.write(row, 2, date(1980, 3, 12), day)
                sheet.write(row, 3, 187, zeros)
                sheet.write(row, 4, 3471100011)
            sheet.write(2, 5, True)

        for is_1904 in (False, True):

            def dated(book, is_1904=is_1904):
                book.dates_1904 = is_1904
                fill(book)

            look, found = look_at(self.xls(dated))
            self.assertEqual(look.is_1904, is_1904)
            self.assertEqual([sheet.is_hidden for sheet in look.sheets], [True, False])
            rest = ["1980-03-12", "00187", "3471100011"]
            self.assertEqual(
                found,
                [
                    (2, ["Fusi", "Ugo", *rest], None),
                    (3, ["Fusi", "Ada", *rest, "1"], None),
                ],
            )

    def test_old_kind_that_is_damaged(self):
        """S11: cut anywhere, it is refused and nothing else happens."""
        data = self.xls(lambda book: book.add_sheet("a").write(0, 0, "Cognome"))
        for size in range(20, len(data), len(data) // 40):
            with self.assertRaises(BadFile) as caught:
                look_at(data[:size])
            self.assertIn(caught.exception.reason, ("damaged", "empty"))

    # ------------------------------------------------------------
    # ODS
    # ------------------------------------------------------------

    def cell(self, text, **attributes):
        names = {"type": "office:value-type", "value": "office:value"}
        names |= {"rows": "table:number-rows-spanned", "day": "office:date-value"}
        names |= {"times": "table:number-columns-repeated"}
        attributes = "".join(
            f' {names[name]}="{value}"' for name, value in attributes.items()
        )
        return (
            f"<table:table-cell{attributes}><text:p>{text}</text:p></table:table-cell>"
        )

    def row(self, *cells, times=1):
        return (
            f'<table:table-row table:number-rows-repeated="{times}">'
            f"{''.join(cells)}</table:table-row>"
        )

    def test_opendocument(self):
        """F5: what ODS shows: zeros in front, whole numbers, days, merged cells."""
        covered = "<table:covered-table-cell/>"
        number = {"type": "float"}
        rows = (
            self.row(*map(self.cell, ("Cognome", "Nome", "Nato il", "CAP", "Tel.")))
            + self.row("<table:table-cell/>", times=3)
            + self.row(
                self.cell("Fusi", rows=2),
                self.cell("Ugo"),
                self.cell("12/03/80", type="date", day="1980-03-12"),
                self.cell("00187", **number, value="187"),
                self.cell("3,47E+09", **number, value="3471100011"),
            )
            + self.row(
                covered,
                self.cell("Ada<text:s text:c='2'/>Pia"),
                self.cell("1.1.81", type="date", day="1981-01-01T00:00:00"),
                self.cell("#REF!"),
                self.cell("+39 347", **number, value="39347"),
            )
            + self.row("<table:table-cell/>", times=1_048_000)
        )
        hidden = (
            '<table:table table:name="lists" table:style-name="hid">'
            f"{self.row(self.cell('Cognome'), self.cell('Nome'))}</table:table>"
        )
        look, found = look_at(ods_bytes(rows, hidden))
        self.assertEqual([sheet.is_hidden for sheet in look.sheets], [True, False])
        self.assertEqual(
            found,
            [
                (5, ["Fusi", "Ugo", "1980-03-12", "00187", "3471100011"], None),
                (6, ["Fusi", "Ada  Pia", "1981-01-01", "#REF!", "39347"], None),
            ],
        )

    def test_opendocument_repeats(self):
        """Cells and rows that the file says once and means several times."""
        rows = self.row(self.cell("Cognome"), self.cell("Nome")) + self.row(
            self.cell("Rossi", times=2), times=2
        )
        _look, found = look_at(ods_bytes(rows))
        rossi = ["Rossi", "Rossi"]
        self.assertEqual(found, [(2, rossi, None), (3, rossi, None)])

    def test_opendocument_with_a_password(self):
        """F3: a password is said to be one."""
        buffer = io.BytesIO(ods_bytes(""))
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
        with self.assertRaises(BadFile) as caught:
            look_at(buffer.getvalue())
        self.assertEqual(caught.exception.reason, "password")

    # ------------------------------------------------------------
    # HTML
    # ------------------------------------------------------------

    def test_page_under_the_name_of_a_spreadsheet(self):
        """F3: cells over several rows, line ends, and the largest of the tables."""
        page = """<html><head><meta charset="windows-1251"></head><body>
            <table><tr><td>Отчёт</td></tr></table>
            <table><tr><th>Фамилия</th><th>Имя</th><th>Адрес</th></tr>
            <tr><td rowspan="2">Ли</td><td>Юй</td><td>Тверская<br>1</td></tr>
            <tr><td>Ян&nbsp;Ли</td><td><b>Арбат</b> 2</td></tr></table></body></html>"""
        look, found = look_at(page.encode("cp1251"))
        self.assertEqual(look.settings.sheet, 1)
        self.assertEqual(
            found,
            [
                (2, ["Ли", "Юй", "Тверская\n1"], None),
                (3, ["Ли", "Ян Ли", "Арбат 2"], None),
            ],
        )

    def test_moments(self):
        """A day with an hour is that day."""
        book = openpyxl.Workbook()
        book.active.append(["Cognome", "Nato il"])
        book.active.append(["Rossi", datetime(1980, 3, 12, 14, 30)])
        _look, found = look_at(self.xlsx(book))
        self.assertEqual(found[0][1], ["Rossi", "1980-03-12 14:30:00"])
