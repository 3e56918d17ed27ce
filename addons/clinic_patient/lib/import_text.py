"""Tables in text: lines with commas, semicolons, tabs or bars between. No Odoo.

A quotation mark that is not closed makes one cell of all lines that follow, and a
reader of CSV is content with that. Here lines are counted against records, and what
does not add up is refused with its line, or read line by line where that is certain.
"""

import bisect
import collections
import csv
import io
import itertools
import re
from typing import NamedTuple

from . import import_headers
from .import_limits import LONGEST_CELL, MOST_COLUMNS, BadFile

DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)
#: NULL as dumps of MySQL and PostgreSQL write it, where it fills a cell.
_DUMPED_NULL = re.compile(r"(^|[,;\t|])\\N(?=[,;\t|\r\n]|$)")
#: The share of lines with an odd mark above which nothing is certain.
MOST_ODD = 0.02
#: Records looked at to tell how many cells a line has.
_LOOKED_AT = 200
csv.field_size_limit(2**24)


class Record(NamedTuple):
    """A line of a table; ``problem`` is quote when a mark in it has no partner."""

    number: int
    cells: list
    problem: str | None = None


class Manner(NamedTuple):
    """How quotation marks are used in a file."""

    doubled: bool = True
    after_blank: bool = False
    line_by_line: bool = False


def separator_line(text):
    """Return the delimiter that a first line like ``sep=;`` names, or None."""
    match = _SEPARATOR_LINE.match(text)
    return match and match[1]


def unwrapped(text):
    """Return a text of which each whole line stands in quotation marks without them.

    Some programs write a line that holds separators as if it were one cell.
    """
    if text[:1] != '"':
        return text
    found = []
    for line in _physical(text):
        cells = _strict(line, "\v")
        if cells and (len(cells) > 1 or not line.startswith('"')):
            return text
        if cells is None or not any(mark in "".join(cells) for mark in DELIMITERS):
            if line.strip():
                return text
        found.append("".join(cells or ()))
    return "\n".join(found) + "\n"


def detect_delimiter(text):
    """Return which of :data:`DELIMITERS` makes most known headings, or else cuts the
    first lines into most equal rows."""
    if named := separator_line(text):
        return named
    lines = [line for line in _physical(text[:100_000]) if line.strip()][:50]
    found = []
    for number, delimiter in enumerate(DELIMITERS):
        rows = [_loose(line, delimiter) for line in lines]
        sizes = [len(row) for row in rows]
        width = max(set(sizes), key=sizes.count) if sizes else 1
        known = max((import_headers.count_known(row) for row in rows[:15]), default=0)
        if width > 1 or known > 1:
            found.append((known, sizes.count(width) * width, -number, delimiter))
    return max(found)[-1] if found else ","


def _physical(text):
    return io.StringIO(text, newline="")


def _loose(line, delimiter):
    """Return the cells of a line by itself, whatever its quotation marks."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def records(text, delimiter):
    """Return an iterator over the records of a text, blank lines as empty ones.

    :raises BadFile: quote, with the line on which the mark stands that is at fault
    """
    return _read(text, delimiter, manner_of(text, delimiter))


def manner_of(text, delimiter):
    """Return how quotation marks are used in a text, so that all of it adds up.

    :raises BadFile: quote; no manner makes it add up
    """
    if '"' not in text:
        return Manner()
    manners = [Manner()]
    if f'{delimiter} "' in text:
        manners.append(Manner(after_blank=True))
    if '\\"' in text:
        manners.append(Manner(doubled=False))
    refusals = []
    for manner in manners:
        try:
            collections.deque(_read(text, delimiter, manner), maxlen=0)
            return manner
        except BadFile as refusal:
            refusals.append(refusal)
    if _adds_up_by_line(text, delimiter):
        return Manner(line_by_line=True)
    raise refusals[-1] if len(refusals) > 1 else refusals[0]


def _adds_up_by_line(text, delimiter):
    """Whether each line has as many cells as the others, whatever its marks.

    Not when many lines have marks without a partner, or lines are blank: then cells go
    over several lines. With two columns chance would do.
    """
    lines = list(_physical(text.rstrip()))
    if separator_line(text):
        del lines[0]
    cells = [_strict(line, delimiter) for line in lines]
    odd = cells.count(None)
    if odd > max(1, MOST_ODD * len(lines)):
        return False
    sizes = {
        len(line.split(delimiter) if found is None else found)
        for line, found in zip(lines, cells, strict=True)
    }
    return len(sizes) == 1 and max(sizes) > 2


def has_odd_mark(cells, delimiter):
    """Whether a mark in one of these raw cells has no partner.

    :param list cells: of a line that was cut at its delimiters, whatever its marks
    """
    return any('"' in cell and _strict(cell, delimiter) is None for cell in cells)


def _strict(line, delimiter):
    """Return the cells of a line by itself, or None when its marks do not pair."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None
    return None if _Marks([line], delimiter, Manner()).alone is not None else cells


