"""Tables in pages of HTML, which many programs save under the name .xls. No Odoo."""

import re

from lxml import etree, html

from . import import_encoding, import_limits
from .import_cells import cell_text
from .import_limits import BadFile
from .import_workbook import Sheet

_BEGIN = re.compile(rb"\s*<(!doctype\s+html|html|head|body|meta|table|style)\b", re.I)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)


def is_html(data):
    """Whether the bytes begin as a page of HTML does."""
    return bool(_BEGIN.match(data[:1000].removeprefix(b"\xef\xbb\xbf")))


class Html:
    """The tables and cells of a page; nothing of it is run or fetched.

    :raises BadFile: encoding, too_large, not_a_table, damaged
    """

    is_1904 = False

    def __init__(self, data):
        if len(data) > import_limits.LARGEST_WHOLE:
            raise BadFile("too_large")
        text = self._decode(data)
        try:
            page = html.document_fromstring(
                text, parser=html.HTMLParser(no_network=True, huge_tree=False)
            )
        except (etree.ParserError, etree.XMLSyntaxError, ValueError):
            raise BadFile("damaged") from None
        self._tables = [
            table for table in page.iter("table") if not _is_inside(table, "table")
        ]
        if not self._tables:
            raise BadFile("not_a_table")
        self.sheets = [
            Sheet(number, str(number + 1), False) for number in range(len(self._tables))
        ]

    def _decode(self, data):
        named = _CHARSET.search(data[:2000])
        try:
            return data.decode(named[1].decode()) if named else self._detect(data)
        except (UnicodeDecodeError, LookupError):
            return self._detect(data)

    def _detect(self, data):
        return import_encoding.text_of(data, import_encoding.detect(data))

    def rows(self, number):
        """Yield (line, texts) for each row of a table.

        :raises BadFile: columns
        """
        table, spans, line = self._tables[number], {}, 0
        for row in table.iter("tr"):
            if next(row.iterancestors("table")) is not table:
                continue
            line += 1
            yield line, self._texts(row, spans)

    def _texts(self, row, spans):
        texts = []

        def take_spans():
            while span := spans.get(len(texts)):
                texts.append(span[1])
                span[0] -= 1
                if not span[0]:
                    del spans[len(texts) - 1]

        for cell in row.iterchildren("td", "th"):
            take_spans()
            text = _cell_text(cell)
            down, across = _span(cell, "rowspan"), _span(cell, "colspan")
            if len(texts) + across > import_limits.MOST_COLUMNS and text:
                raise BadFile("columns")
            if down > 1:
                spans[len(texts)] = [down - 1, text]
            texts += [text] + [""] * (across - 1)
        take_spans()
        return texts


def _is_inside(element, tag):
    return next(element.iterancestors(tag), None) is not None


def _span(cell, name):
    text = (cell.get(name) or "1").strip()
    return max(1, int(text)) if text.isdecimal() and len(text) < 4 else 1


def _cell_text(cell):
    parts = []
    for element in cell.iter():
        if element.tag == "br":
            parts.append("\n")
        elif isinstance(element.tag, str) and element.tag not in ("script", "style"):
            parts.append(" ".join((element.text or "").split("\n")))
        if element is not cell:
            parts.append(" ".join((element.tail or "").split("\n")))
    return cell_text("".join(parts).replace("\xa0", " ").strip())
