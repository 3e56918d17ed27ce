"""Dates in the cells of an import: what they mean, and what must be asked. No Odoo."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import babel

from . import person_name

#: Order of the parts of a date: day, month, year.
ORDERS = ("dmy", "mdy", "ymd")
#: Languages whose names of months are known.
LANGUAGES = ("en", "it", "ru", "tr", "de", "fr", "es", "pt", "pl", "uk", "ro")
#: Days that programs write where no date is known.
STAND_INS = {
    *(date(1, 1, 1), date(1753, 1, 1), date(1899, 12, 30), date(1899, 12, 31)),
    *(date(1900, 1, 1), date(1901, 1, 1), date(9999, 12, 31)),
}
#: Age above which nobody is looked for in another century.
OLDEST = 115
#: No date is longer, and patterns search long texts for long.
LONGEST_DATE = 60

_PARTS = re.compile(r"(\d{1,4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,4})\D?")
_RUN = re.compile(r"(\d{2})(\d{2})(\d{4})")
_ISO_RUN = re.compile(r"(?:18|19|20)\d{6}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(
    r"[T ,]+(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)( ?[AaPp]\.?[Mm]\.?)?"
    r"( ?(?:Z|UTC|GMT)|[+-]\d{2}:?\d{2})?$"
)
_END = re.compile(r"\s*(г\.?|года|г\.р\.|y\.?)$")
_WORDED = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th|º|°|\.)?[\s./-]*(?:de |di )?"
    r"(?P<month>[^\W\d_]{3,})\.?[\s./,-]*(?:de |del )?(?P<year>\d{4}|\d{2})"
    r"|(?P<month_>[^\W\d_]{3,})\.?[\s./-]*(?P<day_>\d{1,2})(?:st|nd|rd|th)?,?\s+"
    r"(?P<year_>\d{4})"
)
_SERIAL = re.compile(r"\d{5}(?:[.,]0+)?")
_NO_DIGIT_BUT_ZERO = re.compile(r"[0\W_]*")


class Reading(NamedTuple):
    """How the dates of a file are read.

    :param str order: one of :data:`ORDERS`; None: only what is certain is read
    :param bool is_swapped: dates of a spreadsheet have day and month exchanged
    :param bool is_1904: numbers that stand for dates count from 1904
    """

    order: str | None = "dmy"
    is_swapped: bool = False
    is_1904: bool = False


class Evidence(NamedTuple):
    """What the dates of a column tell about their order.

    :param str order: the order in which all of them are dates, or None
    :param bool is_open: nothing tells day and month apart
    :param bool contradicts: some are dates in one order, some in another
    :param bool looks_swapped: a spreadsheet took the month for the day
    """

    order: str | None
    is_open: bool = False
    contradicts: bool = False
    looks_swapped: bool = False


def is_stand_in(text, found):
    """Whether a date means that none is known: ``0000-00-00``, ``1/1/1900``.

    :param date found: what :func:`read_date` made of it, or None
    """
    if found is None:
        return len(text) <= LONGEST_DATE and bool(
            _NO_DIGIT_BUT_ZERO.fullmatch(_TIME.sub("", text))
        )
    return found in STAND_INS


def read_date(text, reading, today):
    """Return the date that ``text`` means, or None.

    A year of four digits in front is read as ISO whatever the order; a year of two
    digits is the latest one that is not in the future.

    :param Reading reading: or only its order
    """
    if isinstance(reading, str):
        reading = Reading(reading)
    text, is_day = _without_time(text.strip())
    if not is_day:
        return None
    if _SERIAL.fullmatch(text):
        return _serial(int(text[:5]), reading.is_1904, today)
    if _ISO_RUN.fullmatch(text) and not _is_local_run(text):
        return _date(text[:4], text[4:6], text[6:], today)
    if match := _WORDED.fullmatch(person_name.plain(text)):
        return _worded(match, today)
    match = _RUN.fullmatch(text) or _PARTS.fullmatch(text)
    if not match:
        return None
    first, second, third = match.groups()
    if len(first) == 4:
        found = _date(first, second, third, today)
        is_swapped = reading.is_swapped and _ISO.fullmatch(text)
        return _swapped(found) if found and is_swapped else found
    order = reading.order or _kind(text)
    if order == "open":
        return None
    if order == "ymd":
        return _date(first, second, third, today) if len(third) < 3 else None
    if order == "mdy":
        first, second = second, first
    return _date(third, second, first, today)


def _is_local_run(text):
    """Whether eight digits are a day, a month and a year, and cannot begin with one."""
    return not ("01" <= text[4:6] <= "12" and "01" <= text[6:] <= "31")


def _without_time(text):
    """Return a text without the hour at its end, and whether a day remains.

    None does in a text that is too long for a date. An hour other than midnight in a
    time zone is a moment: whose day it is, nobody can tell.
    """
    if len(text) > LONGEST_DATE:
        return "", False
    match = _TIME.search(text)
    if not match:
        return _END.sub("", text), True
    hour, half, zone = match.groups()
    is_midnight = not hour.strip("0:., ") or (hour.startswith("12:00") and half)
    return text[: match.start()], bool(is_midnight or not zone)


def _serial(number, is_1904, today):
    """Return the day for which a spreadsheet keeps a number, or None."""
    begin = date(1904, 1, 1) if is_1904 else date(1899, 12, 30)
    found = begin + timedelta(days=number)
    return found if found <= today else None


def _worded(match, today):
    parts = match.groupdict()
    month = _months().get(parts["month"] or parts["month_"])
    if not month:
        return None
    year, day = parts["year"] or parts["year_"], parts["day"] or parts["day_"]
    return _date(year, month, day, today)


@lru_cache(1)
def _months():
    """Return ``{plain name: number}`` of the months, short names included."""
    found = {}
    for lang in LANGUAGES:
        for names in babel.Locale(lang).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in names[width].items():
                    plain = person_name.plain(name).strip(".")
                    if len(plain) > 2:
                        found.setdefault(plain, number)
                        found.setdefault(plain[:3], number)
    return found


def _swapped(found):
    """Return a date with day and month exchanged, where that is one."""
    return date(found.year, found.day, found.month) if found.day <= 12 else found


def _date(year, month, day, today):
    digits, year = len(str(year)), int(year)
    if digits == 3:
        return None
    if digits <= 2:
        year += today.year // 100 * 100
        year -= 100 if year > today.year else 0
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None


def is_century_open(text, found, today):
    """Whether a date with a year of two digits may be a hundred years earlier."""
    text = _without_time(text.strip())[0]
    match = _PARTS.fullmatch(text) or _WORDED.fullmatch(person_name.plain(text))
    if not match or found.year + OLDEST - 100 < today.year:
        return False
    return not re.search(r"\d{4}", text)


def evidence(texts, is_spreadsheet=False):
    """Return the :class:`Evidence` of the dates of a column.

    :param texts: its cells as they stand, blank ones too
    :param bool is_spreadsheet: dates in ISO's order are dates of a spreadsheet
    """
    texts = [text for text in texts if text]
    counts = dict.fromkeys((*ORDERS, "open", "kept_open", "kept"), 0)
    for text in texts:
        counts[_kind(_without_time(text.strip())[0])] += 1
    told = {order: counts[order] for order in ORDERS if counts[order]}
    looks_swapped = (
        is_spreadsheet
        and set(told) == {"dmy"}
        and counts["kept_open"] > 0
        and not counts["kept"]
        and not counts["open"]
    )
    if len(told) > 1:
        return Evidence(None, contradicts=True, looks_swapped=looks_swapped)
    if told:
        return Evidence(next(iter(told)), looks_swapped=looks_swapped)
    return Evidence(None, is_open=counts["open"] > 0)


def _kind(text):
    """Return what one date tells: an order, open, or that it is kept as a date.

    "kept_open" is one in ISO's order whose day may be a month.
    """
    if _ISO_RUN.fullmatch(text) and not _is_local_run(text):
        return "kept"
    match = _RUN.fullmatch(text) or _PARTS.fullmatch(text)
    if not match:
        return "kept"
    first, second, third = map(int, match.groups())
    if len(match[1]) == 4:
        return "kept_open" if third <= 12 and second != third else "kept"
    if first > 31:
        return "ymd" if third <= 31 and second <= 12 else "kept"
    if first > 12 >= second:
        return "dmy"
    if second > 12 >= first:
        return "mdy"
    is_open = first <= 12 and second <= 12 and first != second
    return "open" if is_open else "kept"
