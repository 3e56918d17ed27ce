"""The port between a message and who carries it: plain data, nothing of Odoo."""

from typing import Any, NamedTuple


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
