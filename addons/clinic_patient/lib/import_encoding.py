"""In which encoding a text file was written, told by what it would say. No Odoo.

Each encoding that the bytes allow is tried. Known headings decide; without them, how
well the letters suit one of the languages written in it and their places in a word.
"""

import re

from . import import_headers
from .import_limits import BadFile

#: Encodings of files, the likelier first.
ENCODINGS = (
    "utf-8",
    "utf-16",
    "cp1252",
    "cp1250",
    "cp1254",
    "mac_roman",
    "cp850",
    "cp1251",
    "cp866",
    "koi8_r",
    "gb18030",
)
#: So much of a file is looked at.
SAMPLE = 2**20

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]+")
#: How PDF, RTF, JSON, XML and address cards begin.
_OTHER_KINDS = ("%PDF-", "{", "[{", "<", "BEGIN:VCARD")
#: Languages written in each of the encodings of one byte for an accented letter.
_WESTERN = {
    "cp1252": ("it", "fr", "de", "es", "pt", "nordic"),
    "cp1250": ("pl", "cs", "hu", "hr", "ro", "de"),
    "cp1254": ("tr",),
    "mac_roman": ("it", "fr", "de", "es", "pt", "nordic"),
    "cp850": ("it", "fr", "de", "es", "pt", "nordic"),
}
_LETTERS = {
    "it": "àèéìòù",
    "fr": "éèêëàâçîïôûùœ",
    "de": "äöüß",
    "es": "áéíóúñü",
    "pt": "ãõáâàçéêíóôú",
    "nordic": "åäöæøéü",
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýžľĺŕôä",
    "hu": "áéíóöőúüű",
    "hr": "čćđšž",
    "ro": "ăâîşţ",
    "tr": "çğıöşüâîİ",
}
#: Those that stand right behind a letter, too.
_SIGNS_BEHIND = set("’´”“»…°ºª®\u00a0\u00ad")
#: Signs beside letters that lists of people do hold.
_SIGNS = set("«»“”„‘’‚–—…€£§°º·№©®´\u00a0\u00ad¿¡ªˇ•")
_SIGN_BEHIND_LETTER = re.compile(r"(?<=[^\W\d_])[^\w\x00-\x7f]")
_CYRILLIC = ("cp1251", "cp866", "koi8_r")
#: How often a letter stands in Russian words and names, in thousandths.
_OFTEN = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        (110, 85, 90, 80, 67, 60, 55, 50, 50, 44, 40, 33, 30, 28, 26, 20, 19, 17, 17)
        + (16, 16, 15, 12, 10, 9, 7, 6, 5, 4, 3, 3, 1, 1),
        strict=True,
    )
)


def decode(data, encoding):
    """Return the text of a table.

    :raises BadFile: encoding (the bytes are not of this encoding), mixed_encoding,
        not_a_table
    """
    text = text_of(data, encoding)
    if _is_no_text(text):
        raise BadFile("not_a_table")
    # DOS ends a file with a sign of its own.
    return text.replace("\0", "").rstrip("\x1a")


def text_of(data, encoding):
    """Return the text of a file, whatever it is.

    :raises BadFile: encoding, mixed_encoding
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            encoding = "utf-8-sig" if name == "utf-8" else name
            break
    else:
        if encoding == "utf-16":
            encoding = _utf_16_without_bom(data) or "utf-16-le"
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise _not_of_this(data, encoding, error) from None


def _not_of_this(data, encoding, error):
    """Return what is wrong with bytes that are not of an encoding."""
    if not encoding.startswith("utf-8") or not isinstance(error, UnicodeDecodeError):
        return BadFile("encoding")
    line = len(data[: error.start].splitlines()) or 1
    begin = data.rfind(b"\n", 0, error.start) + 1
    end = data.find(b"\n", error.start)
    text = data[begin : end if end > 0 else None].decode("utf-8", "replace")
    return BadFile("mixed_encoding", line, text.strip())


def _is_no_text(text):
    """Whether this is a document or data of another kind, a picture or a program."""
    sample = text[:20_000].lstrip()
    codes = sum(char < " " and char not in "\t\r\n\v\f\x1a\x1b\x1c" for char in sample)
    return sample.startswith(_OTHER_KINDS) or codes > max(10, len(sample) // 100)


def detect(data):
    """Return which of :data:`ENCODINGS` a file is most probably written in."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name
    if _utf_16_without_bom(data):
        return "utf-16"
    if _is_utf_8(data):
        return "utf-8"
    sample = data[:SAMPLE]
    # Not in the middle of a letter of two bytes.
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    texts = {}
    for encoding in ENCODINGS[2:]:
        try:
            texts[encoding] = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
    if not texts:
        return "cp1252"
    found = {name: _known_headings(text) for name, text in texts.items()}
    most = max(found.values())
    best = [name for name in texts if most and found[name] == most] or list(texts)
    return best[0] if len(best) == 1 else _by_letters(sample, texts, best)


