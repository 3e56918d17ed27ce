"""The switches of online booking, each written once.

The search of free times joins their conditions; the screen *Why is this bookable?*
shows them one by one. A condition is SQL over the aliases of ``_sql_offers``:
``o`` offer, ``t`` service, ``p`` practitioner, ``l`` location, ``sp`` specialty,
``pl`` price list.
"""

from typing import NamedTuple

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)


class OnlineRule(NamedTuple):
    """One switch: its name, its SQL, and what to say when it is off."""

    code: str
    condition: str
    passed: str
    failed: str


ONLINE_RULES = [
    OnlineRule(
        "location",
        "COALESCE(l.online_bookable, FALSE)",
        _lt("The location takes online bookings"),
        _lt("The location takes no online bookings"),
    ),
    OnlineRule(
        "pricelist",
        "COALESCE(pl.online_bookable, pl.id IS NULL)",
        _lt("The location's price list may be booked online"),
        _lt("The location's price list is kept away from online booking"),
    ),
    OnlineRule(
        "specialty",
        "COALESCE(sp.online_bookable, sp.id IS NULL)",
        _lt("The specialty may be booked online"),
        _lt("The specialty is kept away from online booking"),
    ),
    OnlineRule(
        "service",
        "COALESCE(t.online_bookable, FALSE)",
        _lt("The service may be booked online"),
        _lt("The service is kept away from online booking"),
    ),
    OnlineRule(
        "practitioner",
        "COALESCE(p.online_bookable, FALSE)",
        _lt("The practitioner takes online bookings"),
        _lt("The practitioner takes no online bookings"),
    ),
    OnlineRule(
        "offer",
        "COALESCE(o.online_bookable, FALSE)",
        _lt("The practitioner offers this service online here"),
        _lt("The practitioner does not offer this service online here"),
    ),
]
