"""Domains written by users: read as plain data, never run as code."""

import ast

from odoo.exceptions import ValidationError
from odoo.fields import Domain


def read_domain(record, text):
    """Return the domain that a text stands for; an empty list when it is empty.

    :raises ValidationError: it is no domain of plain values
    """
    try:
        found = ast.literal_eval((text or "[]").strip() or "[]")
        Domain(found)
    except (
        ValueError,
        SyntaxError,
        TypeError,
        MemoryError,
        RecursionError,
    ) as error:
        raise ValidationError(
            record.env._(
                "The condition cannot be read: choose fields and plain values. For a "
                "day that moves write for example today -30d."
            )
        ) from error
    return list(found)


def check_domain(record, text, owner=None):
    """Refuse a condition that cannot be worked out, or asks for too much.

    :raises AccessError: it asks for what who writes it may not ask
    :raises ValidationError: a field is unknown
    """
    domain = read_domain(record, text)
    if not domain:
        return
    for user in {record.env.user, owner or record.env.user}:
        Partner = record.env["res.partner"].with_user(user)
        Partner.env["clinic.health.fields"]._check_may_ask(Partner, domain)
        try:
            Partner._search(Domain(domain) & Domain("id", "=", 0))
        except (ValueError, TypeError, KeyError) as error:
            raise ValidationError(
                record.env._("The condition asks for a field that is not there.")
            ) from error
