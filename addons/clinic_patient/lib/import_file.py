"""The one reader of lists of people that somebody uploads: text in any spelling, XLSX,
XLS, ODS, pages of HTML. No Odoo.

Used by the import of patients and by that of rosters. Nothing of a file is believed:
sizes are counted while it is unpacked, no document type is allowed in its XML,
formulas and macros are never run. Every line of it is given, or named as refused.
"""

import re
from functools import cached_property
from typing import NamedTuple

from . import (
    import_archive,
    import_encoding,
    import_headers,
    import_html,
    import_limits,
    import_text,
)
from .import_limits import BadFile
from .import_ods import Ods
from .import_workbook import OLE, Xls, Xlsx

#: Lines among which the one with the headings is looked for.
HEADINGS_WITHIN = 30
#: Lines of people looked at to propose what the columns hold.
LOOKED_AT = 1000
_TOTAL = re.compile(
    r"(grand |sub)?total[eis]?|totale( complessivo| generale| pazienti)?|somma|итого|"
    r"всего( записей| пациентов)?|(genel )?toplam|合计|总计|小计|共计|summe|gesamt|"
    r"total (patients|records|général)"
)
_MARKED_AS_TEXT = re.compile(r"""'([+=@0-9-].*)|="([^"]*)\"""", re.DOTALL)
_HAS_LETTERS = re.compile(r"[^\W\d_]")
#: Longer texts are neither a total nor a date, a telephone or an address.
LONGEST_SIGN = 254
_FIGURES = re.compile(r"[\d\s.,:=%()]+$")
#: What stands in a line of people and in no line of headings.
_OF_A_PERSON = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\+?\d[\d ()./-]{6,}|[^\s@]+@[^\s@]+\.\w+"
)


class Line(NamedTuple):
    """A line of a table.

    :param int number: as a person counts the lines of the file
    :param list cells: texts, without blanks around them and at the end
    :param str problem: cells (more of them than headings), quote (a mark without its
        partner), total (a line of totals), headings (they are repeated), or None
    """

    number: int
    cells: list
    problem: str | None = None


