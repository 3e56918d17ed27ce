"""Addresses that are secrets: one list, from which logs and headers are made.

Links in messages, addresses of calendars and webhooks carry their secret in the path,
because mail and calendar programs and gateways can send it nowhere else. Each addon
lists its own in ``secret_routes.txt``, one a line::

    /clinic/feed/<secret>

What must not reach a log is the part called ``<secret>``, or with ``<secrets>`` all
that follows; other parts in ``<>`` stand for any text. The command makes nginx's part
of ``deploy/nginx.conf`` from the same files. Plain Python, no Odoo.
"""

import logging
import re
from pathlib import Path
from urllib.parse import unquote

#: What stands where a secret was.
MASK = "***"
#: Parameters of a query whose values are secrets, by a word in their names.
SECRET_NAMES = r"token|secret|passw|signature|hash|hmac|key|code|otp|sid"
QUERY = re.compile(rf"([?&;][\w.-]*(?:{SECRET_NAMES})[\w.-]*=)[^&;\s\"'<>]+", re.I)
#: What nobody listed yet, told by its length: nothing else below these has a part of
#: twenty signs without a dot.
LONG = re.compile(r"(/(?:clinic|my)/(?:[\w-]+/)+)[\w=-]{20,}")
#: Somebody may write an address with signs that need no escape escaped.
ESCAPED = re.compile(r"[^\s\"']*%[0-9A-Fa-f]{2}[^\s\"']*")

_routes = {}
_pattern = None


def read(folder):
    """The routes an addon lists, in the order of its file."""
    lines = (Path(folder) / "secret_routes.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.startswith("/")]


def declare(folder):
    """Add the routes that an addon's folder lists, and clean the logs of them."""
    global _pattern
    _routes[str(folder)] = read(folder)
    _pattern = None
    install()


def declared():
    """Every route that was declared."""
    return [route for routes in _routes.values() for route in routes]


def expression(route):
    """The regular expression of a route; what stands before its secret is group 1."""
    head, secret, _rest = re.split(r"(<secrets?>)", route, maxsplit=1)
    part = r"[^/?#\s\"'<>]+"
    before = re.sub(r"<\w+>", lambda _found: part, head)
    inside = r"[^?#&\s\"'<>]+" if secret == "<secrets>" else part
    return rf"({before})(?!\*\*\*){inside}"


def _compiled():
    global _pattern
    if _pattern is None:
        known = sorted({expression(route) for route in declared()})
        _pattern = [re.compile(each) for each in known]
    return _pattern


def mask(text):
    """The text without the secrets of addresses in it.

    :param str text: a line of a log, an address, a traceback
    """
    if "/" not in text and "%" not in text:
        return text
    cleaned = _mask(text)
    if "%" in cleaned:
        cleaned = ESCAPED.sub(_mask_escaped, cleaned)
    return cleaned


def _mask(text):
    text = QUERY.sub(rf"\1{MASK}", text)
    for pattern in _compiled():
        text = pattern.sub(rf"\1{MASK}", text)
    return LONG.sub(rf"\1{MASK}", text)


def _mask_escaped(found):
    """The same for what an escaped address says; harmless escapes stay as they are."""
    plain = found[0]
    for _number in range(3):
        plain = unquote(plain)
        cleaned = _mask(plain)
        if cleaned != plain:
            return "".join(c if c.isprintable() else "?" for c in cleaned)
    return found[0]


class SecretRoutes(logging.Filter):
    """Writes a mask in place of the secrets, in messages and in tracebacks."""

    def filter(self, record):
        """Clean the record; it is always kept."""
        try:
            text = record.getMessage()
        except Exception:
            # A wrong call of the logger: logging itself says so, with its place.
            return True
        cleaned = mask(text)
        if cleaned != text:
            record.msg, record.args = cleaned, None
        if record.exc_info and record.exc_info[0] and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
        return True


def install():
    """Add the filter to every way that leads out of this process, once.

    On the handlers, not on single loggers: any of them may write an address.
    """
    for handler in logging.getLogger().handlers:
        if not any(isinstance(item, SecretRoutes) for item in handler.filters):
            handler.addFilter(SecretRoutes())
