"""The Italian *codice fiscale*: normal form, and what it says of its holder.

Two people whose codes would be equal get variants in which digits are replaced by
letters, from the right ("omocodia"): 7 positions, hence 128 spellings that only the
revenue agency may choose from. The *base* spells them all with digits again.
"""

import re

from stdnum.exceptions import ValidationError
from stdnum.it import codicefiscale

from . import person_name
from .tax_code_result import InvalidTaxCode

_DIGIT_POSITIONS = (6, 7, 9, 10, 12, 13, 14)
_LETTER_TO_DIGIT = str.maketrans("LMNPQRSTUV", "0123456789")
_DIGIT_TO_LETTER = str.maketrans("0123456789", "LMNPQRSTUV")
_SHAPE = re.compile(
    r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST]"
    r"[0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]"
)
# Foreigners without a residence permit are given one of these by a health unit.
_TEMPORARY = re.compile(r"(STP|ENI)\d{13}")
_MONTHS = "ABCDEHLMPRST"


def looks_like(code):
    """Whether ``code`` (upper case, compact) has the shape of a personal code."""
    return bool(_SHAPE.fullmatch(code))


def validate(code):
    """Raise :class:`InvalidTaxCode` unless ``code`` is a code that was given out.

    Personal codes with any omocodia, the numeric ones of eleven digits given to
    newborn children and foreigners, and the STP and ENI codes are accepted.
    """
    if _TEMPORARY.fullmatch(code):
        return
    try:
        codicefiscale.validate(base(code))
        if looks_like(code):
            codicefiscale.validate(code)
    except (ValidationError, ValueError) as error:
        if len(code) not in (11, 16):
            raise InvalidTaxCode("length") from error
        raise InvalidTaxCode("format") from error


def base(code):
    """Return the code with its letters of omocodia turned back into digits."""
    if not looks_like(code):
        return code
    letters = list(code[:15])
    for position in _DIGIT_POSITIONS:
        letters[position] = letters[position].translate(_LETTER_TO_DIGIT)
    head = "".join(letters)
    return head + codicefiscale.calc_check_digit(head)


def variants(code):
    """Yield the 128 spellings of ``code``, itself and its base included."""
    head = base(code)[:15]
    for mask in range(2 ** len(_DIGIT_POSITIONS)):
        letters = list(head)
        for bit, position in enumerate(_DIGIT_POSITIONS):
            if mask >> bit & 1:
                letters[position] = letters[position].translate(_DIGIT_TO_LETTER)
        spelt = "".join(letters)
        yield spelt + codicefiscale.calc_check_digit(spelt)


def mismatches(code, family_name=None, given_name=None, birth_date=None, sex=None):
    """Return the names of the fields that ``code`` contradicts.

    :return: list of "family_name", "given_name", "birth_date", "sex"; a field that
        is not known is not compared.
    """
    if not looks_like(code):
        return []
    digits = base(code)
    found = []
    if _comparable(family_name) and digits[:3] != family_code(family_name):
        found.append("family_name")
    if _comparable(given_name) and digits[3:6] != given_code(given_name):
        found.append("given_name")
    day = int(digits[9:11])
    if birth_date and digits[6:9] + f"{day % 40:02}" != (
        f"{birth_date.year % 100:02}{_MONTHS[birth_date.month - 1]}{birth_date.day:02}"
    ):
        found.append("birth_date")
    if sex in ("male", "female") and sex != ("female" if day > 40 else "male"):
        found.append("sex")
    return found


def family_code(name):
    """Return the three letters that stand for a family name."""
    consonants, vowels = _letters(name)
    return (consonants + vowels + "XXX")[:3]


def given_code(name):
    """Return the three letters that stand for a given name."""
    consonants, vowels = _letters(name)
    if len(consonants) > 3:
        consonants = consonants[0] + consonants[2:4]
    return (consonants + vowels + "XXX")[:3]


def _letters(name):
    letters = [char for char in person_name.plain(name).upper() if "A" <= char <= "Z"]
    vowels = "".join(char for char in letters if char in "AEIOU")
    return "".join(char for char in letters if char not in "AEIOU"), vowels


def _comparable(name):
    """Names in other scripts were transliterated by an office: not comparable."""
    return bool(name) and all(
        "a" <= char <= "z" for char in person_name.plain(name) if char.isalpha()
    )