class Settings(NamedTuple):
    """How a file is read; None and -1 mean: found out from the file.

    :param str encoding: one of :data:`import_encoding.ENCODINGS`
    :param str delimiter: one of :data:`import_text.DELIMITERS`
    :param int sheet: which sheet of a spreadsheet, from 0
    :param int headings: the line that names the columns; 0 when none does
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: int | None = None
    headings: int = -1


class Look(NamedTuple):
    """What a file holds.

    :param Settings settings: with everything that was found out
    :param bool is_text: not a spreadsheet
    :param list sheets: of a spreadsheet, each as ``Sheet`` of ``import_workbook``
    :param list filled: numbers of the sheets that hold something
    :param list headers: the headings, blank for columns without one
    :param list sample: the first lines of people
    :param int above: lines with text above the headings
    :param int total: lines of people, those included that will be refused
    :param bool is_1904: numbers that stand for dates count from 1904
    """

    settings: Settings
    is_text: bool
    sheets: list
    filled: list
    headers: list
    sample: list
    above: int
    total: int
    is_1904: bool


class File:
    """An uploaded file that was looked at; see :func:`open_file`."""

    def __init__(self, data, settings):
        self.settings = settings
        self._book = self._text = None
        if import_archive.is_archive(data):
            kinds = {"xlsx": Xlsx, "ods": Ods}
            self._book = kinds[import_archive.check(data)](data)
        elif data.startswith(OLE):
            self._book = Xls(data)
        elif import_html.is_html(data):
            self._book = import_html.Html(data)
        else:
            self._open_text(data)
        if self._book:
            self._open_book()

    @property
    def is_1904(self):
        """Whether numbers that stand for dates count from 1904."""
        return bool(self._book and self._book.is_1904)

    def _open_text(self, data):
        encoding = self.settings.encoding or import_encoding.detect(data)
        self._text = import_text.unwrapped(import_encoding.decode(data, encoding))
        self.settings = self.settings._replace(
            encoding=encoding,
            delimiter=import_text.separator_line(self._text)
            or self.settings.delimiter
            or import_text.detect_delimiter(self._text),
        )
        self.sheets, self.filled = [], []

    def _open_book(self):
        self.sheets = self._book.sheets
        if not self.sheets:
            raise BadFile("empty")
        if len(self.sheets) > import_limits.MOST_SHEETS:
            raise BadFile("bomb")
        self.filled = [
            sheet.number for sheet in self.sheets if self._is_filled(sheet.number)
        ]
        number = self.settings.sheet
        if number is None or number >= len(self.sheets):
            number = self._likeliest_sheet()
        self.settings = self.settings._replace(sheet=number)

    def _is_filled(self, number):
        """Whether a sheet holds any text, be it one that cannot be read."""
        try:
            return any(any(texts) for _line, texts in self._book.rows(number))
        except BadFile:
            return True

    def _likeliest_sheet(self):
        """Return the sheet that names most columns; a hidden one only if none else
        holds anything."""
        shown = [n for n in self.filled if not self.sheets[n].is_hidden]
        found = shown or self.filled or [0]

        def known(number):
            self.settings = self.settings._replace(sheet=number)
            try:
                return import_headers.count_known(self._headings()[1])
            except BadFile:
                return -1

        return max(found, key=known) if len(found) > 1 else found[0]

    def _lines(self):
        """Yield all lines of the file as they stand, blank ones without cells.

        :raises BadFile: columns, rows, quote, damaged
        """
        if self._book:
            found = self._book.rows(self.settings.sheet)
            records = (import_text.Record(*each) for each in found)
        else:
            records = import_text.records(self._text, self.settings.delimiter)
        full = empty = 0
        for number, texts, problem in records:
            cells = _stripped(texts)
            full, empty = full + bool(cells), empty + (not cells)
            if len(cells) > import_limits.MOST_COLUMNS:
                raise BadFile("columns", number)
            if full > import_limits.MOST_ROWS + 1 or empty > import_limits.MOST_EMPTY:
                raise BadFile("rows")
            yield Line(number, cells, problem)

    def _headings(self):
        """Return which line names the columns (0: none), and its cells."""
        first, best = None, (1, 0, [])
        for line in self._lines():
            if not line.cells:
                continue
            if first is None:
                first, seen = line, 0
            known = import_headers.count_known(line.cells)
            if known > best[0]:
                best = (known, line.number, line.cells)
            seen += 1
            if seen == HEADINGS_WITHIN:
                break
        if first is None:
            raise BadFile("empty")
        if best[1]:
            return best[1:]
        is_person = not import_headers.count_known(first.cells) and any(
            len(cell) <= LONGEST_SIGN and _OF_A_PERSON.fullmatch(cell)
            for cell in first.cells
        )
        return (0, []) if is_person else (first.number, first.cells)

    def look(self):
        """Return the :class:`Look` at the file; all of it is read.

        :raises BadFile: empty, columns, rows, quote, damaged
        """
        if self.settings.headings < 0:
            self.settings = self.settings._replace(headings=self._headings()[0])
        headers, sample, above, total, width = [], [], 0, 0, 0
        at = self.settings.headings
        for line in self._lines():
            if not line.cells:
                continue
            if line.number < at:
                above += 1
            elif line.number == at:
                headers = line.cells
            else:
                total += 1
                if len(sample) < LOOKED_AT:
                    sample.append(line)
        if not headers and not sample:
            raise BadFile("empty")
        if sample:
            width = self._width(headers, sample)
        return Look(
            settings=self.settings,
            is_text=self._book is None,
            sheets=self.sheets,
            filled=self.filled,
            headers=headers + [""] * (width - len(headers)),
            sample=sample,
            above=above,
            total=total,
            is_1904=self.is_1904,
        )

    def _width(self, headers, sample):
        """Return how many columns there are: in a text, as many as headings, unless
        most lines have more; in a spreadsheet, as many as any line has."""
        sizes = [len(line.cells) for line in sample]
        if self._book:
            return max(len(headers), *sizes)
        usual = max(set(sizes), key=sizes.count)
        is_usual = not headers or sizes.count(usual) > len(sizes) / 2
        return max(len(headers), usual if is_usual else 0)

    def people(self, headers):
        """Yield the lines below the headings that are not blank, in order.

        :param list headers: those of :meth:`look`
        :raises BadFile: columns, rows, quote, damaged
        """
        width, headings = self._most_cells(headers), _stripped(headers)
        for line in self._lines():
            if line.cells and line.number > self.settings.headings:
                yield _judged(line, width, headings)

    def corrected(self, number, cells, headers):
        """Return a line whose cells somebody put right, with what is wrong still.

        :param list cells: the texts of the whole line; none when all are blank
        :param list headers: those of :meth:`look`
        :raises BadFile: columns
        """
        if len(cells) > import_limits.MOST_COLUMNS:
            raise BadFile("columns", number)
        problem = "quote" if self._has_odd_mark(cells) else None
        line = Line(number, cells, problem)
        return _judged(line, self._most_cells(headers), _stripped(headers))

    def _has_odd_mark(self, cells):
        """Whether a mark has no partner, where lines were cut whatever their marks."""
        if self._book:
            return False
        delimiter = self.settings.delimiter
        return import_text.has_odd_mark(cells, delimiter) and self._is_line_by_line

    @cached_property
    def _is_line_by_line(self):
        return import_text.manner_of(self._text, self.settings.delimiter).line_by_line

    def _most_cells(self, headers):
        return len(headers) if self._book is None else import_limits.MOST_COLUMNS


def open_file(data, settings=None):
    """Return a :class:`File` of bytes that somebody uploaded.

    :param Settings settings: what is known already of how it is read
    :raises BadFile: empty, too_large, not_a_table, encoding, mixed_encoding, bomb,
        doctype, password, damaged, columns
    """
    if not data.strip(b"\0 \r\n\t"):
        raise BadFile("empty")
    if len(data) > import_limits.LARGEST:
        raise BadFile("too_large")
    return File(data, settings or Settings())


def _stripped(texts):
    """Return texts without blanks around them, and without blank ones at the end.

    What makes a spreadsheet take a number for a text, an apostrophe before it or
    ``="00187"``, is no part of it.
    """
    cells = [text.strip() for text in texts]
    while cells and not cells[-1]:
        cells.pop()
    return [_unmarked(cell) if cell[:1] in ("'", "=") else cell for cell in cells]


def _unmarked(cell):
    match = _MARKED_AS_TEXT.fullmatch(cell)
    return match[1] or match[2] or "" if match else cell


def _judged(line, width, headings):
    """Return a line below the headings with what makes it none of a person."""
    problem = line.problem
    if len(line.cells) > width:
        problem = problem or "cells"
    elif line.cells and line.cells == headings:
        problem = "headings"
    elif _is_total(line.cells):
        problem = "total"
    return line._replace(problem=problem) if problem else line


def _is_total(cells):
    """Whether a line sums up the others: its only word is that for a total."""
    first, *more = [cell for cell in cells if cell] or [""]
    if len(first) > LONGEST_SIGN or not _TOTAL.match(first.casefold()):
        return False
    if any(map(_HAS_LETTERS.search, more)):
        return False
    text = _FIGURES.sub("", first).strip().casefold()
    return bool(_TOTAL.fullmatch(text))
