"""The archives in which spreadsheets come (XLSX, ODS), looked at before they are read.

Sizes are counted while unpacking: what an archive says of itself may be a lie. No
document type is allowed in its XML. No Odoo.
"""

import io
import zipfile

from . import import_limits
from .import_limits import BadFile

#: The part that tells the kind of a spreadsheet.
_KINDS = {"xl/workbook.xml": "xlsx", "content.xml": "ods"}
_STRICT = b"http://purl.oclc.org/ooxml/"
#: Names of ISO 29500 "strict", and those of the usual dialect, which libraries know.
_USUAL = (
    (
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/",
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
    ),
    (
        b"http://purl.oclc.org/ooxml/drawingml/",
        b"http://schemas.openxmlformats.org/drawingml/2006/",
    ),
)


def is_archive(data):
    """Whether the bytes begin as a ZIP archive does."""
    return data[:4] == b"PK\x03\x04"


def check(data):
    """Return the kind of the spreadsheet in an archive, xlsx or ods.

    :raises BadFile: bomb, doctype, damaged, password, not_a_table
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > import_limits.MOST_PARTS:
                raise BadFile("bomb")
            names = archive.namelist()
            kind = next((_KINDS[name] for name in _KINDS if name in names), None)
            if not kind:
                raise BadFile("not_a_table")
            if any(part.flag_bits & 1 for part in parts):
                raise BadFile("password")
            total = 0
            for part in parts:
                allowed = import_limits.LARGEST_UNPACKED - total
                total += _check_part(archive, part, allowed)
            if kind == "ods" and "META-INF/manifest.xml" in names:
                if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                    raise BadFile("password")
            return kind
    except BadFile:
        raise
    except Exception:
        # zipfile raises many kinds for archives that are damaged.
        raise BadFile("damaged") from None


def _check_part(archive, part, allowed):
    """Return the true size of a part of an archive."""
    if part.filename.endswith("sharedStrings.xml"):
        allowed = min(allowed, import_limits.LARGEST_STRINGS)
    size, tail = 0, b""
    with archive.open(part) as content:
        while chunk := content.read(2**20):
            size += len(chunk)
            if size > allowed:
                raise BadFile("bomb")
            # In every part, whatever its name; also as UTF-16 or UTF-32, where zeros
            # stand between the letters.
            seen = (tail + chunk).replace(b"\0", b"")
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                raise BadFile("doctype")
            tail = chunk[-64:]
    return size


def usual_xlsx(data):
    """Return an XLSX file in the usual dialect; one in the strict dialect of ISO 29500
    is written anew with the usual names."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if _STRICT not in archive.read("xl/workbook.xml"):
            return data
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
            for part in archive.infolist():
                with archive.open(part) as content, new.open(part.filename, "w") as out:
                    for chunk in _whole_tags(content):
                        for strict, usual in _USUAL:
                            chunk = chunk.replace(strict, usual)
                        out.write(chunk)
    return buffer.getvalue()


def _whole_tags(content):
    """Yield the bytes in pieces that end with a tag, so that no name is cut."""
    rest = b""
    while chunk := content.read(2**20):
        whole, end, rest = (rest + chunk).rpartition(b">")
        yield whole + end
    yield rest
