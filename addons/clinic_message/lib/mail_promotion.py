"""The line "Powered by Odoo" that Odoo's templates add to mails.

The link is the same in all languages and templates, the words before it are not.
"""

import re

#: What such a link has in it, and nothing else has.
PROMOTED = "www.odoo.com?utm_source=db"
LINE = re.compile(
    r"[^<>]*<a\b[^>]*\bhref=[\"']https?://www\.odoo\.com/?\?utm_source=db"
    r"[^>]*>.*?</a>",
    re.DOTALL | re.IGNORECASE,
)


def without_promotion(body):
    """A mail's HTML without those links and the words before them.

    :param str body: HTML
    """
    return LINE.sub("", str(body))
