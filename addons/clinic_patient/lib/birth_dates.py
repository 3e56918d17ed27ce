"""Birth dates and ages. Plain Python, no Odoo."""

import re
from datetime import date

OLDEST = 130
_ISO = re.compile(r"(\d{4})[-/. ]?(\d{1,2})[-/. ]?(\d{1,2})")
_LOCAL = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})|(\d\d)(\d\d)(\d{4})")


def age_on(birth_date, day):
    """Return the full years of life on ``day``; None when the date is not known."""
    if not birth_date:
        return None
    return (
        day.year
        - birth_date.year
        - ((day.month, day.day) < (birth_date.month, birth_date.day))
    )


def birthday(birth_date, years):
    """Return the day a person turns ``years``; born 29 February: 1 March."""
    try:
        return birth_date.replace(year=birth_date.year + years)
    except ValueError:
        return date(birth_date.year + years, 3, 1)


def readings(text, today):
    """Return the dates of birth that ``text`` may mean; mostly none or one.

    Understood: 1980-03-12, 19800312, 12/03/1980, 12.3.80, 12 03 1980, 12031980. A
    year of two digits is the latest one that is not in the future. Day and month are
    read in both orders, the day first.
    """
    text = text.strip()
    if match := _ISO.fullmatch(text):
        if found := _date(*match.groups()):
            return [found]
    match = _LOCAL.fullmatch(text)
    if not match:
        return []
    first, second, year = [group for group in match.groups() if group]
    year = int(year)
    if year < 100:
        year += today.year // 100 * 100
        year -= 100 if year > today.year else 0
    found = (_date(year, second, first), _date(year, first, second))
    return list(dict.fromkeys(filter(None, found)))


def _date(year, month, day):
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found.year > 1850 else None
