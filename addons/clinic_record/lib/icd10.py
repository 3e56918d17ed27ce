"""Codes of ICD-10: how they are written, and the chapter each belongs to."""

import re

#: A category (E11) and up to four more signs: WHO uses one or two, national
#: modifications more.
PATTERN = r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?"
_SPOKEN = re.compile(r"^([A-Z][0-9][0-9A-Z])\.?([0-9A-Z]{0,4})$")

#: Number, first category, last category, title in our words.
CHAPTERS = (
    ("01", "A00", "B99", "Infections"),
    ("02", "C00", "D48", "Tumours"),
    ("03", "D50", "D89", "Blood and immune system"),
    ("04", "E00", "E90", "Hormones, nutrition, metabolism"),
    ("05", "F00", "F99", "Mind and behaviour"),
    ("06", "G00", "G99", "Nervous system"),
    ("07", "H00", "H59", "Eye"),
    ("08", "H60", "H95", "Ear"),
    ("09", "I00", "I99", "Heart and circulation"),
    ("10", "J00", "J99", "Breathing"),
    ("11", "K00", "K93", "Digestion and teeth"),
    ("12", "L00", "L99", "Skin"),
    ("13", "M00", "M99", "Muscles, bones, joints"),
    ("14", "N00", "N99", "Kidneys, urinary and sexual organs"),
    ("15", "O00", "O99", "Pregnancy and birth"),
    ("16", "P00", "P96", "Newborn"),
    ("17", "Q00", "Q99", "Malformations and chromosomes"),
    ("18", "R00", "R99", "Symptoms without a diagnosis"),
    ("19", "S00", "T98", "Injuries and poisoning"),
    ("20", "V01", "Y98", "Outer causes"),
    ("21", "Z00", "Z99", "Check-ups, prevention and other contacts"),
    ("22", "U00", "U99", "Codes for special purposes"),
)


def chapter(code):
    """Return the number of the chapter of a code, or None."""
    category = (code or "")[:3].upper()
    for number, first, last, _title in CHAPTERS:
        if first <= category <= last or category[:2] == last[:2] and category > last:
            return number
    return None


def normalise(text):
    """Return a code as it is stored: capitals, a point, no dagger or asterisk.

    :param str text: as found in a file or typed: ``e119``, ``A17.0+``, ``A00.-``
    :returns: the code, or None when it is none
    """
    bare = (text or "").strip().upper().rstrip("†+*!").removesuffix(".-")
    found = _SPOKEN.match(bare)
    if not found:
        return None
    category, rest = found.groups()
    return f"{category}.{rest}" if rest else category


def prefix(text):
    """Return the beginning of a code that somebody types, with its point, or None."""
    bare = (text or "").strip().upper().replace(".", "")
    if not re.match(r"^[A-Z][0-9][0-9A-Z]{0,5}$", bare):
        return None
    return bare if len(bare) <= 3 else f"{bare[:3]}.{bare[3:]}"


def ancestors(code):
    """Return the codes above a code, the nearest first: E11.90 → E11.9, E11."""
    category, _point, rest = code.partition(".")
    return [
        f"{category}.{rest[:length]}" if length else category
        for length in range(len(rest) - 1, -1, -1)
    ]
