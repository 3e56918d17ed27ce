"""An independent reader of short answers: slow, by letters, without a clever step.

Shares the words with the product and no code. A text is read by trying to take every
known phrase off its beginning, again and again, until nothing is left.
"""

import unicodedata
from functools import lru_cache

from ..lib.keyword_words import LANGUAGES, SIGNS

#: Letters of the five languages, and how they are compared.
LETTERS = {
    **dict(zip("àáèéìíòóùúçğışöüñ", "aaeeiioouucgisoun", strict=True)),
    **dict(zip("ёй", "еи", strict=True)),
    "\u0307": "",
}
#: What stands between words.
BETWEEN = set(" \n\t.,;:!'’\"-()…。，！、")
#: What may stand between signs, where there is no letter.
BETWEEN_SIGNS = set(" \n\t.,!…，！")


def plain(text):
    """The text as it is compared: small letters, single spaces, a space at each end."""
    letters = unicodedata.normalize("NFC", text).lower()
    kept = "".join(
        LETTERS.get(letter, " " if letter in BETWEEN else letter) for letter in letters
    )
    return " " + " ".join(kept.split()) + " "


@lru_cache
def table(language):
    """List of ``(phrase as it is compared, meaning)``."""
    return [
        (plain(phrase).strip(), meaning)
        for words in (SIGNS, LANGUAGES["en"], LANGUAGES[language])
        for meaning, phrases in words.items()
        for phrase in phrases.split(",")
    ]


def is_whole(phrase, rest):
    """Whether the phrase ends there, and not in the middle of a longer word."""
    after = rest[len(phrase) : len(phrase) + 1]
    return not (written_together(phrase[-1]) and written_together(after))


def written_together(letter):
    """Whether words of this script need spaces between them."""
    return letter.isalnum() and not "\u4e00" <= letter <= "\u9fff"


def readings(rest, phrases):
    """Every list of meanings that uses the text up."""
    rest = rest.lstrip()
    if not rest:
        return [[]]
    return [
        [meaning, *others]
        for phrase, meaning in phrases
        if rest.startswith(phrase) and is_whole(phrase, rest)
        for others in readings(rest[len(phrase) :], phrases)
    ]


def meaning(text, language):
    """What an answer means, or ``None``: somebody is to read it."""
    if set(text) & set("?？‽؟"):
        return None
    if not any(map(str.isalpha, text)) and set(text) & (BETWEEN - BETWEEN_SIGNS):
        return None
    found = {
        frozenset(each) - {"polite"} for each in readings(plain(text), table(language))
    }
    if len(found) != 1:
        return None
    wishes = next(iter(found))
    if "see_you" in wishes:
        wishes = wishes - {"see_you"}
        if not wishes & {"yes", "confirm"}:
            return None
    if wishes - {"visit"} in ({"yes", "confirm"}, {"confirm"}):
        return "confirm"
    for wish in ("yes", "no", "cancel", "move"):
        if wishes - {"visit"} == {wish}:
            return wish
    for wish in ("stop", "start", "help"):
        if wishes == {wish}:
            return wish
    return None
