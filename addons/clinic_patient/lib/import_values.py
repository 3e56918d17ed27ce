"""What cells of an import mean: dates, sexes, yes and no. Plain Python, no Odoo."""

import re
from datetime import date

from . import person_name

#: Order of the parts of a date: day, month, year.
ORDERS = ("dmy", "mdy", "ymd")
_PARTS = re.compile(r"(\d{1,4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,4})\D?")
_RUN = re.compile(r"(\d{2})(\d{2})(\d{4})")
_ISO_RUN = re.compile(r"(?:18|19|20)\d{6}")
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp]\.?[Mm]\.?)?Z?$")

_SEX_WORDS = {
    "male": "m male man boy 1 maschio maschile uomo e erkek bay м муж мужской мужчина "
    "男 男性 h homme hombre männlich mr sig signore г-н",
    "female": "f female woman girl 2 femmina femminile donna k kadın bayan ж жен "
    "женский женщина 女 女性 femme mujer w weiblich mrs ms sig.ra signora г-жа",
    "other": "o other x d altro diğer другой другое 其他 9",
    "unknown": "u unknown ? - n/a sconosciuto non noto bilinmiyor неизвестно 未知 0",
}
SEXES = {
    person_name.plain(word): sex
    for sex, words in _SEX_WORDS.items()
    for word in words.split()
}


def read_sex(text):
    """Return the sex that a word means, or None when it means none."""
    return SEXES.get(person_name.plain(text).strip())


def read_date(text, order, today):
    """Return the date that ``text`` means, or None.

    A year of four digits in front is read as ISO whatever the order; a year of two
    digits is the latest one that is not in the future.

    :param str order: one of :data:`ORDERS`
    """
    text = _TIME.sub("", text.strip())
    if _ISO_RUN.fullmatch(text) and order == "ymd":
        return _date(text[:4], text[4:6], text[6:], today)
    match = _RUN.fullmatch(text) or _PARTS.fullmatch(text)
    if not match:
        return None
    first, second, third = match.groups()
    if len(first) == 4:
        return _date(first, second, third, today)
    if order == "ymd":
        return _date(first, second, third, today) if len(third) < 3 else None
    if order == "mdy":
        first, second = second, first
    return _date(third, second, first, today)


def _date(year, month, day, today):
    digits, year = len(year), int(year)
    if digits == 3:
        return None
    if digits <= 2:
        year += today.year // 100 * 100
        year -= 100 if year > today.year else 0
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None


def detect_order(texts):
    """Return the orders in which all ``texts`` are dates, the likeliest first.

    More than one: nothing in the texts tells which. None: they contradict each other,
    or are no dates.
    """
    texts = [text for text in texts if text]
    today = date.today()
    counts = {
        order: sum(read_date(text, order, today) is not None for text in texts)
        for order in ORDERS
    }
    most = max(counts.values(), default=0)
    if not texts or most < 0.5 * len(texts):
        return []
    return [order for order in ORDERS if counts[order] == most]
