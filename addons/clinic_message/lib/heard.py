"""What a provider tells by itself, read from a webhook or an answer: plain data."""

import hashlib
import hmac
from datetime import datetime, timezone
from typing import NamedTuple


class Status(NamedTuple):
    """What became of a message; see ``clinic.message._hear``."""

    uid: str
    state: str
    uuid: str | None = None
    moment: datetime | None = None
    error: str | None = None
    detail: str | None = None
    price: float | None = None


class Inbound(NamedTuple):
    """What somebody wrote; see ``clinic.message._receive``."""

    uid: str
    sender: str
    body: str
    moment: datetime | None = None
    reply_uid: str | None = None
    media_id: str | None = None


def clean(text):
    """A text that a database takes: no NUL, no half of a character.

    >>> clean("a\\0b"), clean("\\ud83d!"), clean(None)
    ('ab', '?!', None)
    """
    if not isinstance(text, str):
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def cleaned(event):
    """A ``Status`` or ``Inbound`` whose words are all :func:`clean`."""
    return event._make(map(clean, event))


def moment(seconds):
    """A moment in naive UTC from seconds since 1970; ``None`` from anything else.

    >>> moment("0")
    datetime.datetime(1970, 1, 1, 0, 0)
    >>> moment("yesterday"), moment(10**20)
    (None, None)
    """
    try:
        there = datetime.fromtimestamp(float(seconds), timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return there.replace(tzinfo=None)


def is_signed(secret, body, signature, prefix="sha256="):
    """Whether a body was signed with a secret (HMAC-SHA256, in hexadecimal).

    Compared as bytes: `compare_digest` refuses words that are not ASCII.

    >>> is_signed("s", b"", "ü"), is_signed("s", b"", None), is_signed("", b"", "")
    (False, False, False)
    """
    if not secret or not isinstance(signature, str):
        return False
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    right = (prefix + digest).encode()
    return hmac.compare_digest(right, signature.strip().encode("utf-8", "replace"))
