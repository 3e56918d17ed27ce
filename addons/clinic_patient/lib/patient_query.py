"""What a receptionist types into the one search box, taken apart.

The result is a list of conditions that must all hold; a condition is a list of
alternatives; an alternative is a word with which some word of the card begins, a date
of birth, or a whole phone number, which starts with "+". Plain Python, no Odoo.
"""

import re

from . import birth_dates, person_name, tax_code

MAX_LENGTH = 200
MAX_CONDITIONS = 8
_NUMERIC = re.compile(r"[+\d(][\d().\-/+]*")
_DIGITS = re.compile(r"\d")


def parse(text, today, to_e164=None):
    """Take ``text`` apart.

    :param to_e164: function from a phone number as typed to its E.164 form, or to
        None when it is not one
    :return: list of lists of ``str`` (beginning of a word, or a number) or ``date``
    """
    conditions = []
    for chunk in _chunks((text or "")[:MAX_LENGTH]):
        conditions.extend(_conditions(chunk, today, to_e164))
    return conditions[:MAX_CONDITIONS]


def _chunks(text):
    """Yield the words, joining neighbours that together spell one number."""
    run = []
    for chunk in text.split():
        if _NUMERIC.fullmatch(chunk):
            run.append(chunk)
            continue
        if run:
            yield " ".join(run)
            run = []
        yield chunk
    if run:
        yield " ".join(run)


def _conditions(chunk, today, to_e164):
    if not _NUMERIC.fullmatch(chunk.replace(" ", "")):
        code = tax_code.compact(chunk)
        base = tax_code.base(code)
        if base != code:
            return [[code.lower(), base.lower()]]
        return [[word] for word in _parts(chunk)]
    digits = "".join(_DIGITS.findall(chunk))
    if not digits:
        return []
    alternatives = [digits, *birth_dates.readings(chunk, today)]
    if digits.startswith("00") and len(digits) > 8:
        alternatives.append(digits[2:])
    e164 = to_e164 and len(digits) >= 5 and to_e164(chunk)
    if e164:
        alternatives.append(e164)
    return [alternatives]


def _parts(chunk):
    """Return the plain words of one chunk, without the run-together form."""
    parts = person_name.words(chunk)
    return parts[:-1] if len(parts) > 2 else parts
