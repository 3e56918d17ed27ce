"""What a short answer of a patient means, if every word of it is known.

An answer moves, cancels or confirms visits by itself, so it is obeyed only when nothing
in it is left to guess: each word stands in the tables (``keyword_words.py``) of the
patient's languages or of English, and all of them want one thing. One word more, a
question mark, two wishes at once: a person reads it.
"""

import unicodedata
from functools import lru_cache

from .keyword_words import LANGUAGES, SIGNS

#: The language that is understood whatever the card says.
ALWAYS = "en"
#: What is obeyed in every language: nobody who wants no messages has to guess how to
#: say it.
EVERYWHERE = ("stop", "start")
#: What may stand beside the name of what is meant.
ABOUT_VISIT = {"yes", "no", "confirm", "cancel", "move"}
#: What may stand beside "see you".
AGREEING = {"yes", "confirm"}
#: Names that are words of negation, of time or of doubt as well.
NO_NAMES = frozenset(
    "may mai non not no will never forse dopo ma nie не без 不 别".split()
)
#: Marks of a question in the scripts of the world.
QUESTIONS = set("?¿‽⸘؟⸮")
#: What may stand beside signs that say everything by themselves: "+-" is no yes.
BESIDE_SIGNS = set("!.,")
#: Longer answers are letters.
LONGEST = 200

#: Letters that have no decomposition.
PLAIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l"})
#: Signs that change how the one before looks, not what it says: colours of skin, styles
#: of signs, joiners, soft hyphens.
LOOKS = frozenset(
    [*range(0x1F3FB, 0x1F400), *range(0xFE00, 0xFE10)]
    + [0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF]
)
#: What strikes through or rings the letter before it: it may mean its contrary.
OVERLAY = 1


def keyword(text, languages=(), names=()):
    """What a short answer means, or ``None`` when a person is to read it.

    :param str text: as it was written
    :param languages: codes of the writer's languages (``it``, ``it_IT``) beside English
    :param names: of the writer, who may sign with them
    :returns: a key of the tables that is a wish (``yes``, ``cancel`` ...), or ``None``

    >>> keyword("Yes, please"), keyword("Не приду", ["ru_RU"]), keyword("👍🏽")
    ('yes', None, 'yes')
    >>> keyword("iptal", ["tr_TR"]), keyword("iptal etme", ["tr_TR"])
    ('cancel', None)
    >>> keyword("СТОП"), keyword("退订"), keyword("yes no"), keyword("Confirmed?")
    ('stop', 'stop', None, None)
    >>> keyword("Confermo, Anna Rossi", ["it"], ["Anna", "Rossi"])
    'confirm'
    """
    words = tokens(text)
    if not words or _is_odd_sign(text):
        return None
    known = sorted({_short(code) for code in languages if code} | {ALWAYS})
    meaning = _meaning(_readings(words, tuple(known), _signatures(names)))
    if meaning:
        return meaning
    for code in LANGUAGES:
        meaning = _meaning(_readings(words, (code,), ()))
        if meaning in EVERYWHERE:
            return meaning
    return None


def number(text):
    """The number that an answer consists of, or ``None``.

    >>> number(" 2. "), number("2️⃣"), number("2 or 3"), number("0"), number("12")
    (2, 2, None, None, None)
    """
    words = tokens((text or "").replace("\u20e3", ""))
    if words and len(words) == 1 and words[0] in set("123456789"):
        return int(words[0])
    return None


