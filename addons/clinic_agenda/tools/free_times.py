"""The SQL that finds free times, from the offers ``clinic.slot`` has chosen.

It gives *runs*: the first of some free times that follow each other at the offer's
step, and how many follow. A month is read as fewer rows, and without a row for each
grid point.
"""

from datetime import datetime
from typing import NamedTuple

from odoo.tools import SQL

from ..lib.states import BLOCKING_SQL
from . import free_places

#: Whether a visit takes its practitioner. ``IS TRUE`` makes it one thing to the
#: planner, which otherwise compares the eight states with those of each index:
#: planning took twice as long.
TAKING = f"(state IN {BLOCKING_SQL}) IS TRUE"

#: A visit is *far-reaching* when it keeps its practitioner busy for more than an hour
#: from its start, or from more than a quarter of an hour before it. They are few; with
#: this as a column of the index, a session looks only this far around itself for all
#: the others. (A number, because the planner takes NOT (a OR b) apart and then no
#: longer recognises the index.)
FAR_REACHING = (
    "(CASE WHEN stop - start + buffer_after * interval '1 minute' > interval '1 hour'"
    " OR buffer_before > 15 THEN 1 ELSE 0 END)"
)

#: Visit and buffers. Most visits have none; adding nothing costs more than asking.
BUSY = """
    CASE WHEN a.buffer_before = 0 AND a.buffer_after = 0 THEN tsrange(a.start, a.stop)
         ELSE tsrange(a.start - a.buffer_before * interval '1 minute',
                      a.stop + a.buffer_after * interval '1 minute') END
"""


class SlotOffer(NamedTuple):
    """An offer as the search needs it; lengths in seconds."""

    id: int
    practitioner_id: int
    location_id: int
    length: int
    step: int
    before: int
    after: int
    opens: datetime
    closes: datetime
    room_required: bool
    categories: list

    @property
    def with_places(self):
        """Whether each time needs a room or devices of its own."""
        return bool(self.room_required or self.categories)


class FreeTimesSearch(NamedTuple):
    """What is asked for: offers of one service, at least one."""

    service_id: int
    offers: list
    regime: str | None
    online: bool
    now: datetime


def statement(search, by_day=False, first_of_each=False, limit=None):
    """The whole statement.

    :param FreeTimesSearch search: what is asked for
    :param bool by_day: stop at the first day that fills the ``limit``
    :param bool first_of_each: only the first time of each offer
    :returns: SQL with rows ``(offer id, seconds since 1970 of the first time, how many
        follow at the offer's step, room id)``
    """
    rows = SQL(
        "SELECT o.id, free.first::bigint, free.further, free.room_id, free.first"
        " AS start, o.practitioner_id, o.location_id FROM o CROSS JOIN LATERAL (%s)"
        " free",
        _times(search, first_of_each, by_day),
    )
    order = SQL("ORDER BY start, practitioner_id, location_id")
    if by_day:
        rows = SQL(
            "SELECT free.*, day FROM (SELECT day FROM generate_series("
            "(SELECT min(opens) FROM o), (SELECT max(closes) FROM o), interval '1 day')"
            " day ORDER BY day) days CROSS JOIN LATERAL (%s %s LIMIT %s) free",
            rows,
            order,
            limit,
        )
        # Only a nested loop can serve a LATERAL: the times of a day come in order.
        # Naming it here again would read one day more to know that a day is over.
        order = SQL("ORDER BY day LIMIT %s", limit)
    return SQL(
        "WITH o AS MATERIALIZED (%s) SELECT id, first, further, room_id FROM (%s) found"
        " %s",
        _offers(search),
        rows,
        order,
    )


def service_allowed(service):
    """Whether a session ``s`` takes a service (SQL expression for its id)."""
    return SQL(
        """
        (NOT s.service_restricted
         OR EXISTS (SELECT FROM clinic_schedule_block_service_rel rel
                     WHERE rel.block_id = s.block_id AND rel.service_id = %(service)s)
         OR EXISTS (SELECT FROM clinic_schedule_exception_service_rel rel
                     WHERE rel.exception_id = s.exception_id
                       AND rel.service_id = %(service)s))
        """,
        service=service,
    )


def _offers(search):
    """The offers asked for, lengths in seconds."""
    return SQL(
        """
        SELECT asked.*,
               EXISTS (SELECT FROM clinic_appointment a
                        WHERE a.practitioner_id = asked.practitioner_id
                          AND %(far_reaching)s = 1 AND %(taking)s
                          AND a.start > asked.opens - interval '42 hours'
                          AND a.start < asked.closes + interval '30 hours')
               AS has_far_reaching
          FROM unnest(%(ids)s, %(practitioners)s, %(locations)s, %(lengths)s::float8[],
                      %(steps)s::float8[], %(opens)s, %(closes)s)
               asked(id, practitioner_id, location_id, length, step, opens, closes)
        """,
        far_reaching=SQL(FAR_REACHING),
        taking=_taking(search),
        ids=[offer.id for offer in search.offers],
        practitioners=[offer.practitioner_id for offer in search.offers],
        locations=[offer.location_id for offer in search.offers],
        lengths=[offer.length for offer in search.offers],
        steps=[offer.step for offer in search.offers],
        opens=[offer.opens for offer in search.offers],
        closes=[offer.closes for offer in search.offers],
    )


