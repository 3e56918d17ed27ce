"""Tables in files that people upload: CSV in any spelling, and XLSX. No Odoo.

Nothing of a file is believed: sizes are counted while it is unpacked, no document type
is allowed in its XML, formulas and macros are never run.
"""

import csv
import io
import itertools
import re
import zipfile
from datetime import date, datetime, time

LARGEST = 100 * 2**20
#: What an XLSX file may hold when it is unpacked.
LARGEST_UNPACKED = 400 * 2**20
LARGEST_STRINGS = 150 * 2**20
MOST_PARTS = 2000
MOST_COLUMNS = 200
MOST_ROWS = 500_000
#: So many empty lines in a row end a table.
MOST_EMPTY = 20_000
LONGEST_CELL = 32_767
ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1251", "cp1254", "gb18030")
DELIMITERS = (",", ";", "\t", "|")

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]+")
#: Icelandic letters of cp1252 that are Turkish ones in cp1254.
_TURKISH = set("ðýþÐÝÞ")


class BadFile(Exception):
    """The file cannot be read; ``reason`` is a word for the caller to explain."""

    def __init__(self, reason, detail=""):
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def is_xlsx(data):
    """Whether the bytes begin as a ZIP archive does."""
    return data[:4] == b"PK\x03\x04"


def check(data):
    """Refuse what is not worth a look.

    :raises BadFile: empty, too_large, old_excel
    """
    if not data:
        raise BadFile("empty")
    if len(data) > LARGEST:
        raise BadFile("too_large")
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise BadFile("old_excel")


def table(data, encoding=None, delimiter=None):
    """Return an iterator over the rows of a file; a row is a list of texts.

    Lines without any text come as empty lists, so that the number of a line is the one
    a person sees; after very many of them the table is over.

    :raises BadFile: empty, too_large, not_a_table, old_excel, encoding, bomb, doctype,
        damaged, columns, rows
    """
    check(data)
    if is_xlsx(data):
        return _limited(_xlsx_rows(data))
    encoding = encoding or detect_encoding(data)
    text = decode(data, encoding)
    return _limited(_csv_rows(text, delimiter or detect_delimiter(text)))


def decode(data, encoding):
    """Return the text of a CSV file.

    :raises BadFile: encoding (the bytes are not of this encoding), not_a_table
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            encoding = "utf-8-sig" if name == "utf-8" else name
            break
    else:
        if encoding == "utf-16":
            encoding = _utf_16_without_bom(data) or "utf-16-le"
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise BadFile("encoding") from None
    if text.count("\0") > 10:
        raise BadFile("not_a_table")
    return text.replace("\0", "")


def detect_encoding(data):
    """Return which of :data:`ENCODINGS` a file is most probably written in."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name
    if _utf_16_without_bom(data):
        return "utf-16"
    if _is_written_in(data, "utf-8"):
        return "utf-8"
    runs = _HIGH.findall(data[: 2**20])
    letters = sum(map(len, runs))
    # Words of Cyrillic or Chinese are runs of high bytes, accents stand alone.
    in_runs = sum(len(run) for run in runs if len(run) >= 3)
    pairs = b"".join(run[: len(run) // 2 * 2] for run in runs)
    common = sum(0xB0 <= byte <= 0xD7 for byte in pairs[::2])
    even = sum(len(run) for run in runs if len(run) % 2 == 0)
    if even > 0.9 * letters and common > 0.6 * len(pairs) / 2:
        if _is_written_in(data, "gb18030"):
            return "gb18030"
    if in_runs > 0.5 * letters:
        return "cp1251"
    western = b"".join(runs).decode("cp1252", "replace")
    return "cp1254" if _TURKISH & set(western) else "cp1252"


def _is_written_in(data, encoding):
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _utf_16_without_bom(data):
    """Return the byte order of UTF-16 without a mark, or None: every second is 0."""
    sample = data[:4000]
    half = max(1, len(sample) // 2)
    if sample[1::2].count(0) > 0.4 * half and sample[::2].count(0) == 0:
        return "utf-16-le"
    if sample[::2].count(0) > 0.4 * half and sample[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def detect_delimiter(text):
    """Return which of :data:`DELIMITERS` cuts the first lines into most equal rows."""
    sample = text[:100_000]
    found = []
    for number, delimiter in enumerate(DELIMITERS):
        try:
            rows = itertools.islice(_reader(sample, delimiter), 50)
            sizes = [len(row) for row in rows if row]
        except csv.Error:
            continue
        if not sizes:
            continue
        width = max(set(sizes), key=sizes.count)
        if width > 1:
            found.append((sizes.count(width) * width, -number, delimiter))
    return max(found)[2] if found else ","


def _reader(text, delimiter):
    csv.field_size_limit(2**24)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _csv_rows(text, delimiter):
    try:
        for row in _reader(text, delimiter):
            if any(len(cell) > LONGEST_CELL for cell in row):
                row = [cell[:LONGEST_CELL] for cell in row]
            yield row
    except csv.Error:
        raise BadFile("damaged") from None


def _limited(rows):
    """Yield rows without blanks around their cells, as long as they are few enough."""
    full = empty = 0
    for row in rows:
        if not any(row):
            empty += 1
            if empty > MOST_EMPTY:
                return
            yield []
            continue
        empty = 0
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise BadFile("columns")
        full += bool(cells)
        if full > MOST_ROWS + 1:
            raise BadFile("rows")
        yield cells


def _xlsx_rows(data):
    """Rows of the first sheet; what formulas gave when the file was saved."""
    import openpyxl

    check_archive(data)
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True):
            yield [cell_text(value) for value in row] if any(row) else []
    except BadFile:
        raise
    except Exception:
        # Whatever a damaged archive makes the library raise.
        raise BadFile("damaged") from None


def cell_text(value):
    """Return the text of a cell of a spreadsheet as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:LONGEST_CELL].replace("\0", "")
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def check_archive(data):
    """Refuse an archive that unpacks into too much, or whose XML may reach out.

    Sizes are counted while unpacking: what an archive says of itself may be a lie.

    :raises BadFile: bomb, doctype, damaged, not_a_table
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise BadFile("bomb")
            if "xl/workbook.xml" not in archive.namelist():
                raise BadFile("not_a_table")
            total = 0
            for part in parts:
                total += _check_part(archive, part, LARGEST_UNPACKED - total)
    except BadFile:
        raise
    except Exception:
        # zipfile raises many kinds for archives that are damaged or encrypted.
        raise BadFile("damaged") from None


def _check_part(archive, part, allowed):
    """Return the true size of a part of an archive."""
    if part.filename.endswith("sharedStrings.xml"):
        allowed = min(allowed, LARGEST_STRINGS)
    size, tail = 0, b""
    is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    with archive.open(part) as content:
        while chunk := content.read(2**20):
            size += len(chunk)
            if size > allowed:
                raise BadFile("bomb")
            if not is_xml:
                continue
            # Also as UTF-16 or UTF-32, where zeros stand between the letters.
            seen = (tail + chunk).replace(b"\0", b"")
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                raise BadFile("doctype")
            tail = chunk[-64:]
    return size
