"""What cells of an import mean: numbers, sexes, what is no value at all. No Odoo."""

import re

import phonenumbers

from . import person_name
from .import_cells import UNCALCULATED

_SEX_WORDS = {
    "male": "m male man boy 1 maschio maschile uomo e erkek bay м муж мужской мужчина "
    "男 男性 h homme hombre männlich mr sig signore г-н",
    "female": "f female woman girl 2 femmina femminile donna k kadın bayan ж жен "
    "женский женщина 女 女性 femme mujer w weiblich mrs ms sig.ra signora г-жа",
    "other": "o other x d altro diğer другой другое 其他 9",
    "unknown": "u unknown ? - n/a sconosciuto non noto bilinmiyor неизвестно 未知 0 "
    "unspecified",
}
SEXES = {
    person_name.plain(word): sex
    for sex, words in _SEX_WORDS.items()
    for word in words.split()
}

#: What people and programs write into a cell that is empty; no name of anybody.
_EMPTY = {
    *("-", "--", "---", "—", "–", ".", "/", "_", "\\n", "(null)", "<null>", "[null]"),
    *("n/a", "#n/a", "#н/д", "#n/d", "#nv", "n.a.", "n.d.", "н/д", "<na>"),
}
#: As programs spell it, and nobody a name: Nat and NAN may be somebody.
_EMPTY_AS_WRITTEN = {"nan", "NaN", "NaT"}
#: In lists in capitals somebody's given or family name is spelt so.
_EMPTY_BESIDE_HALVES = {"NULL", "null", "NAN"}
#: Names and places may be called so: Mr. Null, Mrs. Na.
_EMPTY_BESIDE_NAMES = {
    *("none", "null", "na", "nd", "nil", "(none)", "nat", "нет", "yok", "无"),
}
#: NA is Naples, and Namibia; ND is North Dakota.
_CODES_OF_PLACES = {"na", "nd"}
_PLACES = {"state", "country"}
_LONGEST_EMPTY = max(map(len, _EMPTY | _EMPTY_BESIDE_NAMES))
_NAMES = {"name", "family_name", "given_name", "middle_name"}
#: Without one of them a card stands under half a name.
HALVES = {"family_name", "given_name"}
_PHONES = {"phone", "phone_home", "phone_work"}
_NO_EMAIL = re.compile(
    r"(no|non|without|senza)[-_.]?(e?-?mail|posta)(@.*)?|none@.*|nomail@.*"
)
_FAILED = re.compile(
    r"#(REF|VALUE|NAME|DIV/0|NUM|NULL|SPILL|CALC|BLOCKED|CONNECT|ПУСТО|ДЕЛ/0|ЗНАЧ|"
    r"ССЫЛКА|ИМЯ|ЧИСЛО|WERT|BEZUG|VALORE|RIF|NOME|AD|DEĞER|BAŞV)[!?]|#{3,}|Err:\d{3}"
)

#: Fields that hold digits of which none may be lost.
NUMBERS = {
    *_PHONES,
    *("card_number", "outpatient_number", "inpatient_number", "national_number"),
    *("insurance_number", "zip", "tax_code"),
}
_EXPONENT = re.compile(r"\+?(\d)(?:[.,](\d+))?[eE]\+?(\d{1,3})")
_FRACTION = re.compile(r"(\d{2,})[.,]0")
#: A number of so many digits that a spreadsheet shows it with an exponent, and ends so.
_ROUNDED = re.compile(r"\d{6,}0{6}")
_BETWEEN_PHONES = re.compile(
    r"[;,|\n]+| ::: | / | - |/(?=\s*\+)| (?:e|o|or|and|и|или|ve|y) "
)
#: Digits of a ZIP code, where it may begin with a zero.
_ZIP_DIGITS = {"CN": 6, **dict.fromkeys(("DE", "ES", "FR", "IT", "TR", "US"), 5)}
#: A number has at least so many digits.
PHONE_DIGITS = 6
#: A longer text is no list of numbers, and its blanks would be searched for long.
LONGEST_PHONES = 500
_SLASH = re.compile(r"\s*/\s*")


