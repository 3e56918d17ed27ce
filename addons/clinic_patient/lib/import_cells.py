"""The text of a spreadsheet's cell, as a person would type it. No Odoo.

What a program shows is often not what it keeps: ``00187`` is kept as 187 with the
format ``00000``. And what it keeps is not always what was typed: it rounds numbers of
more than fifteen digits.
"""

import re
from datetime import date, datetime, time

from .import_limits import LONGEST_CELL

#: Before the formula of a cell whose value nobody ever worked out.
UNCALCULATED = "#FORMULA!"
#: A number of so many digits is kept without loss.
EXACT_DIGITS = 15

_SECTION = re.compile(r'((?:"[^"]*"|\\.|[^;])*)(?:;|$)')
_TOKEN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|.', re.DOTALL)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
_COMPARE = {
    "<=": float.__le__,
    ">=": float.__ge__,
    "<>": float.__ne__,
    "<": float.__lt__,
    ">": float.__gt__,
    "=": float.__eq__,
}
_LITERALS = set(" +-()")


def cell_text(value, number_format=None):
    """Return the text of a cell.

    :param value: None, a text, a truth value, a number, a date or a moment
    :param str number_format: how the cell shows a number, in the words of ISO 29500
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:LONGEST_CELL].replace("\0", "")
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return number_text(value, number_format)
    return str(value)


def number_text(value, number_format=None):
    """Return a number as its cell shows it, without separators of thousands.

    A number whose last digits are lost is given with an exponent: nobody takes that for
    a telephone or a tax code.
    """
    if isinstance(value, float):
        if value != value or abs(value) == float("inf"):
            return "#NUM!"
        if not value.is_integer():
            return repr(value)
        whole = int(value)
        is_lost = abs(whole) >= 10**EXACT_DIGITS
    else:
        whole = value
        tail = str(abs(whole))[EXACT_DIGITS:]
        is_lost = bool(tail) and not tail.strip("0")
    if is_lost:
        return f"{whole:.14E}"
    return formatted(whole, number_format or "") or str(whole)


def formatted(whole, number_format):
    """Return a whole number in a format of fixed places such as 00000, 000-00-0000 or
    \\+0, or None when the format is of another kind."""
    section, is_first = _section(whole, number_format)
    places = []
    for token in _TOKEN.findall(section):
        if token in ("0", "#", "?"):
            places.append((True, token))
        elif token[0] == "[":
            continue
        elif token[0] in '"\\' and len(token) > 1:
            places.append((False, token.strip('"') if token[0] == '"' else token[1:]))
        elif token[0] in "_*" and len(token) > 1:
            continue
        elif token in _LITERALS:
            places.append((False, token))
        else:
            return None
    digits = [token for is_digit, token in places if is_digit]
    if not digits or len(places) == 1:
        return None
    must = len(digits) - digits.index("0") if "0" in digits else 0
    text = _filled(places, len(digits), str(abs(whole)).rjust(must, "0"))
    return f"-{text}" if whole < 0 and is_first else text


def _section(whole, number_format):
    """Return the part of a format that is meant for this number, and whether it is
    also that of numbers above zero."""
    sections = [part for part in _SECTION.findall(number_format) if part] or [""]
    for place, section in enumerate(sections):
        if condition := _CONDITION.search(section):
            sign, limit = condition.groups()
            if _COMPARE[sign](float(whole), float(limit)):
                return section, True
        elif place == len(sections) - 1 and _CONDITION.search(sections[0]):
            return section, True
    if whole < 0 and len(sections) > 1:
        return sections[1], False
    return sections[0], True


def _filled(places, count, text):
    """Return the digits of ``text`` in their places, the last in the last."""
    surplus = max(0, len(text) - count)
    missing = count - (len(text) - surplus)
    digits = iter(text[surplus:])
    shown, seen = [], 0
    for is_digit, token in places:
        if not is_digit:
            shown.append(token)
            continue
        if seen == 0:
            shown.append(text[:surplus])
        if seen >= missing:
            shown.append(next(digits))
        seen += 1
    return "".join(shown).strip()