def _is_utf_8(data):
    """Whether a file is UTF-8, be it with some bytes of another encoding in it."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = data[:SAMPLE].decode("utf-8", "replace")
        right = sum(char > "\x7f" and char != "\ufffd" for char in text)
        return right > 20 * text.count("\ufffd")
    return True


def _utf_16_without_bom(data):
    """Return the byte order of UTF-16 without a mark, or None.

    A text in any other encoding has no zeros; the ends of the lines in this one have.
    """
    sample = data[:4000]
    second, first = sample[1::2].count(0), sample[::2].count(0)
    if second > 0.02 * len(sample) and not first:
        return "utf-16-le"
    if first > 0.02 * len(sample) and not second:
        return "utf-16-be"
    return None


def _known_headings(text):
    """Return how many headings with letters beyond ASCII a text begins with."""
    found = 0
    for line in text[:5000].splitlines()[:15]:
        cells = re.split(r"[;,\t|]", line.replace('"', ""))
        found += sum(
            not cell.isascii() and import_headers.is_spelt(cell) for cell in cells
        )
    return found


def _by_letters(sample, texts, best):
    runs = _HIGH.findall(sample)
    letters = sum(map(len, runs))
    if "gb18030" in best and _is_chinese(runs, letters):
        return "gb18030"
    # Words of Cyrillic are runs of high bytes, accents mostly stand alone.
    in_runs = sum(len(run) for run in runs if len(run) >= 3)
    cyrillic = [name for name in _CYRILLIC if name in best]
    if cyrillic and in_runs > 0.5 * letters:
        return max(cyrillic, key=lambda name: _russian(texts[name]))
    western = [name for name in _WESTERN if name in best]
    if b"\r" in sample and b"\n" not in sample:
        # Lines that end so come from a Macintosh.
        western.sort(key=lambda name: name != "mac_roman")
    if not western:
        return best[0]
    return max(western, key=lambda name: _suits(texts[name], _WESTERN[name]))


def _is_chinese(runs, letters):
    """Whether runs of high bytes are pairs, and most of them common characters."""
    pairs = b"".join(run[: len(run) // 2 * 2] for run in runs)
    common = sum(0xB0 <= byte <= 0xD7 for byte in pairs[::2])
    even = sum(len(run) for run in runs if len(run) % 2 == 0)
    return even > 0.9 * letters and common > 0.6 * len(pairs) / 2


def _russian(text):
    """Return how much a text looks Russian: frequent letters, capitals in front."""
    score = 0
    for word in re.findall(r"[^\W\d_]+", text):
        if not word.isascii():
            score += sum(_OFTEN.get(letter, -60) for letter in word.lower())
            plain = word.isupper() or word.islower() or word[1:].islower()
            score -= 0 if plain else 100 * len(word)
    signs = sum(char > "\x7f" and not char.isalpha() for char in text)
    return score - 100 * (signs - sum(text.count(sign) for sign in _SIGNS))


def _suits(text, languages):
    """Return how well the letters beyond ASCII suit one of the languages."""
    signs = _SIGN_BEHIND_LETTER.findall(text)
    high = [char for char in text if char > "\x7f" and char not in _SIGNS]
    high += [sign for sign in signs if sign in _SIGNS - _SIGNS_BEHIND]
    if not high:
        return 0
    small = [char.lower() if len(char.lower()) == 1 else char for char in high]
    inside = re.findall(r"(?<=[^\W\d_A-ZÀ-Þ])[À-ÞŠŽŸĄĆĘŁŃŚŹŻČĎĚŇŘŤŮĐŐŰ](?!\b)", text)
    best = max(sum(char in _LETTERS[lang] for char in small) for lang in languages)
    return (best - len(inside)) / len(high)
