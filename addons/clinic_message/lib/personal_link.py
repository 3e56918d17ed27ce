"""Links that open something by themselves: sent to their reader, kept nowhere.

In a text that is stored a name stands in place of such a link: ``{{link:visit_link}}``.
The sender fills it in, with what is true at that moment; people see words.
"""

import re

from .masked import LINK, PIECE

PLACE = re.compile(r"\{\{link:([a-z][a-z_]{0,39})\}\}")
#: A bearer link of this suite, whoever wrote it where.
BEARER = re.compile(r"/clinic/(?:[\w-]+/)+[\w=-]{20,}")


def place_of(name):
    """What stands in a stored text for the link of this name.

    >>> place_of("visit_link")
    '{{link:visit_link}}'
    """
    return f"{{{{link:{name}}}}}"


def personal(values):
    """Those of the values of names that are links with a secret in them.

    >>> personal({"a": "https://c.example/clinic/visit/1/Ab3dEf6hIj9kLm2n",
    ...           "b": "https://c.example/clinic/book", "c": "Anna", "d": None})
    {'a': 'https://c.example/clinic/visit/1/Ab3dEf6hIj9kLm2n'}
    """
    found = {}
    for name, value in values.items():
        link = LINK.fullmatch(value) if isinstance(value, str) else None
        if link and PIECE.search(link[2]):
            found[name] = value
    return found


def conceal(text, links):
    """The text as it may be stored: names in place of these links, nothing of others.

    >>> conceal("See https://c.example/clinic/visit/1/Ab3dEf6hIj9kLm2n now",
    ...         {"visit_link": "https://c.example/clinic/visit/1/Ab3dEf6hIj9kLm2n"})
    'See {{link:visit_link}} now'
    >>> conceal("https://c.example/clinic/wait/Ab3dEf6hIj9kLm2nOpQr/accept", {})
    'https://c.example/clinic/wait/…/accept'
    """
    for name in sorted(links, key=lambda each: -len(links[each])):
        text = text.replace(links[name], place_of(name))
    return BEARER.sub(
        lambda found: found[0].rpartition("/")[0] + "/…",
        text,
    )


def complete(text, links):
    """The text as it is sent: the links in their places; one that ended is left out.

    >>> complete("See {{link:a}}{{link:b}}", {"a": "https://c.example/x"})
    'See https://c.example/x'
    """
    return PLACE.sub(lambda found: links.get(found[1]) or "", text or "")


def shown(text, words):
    """The text as people see it.

    >>> shown("See {{link:visit_link}}", "personal link")
    'See [personal link]'
    """
    return PLACE.sub(f"[{words}]", text or "")
