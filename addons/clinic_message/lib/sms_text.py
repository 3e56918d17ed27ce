"""How long a text is as an SMS: GSM 03.38 and UCS-2, part by part."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Characters that take two places, the first being an escape.
EXTENDED = frozenset("^{}\\[~]|€\f")


def encoding(text):
    """``gsm7`` when the alphabet of telephones has every character, else ``ucs2``.

    >>> encoding("Perché no? 5 €"), encoding("жду"), encoding("ç")
    ('gsm7', 'ucs2', 'ucs2')
    """
    known = all(char in BASIC or char in EXTENDED for char in text)
    return "gsm7" if known else "ucs2"


def units(text):
    """The places each character takes, none of which is ever split.

    >>> units("a€"), units("ж😀")
    ([1, 2], [1, 2])
    """
    if encoding(text) == "gsm7":
        return [2 if char in EXTENDED else 1 for char in text]
    return [len(char.encode("utf-16-be", "surrogatepass")) // 2 for char in text]


def segments(text):
    """The number of SMS a text takes.

    One SMS has 160 places (70 in UCS-2), a part of a longer one 153 (67). Neither an
    escape nor the half of an emoji is left alone at the end of a part.

    >>> segments("a" * 160), segments("a" * 161), segments("ж" * 71)
    (1, 2, 2)
    >>> segments("a" * 152 + "€" + "a" * 152), segments("a" * 152 + "€" + "a" * 151)
    (3, 2)
    >>> segments("")
    1
    """
    places = units(text)
    single, many = (160, 153) if encoding(text) == "gsm7" else (70, 67)
    if sum(places) <= single:
        return 1
    count, room = 1, many
    for size in places:
        if size > room:
            count, room = count + 1, many
        room -= size
    return count
