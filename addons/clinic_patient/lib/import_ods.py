"""Tables in OpenDocument spreadsheets (ODS), read as they stream by. No Odoo.

Read here and not by a library: those there are give the number that a cell keeps and
not what it shows, so that 00187 becomes 187, and hold the whole document in memory.
"""

import io
import re
import zipfile

from lxml import etree

from . import import_limits
from .import_cells import cell_text
from .import_limits import BadFile
from .import_workbook import Sheet

_SPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}


def _name(prefixed):
    prefix, _colon, name = prefixed.partition(":")
    return f"{{{_SPACES[prefix]}}}{name}"


_TABLE, _ROW = _name("table:table"), _name("table:table-row")
_CELL, _COVERED = _name("table:table-cell"), _name("table:covered-table-cell")
_PARAGRAPH, _SPACE = _name("text:p"), _name("text:s")
_BREAKS = {_name("text:line-break"): "\n", _name("text:tab"): "\t"}
#: A number with zeros or a plus in front of it, in the places a format gives it.
_PLACED = re.compile(r"\+?[\d ()/.-]+")


class Ods:
    """The sheets and cells of an ODS file.

    :raises BadFile: damaged
    """

    is_1904 = False

    def __init__(self, data):
        self._data = data
        hidden, sheets = set(), []
        for _event, element in self._elements("end", _name("style:style"), _TABLE):
            if element.tag == _TABLE:
                sheets.append(
                    (
                        element.get(_name("table:name")) or "",
                        element.get(_name("table:style-name")) in hidden,
                    )
                )
            for shown in element.iter(_name("style:table-properties")):
                if shown.get(_name("table:display")) == "false":
                    hidden.add(element.get(_name("style:name")))
            element.clear()
        self.sheets = [Sheet(number, *sheet) for number, sheet in enumerate(sheets)]

    def _elements(self, event, *tags):
        """Yield the elements of the document with these names as they end."""
        try:
            with (
                zipfile.ZipFile(io.BytesIO(self._data)) as archive,
                archive.open("content.xml") as content,
            ):
                yield from etree.iterparse(
                    content,
                    events=(event,),
                    tag=tags,
                    resolve_entities=False,
                    no_network=True,
                    load_dtd=False,
                    huge_tree=False,
                )
        except (etree.XMLSyntaxError, zipfile.BadZipFile, OSError, EOFError):
            raise BadFile("damaged") from None

    def rows(self, number):
        """Yield (line, texts) for each row of a sheet.

        :raises BadFile: damaged, columns, rows
        """
        line, place, spans = 0, 0, {}
        for _event, element in self._elements("end", _ROW, _TABLE):
            if element.tag == _TABLE:
                place += 1
            elif place == number and not self._is_inside_cell(element):
                texts = self._texts(element, spans)
                times = _count(element, "table:number-rows-repeated")
                if not any(texts):
                    line += times
                elif times > import_limits.MOST_ROWS:
                    raise BadFile("rows")
                else:
                    for _time in range(times):
                        line += 1
                        yield line, list(texts)
            if element.tag == _TABLE or not self._is_inside_cell(element):
                self._forget(element)

    def _is_inside_cell(self, element):
        """Whether this is a row of a table that stands in a cell."""
        return any(
            parent.tag in (_CELL, _COVERED) for parent in element.iterancestors()
        )

    def _forget(self, element):
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]

    def _texts(self, row, spans):
        """Return the texts of the cells of a row; ``spans`` are merged cells."""
        texts, covered = [], []
        for cell in row:
            if cell.tag not in (_CELL, _COVERED):
                continue
            text = _cell_text(cell)
            times = _count(cell, "table:number-columns-repeated")
            if text and len(texts) + times > import_limits.MOST_COLUMNS:
                raise BadFile("columns")
            begin = len(texts)
            times = min(times, import_limits.MOST_COLUMNS)
            texts += [text] * times
            if cell.tag == _COVERED:
                covered += range(begin, begin + times)
            elif (rows := _count(cell, "table:number-rows-spanned")) > 1 and text:
                spans[begin] = [rows, text]
        return self._filled(texts, covered, spans)

    def _filled(self, texts, covered, spans):
        is_empty = not any(texts)
        for column, span in list(spans.items()):
            if column in covered and not is_empty:
                texts[column] = texts[column] or span[1]
            span[0] -= 1
            if not span[0]:
                del spans[column]
        return texts


def _count(element, name):
    """Return a count that stands in an attribute, 1 when it does not."""
    text = element.get(_name(name)) or "1"
    return int(text) if text.isdecimal() and len(text) < 10 else 1


def _cell_text(cell):
    shown = "\n".join(map(_paragraph, cell.iterchildren(_PARAGRAPH)))
    kind = cell.get(_name("office:value-type"))
    value = cell.get(_name("office:value"))
    if kind == "date":
        moment = cell.get(_name("office:date-value")) or shown
        return moment.replace("T00:00:00", "")
    if kind == "boolean":
        return cell_text(cell.get(_name("office:boolean-value")) == "true")
    if kind in ("float", "currency", "percentage") and value:
        return _number(shown, value)
    return cell_text(shown)


def _number(shown, value):
    """Return a number as its cell shows it, unless that is shorter than what it is."""
    try:
        kept = cell_text(float(value))
    except ValueError:
        return cell_text(shown)
    digits = "".join(filter(str.isdigit, shown))
    is_longer = len(digits) > len(kept) and digits.endswith(kept)
    return shown.strip() if is_longer and _PLACED.fullmatch(shown.strip()) else kept


def _paragraph(element):
    """Return the text of a paragraph, blanks and breaks included."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == _SPACE:
            parts.append(" " * min(_count(child, "text:c"), 100))
        elif child.tag in _BREAKS:
            parts.append(_BREAKS[child.tag])
        elif isinstance(child.tag, str) and not child.tag.endswith("}annotation"):
            parts.append(_paragraph(child))
        parts.append(child.tail or "")
    return "".join(parts)