def _times(search, first_of_each, by_day):
    """Runs of an offer ``o``, or single times with their places."""
    earliest, latest = SQL("o.opens"), SQL("o.closes")
    if by_day:
        earliest = SQL("GREATEST(o.opens, day)")
        latest = SQL("LEAST(o.closes, day + interval '1 day')")
    times = _runs(search, earliest, latest, first_of_each)
    if search.offers[0].with_places:
        times = free_places.times_with_places(search, times)
    if first_of_each:
        times = SQL("%s ORDER BY run.start, first LIMIT 1", times)
    return times


def _runs(search, earliest, latest, in_order):
    """The runs of free times of an offer ``o``, in seconds since 1970.

    The grid begins where the first visit of the session can begin. ``OFFSET 0`` keeps
    the planner from writing the same sums into several places.
    """
    offer = search.offers[0]
    return SQL(
        """
        SELECT run.start, run.room_id, run.location_id, run.first,
               FLOOR((run.last - run.first) / o.step)::int AS further
          FROM (SELECT gaps.*,
                       grid + o.step * CEIL(GREATEST(
                           date_part('epoch', lower(gap)) + %(before)s - grid,
                           date_part('epoch', %(earliest)s) - grid) / o.step) AS first,
                       LEAST(date_part('epoch', upper(gap)) - o.length - %(after)s,
                             date_part('epoch', %(latest)s) - 0.000001) AS last
                  FROM (%(gaps)s %(order)s) gaps
                 %(order)s OFFSET 0) run
         WHERE run.last >= run.first
        """,
        before=offer.before,
        after=offer.after,
        earliest=earliest,
        latest=latest,
        gaps=_gaps(search, earliest, latest),
        order=SQL("ORDER BY start" if in_order else ""),
    )


def _gaps(search, earliest, latest):
    """The gaps in the sessions of an offer ``o``.

    A session lies within one local day, which has 25 hours at most.
    """
    conditions = [service_allowed(SQL("%s", search.service_id))]
    if search.regime:
        conditions.append(SQL("s.regime IN ('any', %s)", search.regime))
    if search.online:
        conditions.append(_online_share(search))
    return SQL(
        """
        SELECT s.start, s.room_id, s.location_id,
               date_part('epoch', s.start) + %(before)s AS grid,
               unnest(tsmultirange(tsrange(s.start, s.stop))
                      - COALESCE((SELECT range_agg(span) FROM (%(taken)s) taken),
                                 '{}'::tsmultirange)) AS gap
          FROM clinic_session s
         WHERE s.practitioner_id = o.practitioner_id
           AND s.location_id = o.location_id
           AND s.start > %(earliest)s - interval '26 hours' AND s.start < %(latest)s
           AND s.stop > %(earliest)s AND %(conditions)s
        """,
        before=search.offers[0].before,
        taken=_taken(search),
        earliest=earliest,
        latest=latest,
        conditions=SQL(" AND ").join(conditions),
    )


def _taken(search):
    """When practitioner or the session's own room are taken in session ``s``, and when
    that room is closed."""
    near = SQL(
        "%s = 0 AND a.start > s.start - interval '1 hour'"
        " AND a.start < s.stop + interval '15 minutes'",
        SQL(FAR_REACHING),
    )
    far = SQL(
        "%s = 1 AND a.start > s.start - interval '16 hours'"
        " AND a.start < s.stop + interval '4 hours'",
        SQL(FAR_REACHING),
    )
    practitioner = SQL("a.practitioner_id = s.practitioner_id")
    room = SQL("a.room_id = s.room_id")
    reads = [
        SQL(
            "SELECT %s AS span FROM clinic_appointment a WHERE %s AND %s AND %s",
            SQL(BUSY),
            who,
            reach,
            _taking(search),
        )
        for who, reach in (
            (practitioner, near),
            (SQL("o.has_far_reaching AND %s", practitioner), far),
            (room, near),
            (room, far),
        )
    ]
    closed = SQL("SELECT unnest(r.closed) FROM clinic_room r WHERE r.id = s.room_id")
    return SQL(" UNION ALL ").join([*reads, closed])


def _taking(search):
    """Visits ``a`` that take their practitioner, and holds that have not ended."""
    return SQL(
        "%s AND (a.hold_expires_at IS NULL OR a.hold_expires_at > %s)",
        SQL(TAKING),
        search.now,
    )


def _online_share(search):
    """Whether the share of session ``s`` for the website still takes this visit."""
    return SQL(
        """
        (s.online_share = 100 OR o.length / 60 + (
            SELECT COALESCE(SUM(EXTRACT(EPOCH FROM a.stop - a.start)), 0) / 60
              FROM clinic_appointment a
             WHERE a.practitioner_id = s.practitioner_id
               AND a.start >= s.start AND a.start < s.stop
               AND a.channel IN ('website', 'portal') AND %s
         ) <= EXTRACT(EPOCH FROM s.stop - s.start) / 60 * s.online_share / 100)
        """,
        _taking(search),
    )