def tokens(text):
    """The words of a text in small letters, without accents and punctuation.

    Chinese characters and signs are words of their own. ``None``: it asks something,
    strikes something out, or is too long to be a word.

    >>> tokens("İPTAL! Sì."), tokens("好的👍🏽"), tokens("c̶a̶n̶c̶e̶l̶"), tokens("yes?")
    (['iptal', 'si'], ['好', '的', '👍'], None, None)
    """
    text = text or ""
    if len(text) > LONGEST:
        return None
    found, word = [], ""
    for char in _folded(text):
        kind = unicodedata.category(char)
        if char in QUESTIONS or kind == "Me" or unicodedata.combining(char) == OVERLAY:
            return None
        if ord(char) in LOOKS or unicodedata.combining(char):
            continue
        is_alone = kind[0] in "SC" and not char.isspace() or _is_ideograph(char)
        if kind[0] in "LNM" and not is_alone:
            word += char
            continue
        found += [word] if word else []
        word = ""
        found += [char] if is_alone else []
    return [*found, word] if word else found


def _is_odd_sign(text):
    """Whether a text without letters holds more than whole signs."""
    kinds = [(char, unicodedata.category(char)[0]) for char in _folded(text)]
    if any(kind == "L" for _char, kind in kinds):
        return False
    return any(
        kind in "PM" and char not in BESIDE_SIGNS and ord(char) not in LOOKS
        for char, kind in kinds
    )


def _folded(text):
    """The text in small letters, accents apart from them."""
    split = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFKD", text).casefold()
    )
    return split.translate(PLAIN)


def _is_ideograph(char):
    return "\u3400" <= char <= "\u9fff"


def _short(code):
    return code.partition("_")[0].partition("-")[0].lower()


@lru_cache
def _phrases(language):
    """``{words: meanings}`` of a language and of the signs."""
    phrases = {}
    for table in (SIGNS, LANGUAGES.get(language, {})):
        for meaning, words in table.items():
            for phrase in words.split(","):
                phrases.setdefault(tuple(tokens(phrase)), set()).add(meaning)
    return phrases


@lru_cache
def _together(languages):
    """The same of several languages, and the length of the longest phrase."""
    phrases = {}
    for language in languages:
        for words, meanings in _phrases(language).items():
            phrases.setdefault(words, set()).update(meanings)
    return phrases, max(map(len, phrases))


def _signatures(names):
    """The names by which somebody may sign, as words."""
    return tuple(
        words
        for name in names
        for part in [name or "", *(name or "").split()]
        if (words := tuple(tokens(part) or ())) and not NO_NAMES.intersection(words)
    )


def _readings(words, languages, signatures):
    """Every way to read all the words: sets of what they want, none left over.

    :returns: set of frozensets, empty when some word is not known
    """
    phrases, longest = _together(languages)
    parts = {part for phrase in phrases for part in phrase}
    # A name that is a word is that word.
    names = {name for name in signatures if not parts.intersection(name)}
    ends = [{frozenset()}] + [set() for _word in words]
    for start, readings in enumerate(ends):
        if not readings:
            continue
        for stop in range(start + 1, min(start + longest, len(words)) + 1):
            for meaning in phrases.get(tuple(words[start:stop]), ()):
                said = frozenset() if meaning == "polite" else frozenset([meaning])
                ends[stop] |= {reading | said for reading in readings}
    return set().union(*(ends[start] for start in _signed_from(words, names)))


def _signed_from(words, names):
    """Where the text may end but for names: somebody signs below, not in between."""
    starts = {len(words)}
    for start in reversed(range(len(words))):
        if any(
            tuple(words[start : start + len(name)]) == name
            and start + len(name) in starts
            for name in names
        ):
            starts.add(start)
    return starts


def _meaning(readings):
    """The one wish of all readings, or ``None``."""
    if len(readings) != 1:
        return None
    (wishes,) = readings
    wanted = wishes - {"visit", "see_you"}
    if wanted == {"yes", "confirm"}:
        wanted = {"confirm"}
    if len(wanted) != 1:
        return None
    (meaning,) = wanted
    is_against = (
        meaning == "unclear"
        or ("visit" in wishes and meaning not in ABOUT_VISIT)
        or ("see_you" in wishes and meaning not in AGREEING)
    )
    return None if is_against else meaning
