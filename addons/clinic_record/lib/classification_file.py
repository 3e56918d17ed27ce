"""Read the list of a classification: ClaML, or a table of codes and titles.

Files come from outside: nothing in them is executed, fetched or expanded.
"""

import csv
import io
from typing import NamedTuple

from lxml import etree

from . import icd10

#: The largest file that is read: the complete ClaML of WHO has 7 MB.
LARGEST = 40_000_000
#: Lines by which the columns of a table are recognised.
SAMPLE = 400


REASONS = (
    "large",
    "archive",
    "broken",
    "entities",
    "no_category",
    "no_codes",
    "no_titles",
)


class NotReadable(Exception):
    """The file is no list of a classification; the argument is one of REASONS."""


class Classification(NamedTuple):
    """:param dict titles: ``{code: title}``; :param list refused: lines left out"""

    titles: dict
    refused: list


def read(content):
    """Return the :class:`Classification` in a file.

    :param bytes content: ClaML 2 or 3, or text with commas, semicolons or tabs
    :raises NotReadable: it cannot
    """
    if len(content) > LARGEST:
        raise NotReadable("large")
    if content[:2] == b"PK":
        raise NotReadable("archive")
    if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        return _read_claml(content)
    return _read_table(content)


def _read_claml(content):
    # No entity is expanded, no DTD loaded, nothing fetched: XXE and "billion laughs".
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise NotReadable("broken") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise NotReadable("entities")
    titles, refused = {}, []
    for element in root.iter("Class"):
        if element.get("kind") != "category":
            continue
        code = icd10.normalise(element.get("code"))
        title = _label(element)
        if code and title:
            titles.setdefault(code, title)
        else:
            refused.append(element.get("code") or "")
    if not titles:
        raise NotReadable("no_category")
    return Classification(titles, refused)


def _label(element):
    for kind in ("preferredLong", "preferred"):
        for rubric in element.findall("Rubric"):
            label = rubric.find("Label")
            if rubric.get("kind") == kind and label is not None:
                return " ".join("".join(label.itertext()).split())
    return None


def _read_table(content):
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    sample = text[:20_000]
    delimiter = max("\t;,", key=sample.count)
    rows = [
        [cell.strip() for cell in row]
        for row in csv.reader(
            io.StringIO(text.replace("\x00", "")), delimiter=delimiter
        )
        if any(cell.strip() for cell in row)
    ]
    code_column, title_column = _columns(rows[:SAMPLE])
    titles, refused = {}, []
    for number, row in enumerate(rows, 1):
        code = title = None
        if len(row) > max(code_column, title_column):
            code, title = icd10.normalise(row[code_column]), row[title_column]
        if code and title:
            titles.setdefault(code, title)
        elif number > 1:
            refused.append(delimiter.join(row)[:80])
    return Classification(titles, refused)


def _columns(rows):
    """Find the columns of code and title by what stands in them."""
    width = max(map(len, rows), default=0)
    columns = [
        [row[place] for row in rows if len(row) > place] for place in range(width)
    ]
    codes = [
        len({icd10.normalise(cell) for cell in cells} - {None}) for cells in columns
    ]
    if not codes or not max(codes):
        raise NotReadable("no_codes")
    code_column = codes.index(max(codes))
    lengths = [
        -1 if place == code_column else sum(map(len, cells)) / max(1, len(cells))
        for place, cells in enumerate(columns)
    ]
    if len(lengths) < 2:
        raise NotReadable("no_titles")
    return code_column, lengths.index(max(lengths))
