"""Reads what other programs send: whatever is odd is refused with words.

A screen sends what it got from us; a program sends what somebody wrote. Each function
returns the value in Python, or raises a ``ValidationError`` that names the value.
"""

from odoo import fields
from odoo.exceptions import ValidationError

#: Ids in PostgreSQL.
LARGEST = 2**31 - 1


def number(env, name, value):
    """An id of a record.

    :param str name: as the caller knows the value
    :param value: int, or digits
    """
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value, is_number = int(value[:11]), True
    if not is_number or not 0 <= value <= LARGEST:
        raise ValidationError(
            env._("“%(name)s” must be the number of a record.", name=name)
        )
    return value


def numbers(env, name, values):
    """A list of ids, or ``None`` where none was given.

    :param list values: as for :func:`number`; one alone is a list of one
    """
    if values is None:
        return None
    if not isinstance(values, list | tuple):
        values = [values]
    return [number(env, name, value) for value in values]


def moment(env, name, value):
    """A moment, in UTC without a zone.

    :param value: datetime, or text as ``2026-12-31 09:00:00``
    """
    try:
        found = fields.Datetime.to_datetime(value)
    except (TypeError, ValueError):
        found = None
    if not found or found.tzinfo:
        raise ValidationError(
            env._(
                "“%(name)s” must be a time in UTC, written as 2026-12-31 09:00:00.",
                name=name,
            )
        )
    return found


def choice(env, name, value, options):
    """One of some words.

    :param list options: the words that may be said
    """
    if value not in options:
        raise ValidationError(
            env._(
                "“%(name)s” must be one of these: %(options)s.",
                name=name,
                options=", ".join(options),
            )
        )
    return value
