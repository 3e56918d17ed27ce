"""The port between a message and who carries it: plain data, nothing of Odoo."""

import math
from typing import Any, NamedTuple

from .heard import clean

#: What an adapter may say of a try.
OUTCOMES = ("accepted", "sent", "refused", "retry", "ambiguous")
#: The longest number of a message that is kept; a longer one is none.
LONGEST_UID = 255


class Item(NamedTuple):
    """One message as an adapter needs it.

    :param str uuid: our key; a provider that dedupes is given it with each try
    :param str address: E.164 number, e-mail address, or what the channel uses
    :param str body: plain text, whole
    :param str html: the same for e-mail, or empty
    :param str lang: code such as ``it_IT``
    :param str template_name: name of the text approved at the provider (WhatsApp)
    :param tuple parameters: of that text, in order
    :param tuple attachments: ``(name, mimetype, bytes)``
    :param dict extra: what one channel alone needs
    """

    uuid: str
    address: str
    subject: str = ""
    body: str = ""
    html: str = ""
    lang: str = ""
    template_name: str = ""
    template_lang: str = ""
    parameters: tuple = ()
    attachments: tuple = ()
    extra: dict = {}


class Outcome(NamedTuple):
    """What became of one try.

    :param str state: ``accepted`` (the provider has it), ``sent`` (it went on),
        ``refused`` (will never be taken), ``retry`` (nothing was taken: safe to try
        again), ``ambiguous`` (the reply was lost: it may have been taken)
    :param str uid: the provider's own number of the message
    :param str failure: short code, for statistics and rules
    :param str error: words for the staff; never the text of the message
    :param float retry_after: seconds the provider asks to wait
    :param float price: in the company's currency
    :param int segments: parts of a long SMS
    """

    state: str
    uid: str | None = None
    failure: str | None = None
    error: str | None = None
    retry_after: float | None = None
    price: float | None = None
    segments: int | None = None
    detail: Any = None


def usable(outcome):
    """The outcome without what a database does not take, or what is none.

    A provider's answer is anybody's text: an odd number of a message, price or count is
    dropped, and ``detail`` says so; that a message was taken stays true.

    >>> usable(Outcome("accepted", uid="a\\0b", price=float("nan"), segments="2"))[:2]
    ('accepted', None)
    >>> usable(Outcome("accepted", uid=17)).uid, usable(Outcome("gone")).state
    ('17', 'ambiguous')
    >>> usable(None).state
    'ambiguous'
    """
    if not isinstance(outcome, Outcome) or outcome.state not in OUTCOMES:
        return Outcome("ambiguous", failure="answer", error="the answer is odd")
    uid, detail = outcome.uid, outcome.detail
    if isinstance(uid, int) and not isinstance(uid, bool):
        uid = str(uid)
    good = isinstance(uid, str) and uid == clean(uid) and 0 < len(uid) <= LONGEST_UID
    if not good:
        detail = detail if uid in (None, "") else "odd number"
        uid = None
    return outcome._replace(
        uid=uid,
        detail=detail,
        failure=_words(outcome.failure, 64),
        error=_words(outcome.error, 300),
        retry_after=_figure(outcome.retry_after, 24 * 3600),
        price=_figure(outcome.price, 1e6),
        segments=int(_figure(outcome.segments, 1000) or 0) or None,
    )


def _words(value, longest):
    return clean(str(value))[:longest] if value not in (None, "") else None


def _figure(value, most):
    """A number between nothing and the most that makes sense, or ``None``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) and 0 <= value <= most else None
