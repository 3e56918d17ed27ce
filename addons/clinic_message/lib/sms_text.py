"""How long a text is as an SMS: GSM 03.38 and UCS-2."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")


def segments(text):
    """The number of SMS a text takes.

    >>> segments("a" * 160), segments("a" * 161), segments("ж" * 71)
    (1, 2, 2)
    """
    if all(char in BASIC or char in EXTENDED for char in text):
        length = len(text) + sum(char in EXTENDED for char in text)
        one, many = 160, 153
    else:
        length = len(text.encode("utf-16-be")) // 2
        one, many = 70, 67
    return 1 if length <= one else -(-length // many)
