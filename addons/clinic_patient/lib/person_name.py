"""Names of people: cleaning, composing and comparing. Plain Python, no Odoo."""

import re
import unicodedata

#: Fields of the card that hold a name: in parts, and whole.
NAMES = ("family_name", "given_name", "middle_name")
NAME_FIELDS = ("name", *NAMES)
MAX_PART = 100
# Joiners that Persian, Arabic and Indic spelling needs inside a word.
_JOINERS = {"\u200c", "\u200d"}
_BAD_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "So"}
# Letters that no Unicode decomposition turns into a plain one.
_PLAIN = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ħ": "h",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)
#: Letters of a name that a stranger types; longer ones are entered at the desk.
MAX_STRANGER = 60
# What mail programs make a link of, or nearly: a dot without a blank after it, too.
_ADDRESS = re.compile(r"[:/\\@<>{}=&?#%]|www|\w{2,}[.。．]\w{2,}|\d{5}", re.IGNORECASE)
_NOT_WORD = re.compile(r"[\W_]+")


def clean(text):
    """Return ``text`` composed (NFC), on one line, without outer blanks."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def bad_characters(text):
    """Return the characters that have no place in a person's name.

    Emoji and other pictures, control codes and the invisible marks that turn the
    direction of the text around them. Letters and marks of every script, digits,
    punctuation and the joiners of cursive scripts are fine.
    """
    return [
        char
        for char in text or ""
        if unicodedata.category(char) in _BAD_CATEGORIES and char not in _JOINERS
    ]


def speaks(text):
    """Whether a name that a stranger typed says more than a name.

    It stands in letters to an address that the stranger typed too: an address of the
    web in it, or sixty letters, would make the clinic the sender of what somebody
    else wants to say.
    """
    return len(text) > MAX_STRANGER or bool(_ADDRESS.search(text))


def compose(family, given, middle=None):
    """Return the display name "Family Given Middle" of the parts that are known."""
    return " ".join(part for part in (family, given, middle) if part)


def split(name):
    """Guess ``(family, given)`` from a whole name: the first word is the family's."""
    family, _blank, given = clean(name).partition(" ")
    return family, given


def plain(text):
    """Return ``text`` in small letters without accents, to compare and to search."""
    text = unicodedata.normalize("NFKD", (text or "").casefold())
    text = "".join(char for char in text if not unicodedata.combining(char))
    return text.translate(_PLAIN)


def words(text):
    """Return the plain words of ``text``, in order and without repetition.

    "O'Brien-Núñez" gives ``["o", "brien", "nunez", "obriennunez"]``: the parts, and
    all of them run together as people also type them.
    """
    found = {}
    for chunk in plain(text).split():
        parts = [part for part in _NOT_WORD.split(chunk) if part]
        found.update(dict.fromkeys(parts))
        if len(parts) > 1:
            found["".join(parts)] = None
    return list(found)


def search_text(texts, numbers=()):
    """Return the words by which somebody is found, each with a blank before it.

    :param texts: name, numbers and addresses, empty ones included
    :param numbers: digits of telephone numbers as people may begin to type them
    """
    found = dict.fromkeys(words(" ".join(text for text in texts if text)))
    found.update(dict.fromkeys(numbers))
    return "".join(f" {word}" for word in found)


def same(first, second):
    """Whether two names are spelt with the same words, in any order."""
    return sorted(words(first)) == sorted(words(second))
