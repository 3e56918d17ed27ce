"""Tables in Excel's files: XLSX through openpyxl, XLS through xlrd. No Odoo.

Cells come as a person sees them. A formula that was never calculated, and one that
failed, come as texts that say so: nothing is left out in silence.
"""

import contextlib
import io
import itertools
import re
import warnings
import zipfile
from typing import NamedTuple

import openpyxl
import xlrd

from . import import_archive, import_limits
from .import_cells import UNCALCULATED, cell_text
from .import_limits import BadFile

# Strange styles and dates outside of any calendar: the cell itself tells of them.
warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MERGED = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>]")


class Sheet(NamedTuple):
    """A sheet of a spreadsheet, by its place in the book and its name."""

    number: int
    name: str
    is_hidden: bool


class Xlsx:
    """The sheets and cells of an XLSX or XLSM file; macros are never run.

    :raises BadFile: damaged
    """

    def __init__(self, data):
        self._data = import_archive.usual_xlsx(data)
        with _refusing():
            self._book = self._load(data_only=True)
            self.sheets = [
                Sheet(number, sheet.title, sheet.sheet_state != "visible")
                for number, sheet in enumerate(self._book.worksheets)
            ]
            self.is_1904 = self._book.epoch.year == 1904

    def _load(self, data_only):
        return openpyxl.load_workbook(
            io.BytesIO(self._data),
            read_only=True,
            data_only=data_only,
            keep_links=False,
        )

    def rows(self, number):
        """Yield (line, texts) for each row of a sheet.

        :raises BadFile: damaged
        """
        with _refusing():
            sheet = self._book.worksheets[number]
            merged, has_formulas = self._look(sheet)
            rows = self._values(sheet)
            if has_formulas:
                written = self._values(self._load(data_only=False).worksheets[number])
                rows = map(_calculated, rows, written)
            for line, cells in enumerate(rows, start=1):
                yield line, merged.fill(line, [_xlsx_text(cell) for cell in cells])

    def _values(self, sheet):
        sheet.reset_dimensions()
        return sheet.iter_rows()

    def _look(self, sheet):
        """Return the merged cells of a sheet, and whether it holds formulas."""
        ranges, has_formulas, tail = [], False, b""
        with (
            zipfile.ZipFile(io.BytesIO(self._data)) as archive,
            archive.open(sheet._worksheet_path) as content,
        ):
            while chunk := content.read(2**20):
                seen = tail + chunk
                has_formulas = has_formulas or bool(_FORMULA.search(seen))
                ranges += _MERGED.findall(seen)
                if len(ranges) > import_limits.MOST_MERGED:
                    raise BadFile("bomb")
                # What is cut in the middle is found with the next piece, once.
                tail = seen[seen.rfind(b"<") :][-200:]
        column = openpyxl.utils.column_index_from_string
        return (
            Merged(
                (int(top), int(bottom), column(left.decode()) - 1)
                for left, top, _right, bottom in ranges
            ),
            has_formulas,
        )


class Xls:
    """The sheets and cells of a spreadsheet of the old kind (BIFF).

    :raises BadFile: damaged, password, too_large
    """

    def __init__(self, data):
        if _ENCRYPTED in data:
            raise BadFile("password")
        if len(data) > import_limits.LARGEST_WHOLE:
            raise BadFile("too_large")
        with _refusing():
            self._book = self._open(data)
            self.sheets = [
                Sheet(number, name, self._book.sheet_by_index(number).visibility != 0)
                for number, name in enumerate(self._book.sheet_names())
            ]
            self.is_1904 = self._book.datemode == 1

    def _open(self, data):
        options = {
            "file_contents": data,
            "logfile": io.StringIO(),
            "ragged_rows": True,
        }
        try:
            return xlrd.open_workbook(**options, formatting_info=True)
        except NotImplementedError:
            # Files of before 1993 hold no formats that the library reads.
            return xlrd.open_workbook(**options)

    def rows(self, number):
        """Yield (line, texts) for each row of a sheet.

        :raises BadFile: damaged
        """
        with _refusing():
            sheet = self._book.sheet_by_index(number)
            merged = Merged(
                (top + 1, bottom, left)
                for top, bottom, left, _right in sheet.merged_cells
            )
            for place in range(sheet.nrows):
                texts = [self._text(cell) for cell in sheet.row(place)]
                yield place + 1, merged.fill(place + 1, texts)

    def _text(self, cell):
        if cell.ctype == xlrd.XL_CELL_DATE:
            try:
                return cell_text(
                    xlrd.xldate.xldate_as_datetime(cell.value, self._book.datemode)
                )
            except (ValueError, OverflowError):
                return "#NUM!"
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(cell.value, "#VALUE!")
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return cell_text(bool(cell.value))
        if cell.ctype == xlrd.XL_CELL_NUMBER:
            return cell_text(cell.value, self._format(cell))
        return cell_text(cell.value or None)

    def _format(self, cell):
        if cell.xf_index is None:
            return None
        key = self._book.xf_list[cell.xf_index].format_key
        return self._book.format_map[key].format_str


class Merged:
    """Merged cells: what stands in the first one stands for all below it.

    Only downwards: a title over several columns is no value of each of them.

    :param ranges: (first line, last line, column from 0)
    """

    def __init__(self, ranges):
        self._begins, self._open = {}, {}
        for top, bottom, column in ranges:
            if bottom > top:
                self._begins.setdefault(top, []).append((column, bottom))

    def fill(self, line, texts):
        """Return the texts of a line, with those of the cells merged from above.

        Nothing is filled into a line that is otherwise empty.
        """
        is_empty = not any(texts)
        for column, (bottom, text) in list(self._open.items()):
            if line > bottom:
                del self._open[column]
            elif not is_empty:
                texts += [""] * (column + 1 - len(texts))
                texts[column] = texts[column] or text
        for column, bottom in self._begins.get(line, ()):
            if column < len(texts) and texts[column]:
                self._open[column] = (bottom, texts[column])
        return texts


def _xlsx_text(cell):
    return cell_text(cell.value, getattr(cell, "number_format", None))


class _Uncalculated(NamedTuple):
    value: str | None
    data_type: str = "f"


_EMPTY = _Uncalculated(None, "n")


def _calculated(cells, written):
    """Return the cells of a row; a formula without a value says that it has none.

    One whose value is an empty text has a value: programs note that it is a text.
    """
    return [
        _Uncalculated(f"{UNCALCULATED} {getattr(formula.value, 'text', formula.value)}")
        if formula.data_type == "f" and cell.value is None and cell.data_type != "str"
        else cell
        for cell, formula in itertools.zip_longest(cells, written, fillvalue=_EMPTY)
    ]


@contextlib.contextmanager
def _refusing():
    """Turn whatever a damaged file makes a library raise into a refusal."""
    try:
        yield
    except BadFile:
        raise
    except Exception as error:
        is_locked = isinstance(error, xlrd.XLRDError) and "encrypted" in str(error)
        raise BadFile("password" if is_locked else "damaged") from None
