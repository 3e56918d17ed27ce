"""What comes from outside and cannot be what it should be. Plain Python, no Odoo.

PostgreSQL stores no NUL, UTF-8 has no lone surrogate, and a JSON parser gives up on
thousands of brackets: each would end as a fault of the server where the answer is that
the question makes no sense.
"""

import re

#: Deeper than anything that a page sends.
DEEPEST = 100
#: A part of an address that leads up, as it stands when it is decoded.
UP = re.compile(r"(^|/)\.\.?(/|$)")
OPENING = b"[{"


def is_clean(text):
    """Whether a text can be stored and sent."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_text(value, depth=0):
    """Whether all texts in a value are clean, those in lists and dicts included.

    :param value: as a form or JSON gave it
    """
    if isinstance(value, str):
        return is_clean(value)
    if depth > DEEPEST:
        return False
    if isinstance(value, dict):
        return all(
            is_text(name, depth + 1) and is_text(each, depth + 1)
            for name, each in value.items()
        )
    if isinstance(value, list | tuple):
        return all(is_text(each, depth + 1) for each in value)
    return True


def is_odd_path(path):
    """Whether an address leads up in folders, or holds what is no text."""
    return bool(UP.search(path)) or not is_clean(path)


def is_too_deep(body):
    """Whether JSON is nested deeper than anything a page sends.

    Brackets in texts are counted, too: no page sends that many of them either.

    :param bytes body: as it came
    """
    depth = 0
    for sign in re.findall(rb"[\[\]{}]", body):
        depth += 1 if sign in OPENING else -1
        if depth > DEEPEST:
            return True
    return False
