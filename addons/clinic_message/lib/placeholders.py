"""Texts with names in braces: ``Dear {first_name}``.

No expression is ever evaluated: a text may hold names and nothing else, so that
whoever writes texts needs no trust and can break nothing.
"""

import re

#: A name in single braces; double braces stand for a brace.
NAME = re.compile(r"\{\{|\}\}|\{([^{}\n]{1,60})\}")


def names(text):
    """The names a text uses, in order, each once.

    >>> names("Dear {first_name}, see {link} {{here}}")
    ['first_name', 'link']
    """
    found = (match.group(1) for match in NAME.finditer(text or "") if match.group(1))
    return list(dict.fromkeys(name.strip() for name in found))


def fill(text, values):
    """The text with its names replaced; a name without a value becomes nothing.

    >>> fill("Dear {first_name}, {{sic}}", {"first_name": "Anna"})
    'Dear Anna, {sic}'
    """

    def put(match):
        if match.group(1) is None:
            return match.group(0)[0]
        value = values.get(match.group(1).strip())
        return "" if value is None or value is False else str(value)

    return NAME.sub(put, text or "")
