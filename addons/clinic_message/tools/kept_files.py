"""Which files of patients are kept: by what they hold, whatever they say they are."""

from odoo.tools.mimetypes import guess_mimetype

LARGEST = 10 * 1024 * 1024
MOST = 10
#: Nothing in them runs in a browser.
KEPT = frozenset(
    (
        "application/pdf",
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "text/plain",
        "audio/ogg",
        "audio/mpeg",
        "audio/amr",
        "video/mp4",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.oasis.opendocument.text",
    )
)
#: Beginnings of what telephones record: ``(offset, bytes, type)``.
RECORDED = (
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (4, b"ftyp", "video/mp4"),
)


def kind_of(content, claimed=""):
    """The type of a file that may be kept; ``None`` for any other.

    :param bytes content: of the file
    :param str claimed: type it says it has; believed only of plain text

    >>> kind_of(b"%PDF-1.7 ..."), kind_of(b"OggS....")
    ('application/pdf', 'audio/ogg')
    >>> kind_of(b"Come soon", "text/plain; charset=utf-8")
    'text/plain'
    >>> kind_of(b"<svg onload='x()'/>", "text/plain"), kind_of(b"MZ...", "image/png")
    (None, None)
    """
    if not content or len(content) > LARGEST:
        return None
    for offset, beginning, kind in RECORDED:
        if content[offset : offset + len(beginning)] == beginning:
            return kind
    kind = guess_mimetype(content, default="application/octet-stream")
    if kind in KEPT - {"text/plain"}:
        return kind
    plain = claimed.startswith("text/plain") and is_text(content)
    return "text/plain" if plain else None


def is_text(content):
    """Whether nothing in plain text could be taken for a page that runs."""
    small = content.lower()
    return b"\0" not in content and b"<script" not in small and b"<svg" not in small


def sift(files):
    """Part files into those that are kept and the names of the rest.

    :param files: list of ``(name, claimed type, bytes)``
    :returns: ``([(name, type, bytes)], [name])``
    """
    kept, left = [], []
    for name, claimed, content in files:
        kind = kind_of(content, claimed or "")
        if kind and len(kept) < MOST:
            kept.append((name, kind, content))
        else:
            left.append(name)
    return kept, left
