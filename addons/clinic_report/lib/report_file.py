"""What a file of a report really is. Plain Python, no Odoo.

The content decides and never the name or what a browser says of it: a web page called
``result.pdf`` would run in the reader's session.
"""

import hashlib
import re
from typing import NamedTuple

#: PDF readers accept the mark anywhere in the first kilobyte.
PDF_MARK_WITHIN = 1024
DICOM_MARK_AT = 128


class Kind(NamedTuple):
    """A kind of file that is taken.

    :param str name: as people call it
    :param str mimetype: what it is served as
    :param str extension: of the name it is saved under
    :param bool inline: whether a browser may show it
    """

    name: str
    mimetype: str
    extension: str
    inline: bool


PDF = Kind("PDF", "application/pdf", "pdf", True)
JPEG = Kind("JPEG", "image/jpeg", "jpg", True)
PNG = Kind("PNG", "image/png", "png", True)
DICOM = Kind("DICOM", "application/dicom", "dcm", False)
KINDS = {kind.mimetype: kind for kind in (PDF, JPEG, PNG, DICOM)}


def recognise(content):
    """Return the :class:`Kind` of a file, None when it is of no kind that is taken.

    :param bytes content: the whole file
    """
    if content[DICOM_MARK_AT : DICOM_MARK_AT + 4] == b"DICM":
        return DICOM
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    head = content[:PDF_MARK_WITHIN]
    if b"%PDF-" in head and not re.search(
        rb"<\s*(!doctype|html|svg|script)", head, re.I
    ):
        return PDF
    return None


def fingerprint(content):
    """Return the SHA-256 of a file in hexadecimal figures."""
    return hashlib.sha256(content).hexdigest()


def words_of(file_name):
    """Return the words of a file's name that may be a number of a patient.

    Without the extension, in capitals, each once in order; words without a figure are
    names and no numbers.
    """
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file_name or "")
    found = re.findall(r"[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)*", stem)
    words = [*found, *(part for word in found for part in re.split("[-/]", word))]
    return list(
        dict.fromkeys(
            word.upper() for word in words if any(char.isdigit() for char in word)
        )
    )


def safe_name(file_name, kind):
    """Return a name to save a file under: no path, no control signs, true extension.

    :param Kind kind: what the content is
    """
    last = re.split(r"[\\/]", file_name or "")[-1]
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", last)
    stem = "".join(
        char for char in stem if char.isprintable() and char not in '"<>:|?*'
    )
    return f"{stem.strip(' .')[:120] or 'report'}.{kind.extension}"