#: A date, a telephone, an address of e-mail or web: no part of a name.
_NO_NAME = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{5}|\w@\w|https?:|\d:\d\d", re.IGNORECASE
)


class Rounded(Exception):
    """A number whose last digits a spreadsheet has lost."""


def read_sex(text):
    """Return the sex that a word means, or None when it means none."""
    return SEXES.get(person_name.plain(text).strip())


def is_empty(field, text):
    """Whether a text says that there is no value, as people and programs say it.

    :param str field: what the column holds, a word of ``import_headers.FIELDS``
    """
    if field in _PHONES and not text.strip("0 +-()./"):
        return True
    if field == "email" and text[:1] in "nNwWsS" and _NO_EMAIL.fullmatch(text.lower()):
        return True
    if len(text) > _LONGEST_EMPTY:
        return False
    small = text.casefold()
    if small in _EMPTY or text in _EMPTY_AS_WRITTEN:
        return True
    if field not in HALVES and text in _EMPTY_BESIDE_HALVES:
        return True
    if field in _PLACES and small in _CODES_OF_PLACES:
        return False
    return field not in _NAMES and small in _EMPTY_BESIDE_NAMES


def is_no_name(text):
    """Whether a text cannot be a name: the print date below a list, a telephone."""
    return bool(_NO_NAME.search(text))


def has_failed(text):
    """Whether a spreadsheet shows an error in place of a value."""
    if text[:1] not in ("#", "E"):
        return False
    return text.startswith(UNCALCULATED) or bool(_FAILED.fullmatch(text))


def read_digits(text):
    """Return a number as it was before a spreadsheet showed it in its own way.

    ``3471100014.0`` and ``3.471100014E+09`` have lost nothing.

    :raises Rounded: ``3.47123E+11`` has
    """
    if text.isdigit():
        return text
    if match := _FRACTION.fullmatch(text):
        return match[1]
    match = _EXPONENT.fullmatch(text)
    if not match or not (match[2] or "+" in text):
        return text
    first, more, exponent = match[1], match[2] or "", int(match[3])
    if len(more.rstrip("0")) > exponent or exponent > 40:
        return text
    if len(more) < exponent:
        raise Rounded
    return first + more[:exponent]


def is_rounded_phone(text):
    """Whether a number of digits only is one that was rounded: 347123000000."""
    return bool(_ROUNDED.fullmatch(text))


def split_phones(text):
    """Return the telephone numbers that one cell holds, as they are written.

    One only, unless each part has the digits of a number: ``06 - 6982 1234``.
    """
    if len(text) > LONGEST_PHONES:
        return [text]
    parts = [part.strip() for part in _BETWEEN_PHONES.split(text) if part.strip()]
    # A slash stands inside of a number, too: 347/1100001.
    pieces = [piece for part in parts for piece in _SLASH.split(part)]
    for found in (pieces, parts):
        if all(len(re.sub(r"\D", "", each)) >= PHONE_DIGITS for each in found):
            return found
    return [text]


def with_lost_zero(text, region):
    """Return a number with the zero in front that a spreadsheet took away, or None.

    Only where it is certain: no number of the country without it, one with it.

    :param str region: two letters of the country whose numbers are written so
    """
    if not re.fullmatch(r"[1-9]\d{5,11}", text) or not region:
        return None
    try:
        kept, restored = (
            phonenumbers.is_valid_number(phonenumbers.parse(number, region))
            for number in (text, f"0{text}")
        )
    except phonenumbers.NumberParseException:
        return None
    return f"0{text}" if restored and not kept else None


def with_zip_zeros(text, region):
    """Return a ZIP code with the zeros in front that a spreadsheet took away, or None.

    :param str region: two letters of its country
    """
    digits = _ZIP_DIGITS.get(region)
    if not digits or not re.fullmatch(r"[1-9]\d{2,4}", text) or len(text) >= digits:
        return None
    return text.rjust(digits, "0")