class _Lines:
    """The physical lines of a text, counted; those of the record in hand are kept."""

    def __init__(self, text, is_dump):
        self.source = _physical(text)
        self.number = 0
        self.record = []
        self.is_dump = is_dump

    def __iter__(self):
        return self

    def __next__(self):
        line = next(self.source)
        self.number += 1
        if self.is_dump and "\\N" in line:
            line = _DUMPED_NULL.sub(r"\1", line)
        self.record.append(line)
        return line

    def first(self):
        """The number of the line on which the record in hand begins."""
        return self.number - len(self.record) + 1


def _read(text, delimiter, manner):
    if manner.line_by_line:
        yield from _read_by_line(text, delimiter)
        return
    lines = _Lines(text, "\\N" in text)
    if separator_line(text):
        next(lines)
        lines.record.clear()
        yield Record(1, [])
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        doublequote=manner.doubled,
        escapechar=None if manner.doubled else "\\",
        skipinitialspace=manner.after_blank,
        strict=True,
    )
    counts, separators = collections.Counter(), None
    try:
        for cells in reader:
            if len(lines.record) > 1 or '"' in "".join(cells):
                if len(cells) - 1 > MOST_COLUMNS:
                    raise BadFile("columns", lines.first())
                _check_record(lines, delimiter, manner, separators)
            if len(lines.record) == 1 and cells and counts.total() < _LOOKED_AT:
                counts[lines.record[0].count(delimiter)] += 1
                separators = counts.most_common(1)[0][0]
            yield Record(lines.first(), _cut(cells))
            lines.record.clear()
    except csv.Error:
        raise _at_fault(lines, delimiter, manner) from None


def _cut(cells):
    return [cell[:LONGEST_CELL] if len(cell) > LONGEST_CELL else cell for cell in cells]


def _check_record(lines, delimiter, manner, separators):
    """Look whether the marks of a record are in pairs, and what it has swallowed.

    :param int separators: how many delimiters a line usually has
    :raises BadFile: quote
    """
    swallowed = (separators or 0) > 1 and any(
        line.count(delimiter) == separators
        and (_strict(line, delimiter) or [""])[0].strip()
        for line in lines.record[1:-1]
    )
    if swallowed or _Marks(lines.record, delimiter, manner).alone is not None:
        raise _at_fault(lines, delimiter, manner)


def _at_fault(lines, delimiter, manner):
    """Return the refusal that names the mark at fault of the record in hand."""
    marks = _Marks(lines.record, delimiter, manner)
    place = next(
        (each for each in (marks.broken, marks.open, marks.alone) if each is not None),
        0,
    )
    if marks.broken is None and marks.open is None and marks.first is not None:
        place = marks.first
    return BadFile("quote", lines.first() + place, lines.record[place].strip()[:200])


class _Marks:
    """Where in the lines of a record quotation marks stand.

    :attr:`open`: the line of a mark that is never closed; :attr:`broken`: of one after
    whose partner more text follows; :attr:`alone`: the line of a cell that does not
    begin with a mark and has an odd number of them; :attr:`first`: of the first mark
    that begins a cell which goes on in the next line.
    """

    def __init__(self, record, delimiter, manner):
        self.open = self.broken = self.alone = self.first = None
        self.manner = manner
        text = "".join(record)
        self._ends = list(itertools.accumulate(map(len, record)))
        place = 0
        while place < len(text):
            place = self._cell(text, place, delimiter)

    def _line(self, place):
        """Return the number of the line in which a place of the text stands."""
        return min(bisect.bisect_right(self._ends, place), len(self._ends) - 1)

    def _cell(self, text, place, delimiter):
        """Look at the cell that begins at a place; return where the next one does."""
        begin = place
        while self.manner.after_blank and text[begin : begin + 1] == " ":
            begin += 1
        if text[begin : begin + 1] == '"':
            end = self._closing(text, begin + 1)
            if end is None:
                self.open = self._line(begin)
                return len(text)
            if self._line(end) > self._line(begin) and self.first is None:
                self.first = self._line(begin)
            if text[end + 1 : end + 2] not in ("", delimiter, "\r", "\n"):
                if self.broken is None:
                    self.broken = self._line(begin)
            place = end + 1
        rest = re.compile(f"[{re.escape(delimiter)}\r\n]").search(text, place)
        stop = rest.start() if rest else len(text)
        marks = text.count('"', place, stop)
        if marks % 2 and self.alone is None:
            self.alone = self._line(place)
        return stop + 1

    def _closing(self, text, place):
        """Return where a cell in quotation marks ends, or None."""
        while (place := text.find('"', place)) >= 0:
            if self.manner.doubled and text[place + 1 : place + 2] == '"':
                place += 2
            elif not self.manner.doubled and _is_escaped(text, place):
                place += 1
            else:
                return place
        return None


def _is_escaped(text, place):
    """Whether an odd number of backslashes stands before a place."""
    begin = place
    while begin and text[begin - 1] == "\\":
        begin -= 1
    return (place - begin) % 2 == 1


def _read_by_line(text, delimiter):
    lines = _physical(text)
    for number, line in enumerate(lines, start=1):
        if not line.strip() or (number == 1 and _SEPARATOR_LINE.fullmatch(line)):
            yield Record(number, [])
            continue
        cells = _strict(line, delimiter)
        if cells is None:
            yield Record(number, _cut(line.rstrip("\r\n").split(delimiter)), "quote")
        else:
            yield Record(number, _cut(cells))
