"""Texts as they may be shown: links without the secret that opens them."""

import re

LINK = re.compile(r"(https?://[^\s/?#]+)([^\s<>\"']*)", re.IGNORECASE)
#: A piece of a path long enough to be a secret; a readable name has no figures in it.
PIECE = re.compile(r"(?<=/)(?=[^/?#]*[0-9A-Z_=~])[^/?#]{12,}|(?<==)[^&#]{8,}")


def harmless(text):
    """The text with the site alone in place of a link that opens something by itself.

    >>> harmless("Change it: https://c.example/clinic/visit/12/Ab3dEf6hIj9kLm2n")
    'Change it: https://c.example'
    """
    return LINK.sub(
        lambda found: found[1] if PIECE.search(found[2]) else found[0], text or ""
    )


def secrets_in(text):
    """The secrets that stand in the links of a text.

    >>> secrets_in("https://c.example/clinic/visit/12/Ab3dEf6hIj9kLm2n/")
    ['Ab3dEf6hIj9kLm2n']
    """
    links = LINK.findall(text or "")
    return [piece for _site, path in links for piece in PIECE.findall(path)]


def masked(text):
    """The text with dots in place of what nobody but its receiver may know.

    >>> masked("See https://c.example/clinic/visit/12/Ab3dEf6hIj9kLm2n?x=1 soon")
    'See https://c.example/clinic/visit/12/…?x=1 soon'
    >>> masked("https://c.example/how-to-prepare-for-it https://c.example/a?k=0123456789")
    'https://c.example/how-to-prepare-for-it https://c.example/a?k=…'
    >>> masked(None)
    ''
    """
    return LINK.sub(
        lambda found: found[1] + PIECE.sub("…", found[2]),
        text or "",
    )
