"""The SQL of the free times: a function of the database, ``clinic_free_times``.

It is a function because PostgreSQL keeps the plan of its statements as long as a
connection lives. Planning them costs more than looking for one page of free times,
and Odoo keeps its connections.

It takes the offers that ``clinic.slot`` has chosen and gives *runs*: the first of
some free times that follow each other at the offer's step, and how many follow. Most
of a month is read as half as many rows, and without a row for each grid point.
"""

from .free_places import FREE_PLACE
from .states import BLOCKING_SQL

#: A visit is *far-reaching* when it keeps its practitioner busy for more than an hour
#: from its start, or from more than a quarter of an hour before it. They are few; with
#: this as a column of the index, a session looks only this far around itself for all
#: the others. (A number, because the planner takes NOT (a OR b) apart and then no
#: longer recognises the index.)
FAR_REACHING = (
    "(CASE WHEN stop - start + buffer_after * interval '1 minute' > interval '1 hour'"
    " OR buffer_before > 15 THEN 1 ELSE 0 END)"
)

#: Whether a session ``s`` takes the service ``{service}`` (an SQL expression).
SERVICE_ALLOWED = """
    (NOT s.service_restricted
     OR EXISTS (SELECT FROM clinic_schedule_block_service_rel rel
                 WHERE rel.block_id = s.block_id AND rel.service_id = {service})
     OR EXISTS (SELECT FROM clinic_schedule_exception_service_rel rel
                 WHERE rel.exception_id = s.exception_id
                   AND rel.service_id = {service}))
"""

#: Visits ``a`` that take their practitioner, and holds that have not ended.
_TAKES = (
    f"a.state IN {BLOCKING_SQL}"
    " AND (a.hold_expires_at IS NULL OR a.hold_expires_at > asked_now)"
)

#: Visit and buffers. Most visits have none; adding nothing costs more than asking.
_BUSY = """
    CASE WHEN a.buffer_before = 0 AND a.buffer_after = 0 THEN tsrange(a.start, a.stop)
         ELSE tsrange(a.start - a.buffer_before * interval '1 minute',
                      a.stop + a.buffer_after * interval '1 minute') END
"""


def _taken_near(who):
    """Visits of ``who`` around the session ``s``: all but the far-reaching ones."""
    return f"""
        SELECT {_BUSY} AS span FROM clinic_appointment a
         WHERE {who} AND {FAR_REACHING} = 0
           AND a.start > s.start - interval '1 hour'
           AND a.start < s.stop + interval '15 minutes' AND {_TAKES}
    """


def _taken_far(who):
    """The far-reaching visits of ``who`` that may keep the session ``s`` busy."""
    return f"""
        SELECT {_BUSY} AS span FROM clinic_appointment a
         WHERE {who} AND {FAR_REACHING} = 1
           AND a.start > s.start - interval '16 hours'
           AND a.start < s.stop + interval '4 hours' AND {_TAKES}
    """


_PRACTITIONER = "a.practitioner_id = s.practitioner_id"
_ROOM = "a.room_id = s.room_id"

#: When practitioner or the session's own room are taken in session ``s``.
_TAKEN = " UNION ALL ".join(
    (
        _taken_near(_PRACTITIONER),
        _taken_far(f"o.has_far_reaching AND {_PRACTITIONER}"),
        _taken_near(_ROOM),
        _taken_far(_ROOM),
    )
)

#: Whether the share of session ``s`` for the website still takes this visit.
_ONLINE_SHARE = f"""
    (s.online_share = 100 OR o.length / 60 + (
        SELECT COALESCE(SUM(EXTRACT(EPOCH FROM a.stop - a.start)), 0) / 60
          FROM clinic_appointment a
         WHERE a.practitioner_id = s.practitioner_id
           AND a.start >= s.start AND a.start < s.stop
           AND a.channel IN ('website', 'portal') AND {_TAKES}
     ) <= EXTRACT(EPOCH FROM s.stop - s.start) / 60 * s.online_share / 100)
"""

#: The offers asked for, with lengths in seconds and the window that is looked at.
_OFFERS = f"""
    SELECT window_of.*,
           date_part('epoch', earliest) AS earliest_second,
           date_part('epoch', latest) - 0.000001 AS latest_second,
           EXISTS (SELECT FROM clinic_appointment a
                    WHERE a.practitioner_id = window_of.practitioner_id
                      AND {FAR_REACHING} = 1 AND {_TAKES}
                      AND a.start > earliest - interval '42 hours'
                      AND a.start < latest + interval '30 hours') AS has_far_reaching
      FROM (SELECT asked.*, GREATEST(asked.opens, since) AS earliest,
                   LEAST(asked.closes, until) AS latest
              FROM unnest(asked_offers, asked_practitioners, asked_locations,
                          asked_lengths, asked_steps, asked_opens, asked_closes)
                   asked(id, practitioner_id, location_id, length, step, opens, closes)
           ) window_of
    OFFSET 0
"""


def _gaps(order=""):
    """The gaps of the sessions of an offer ``o``.

    A session lies within one local day, which has 25 hours at most.
    """
    return f"""
        SELECT s.start, s.room_id, s.location_id,
               date_part('epoch', s.start) + asked_before AS grid, unnest(
               tsmultirange(tsrange(s.start, s.stop))
               - COALESCE((SELECT range_agg(span) FROM ({_TAKEN}) taken),
                          '{{}}')) AS gap
          FROM clinic_session s
         WHERE s.practitioner_id = o.practitioner_id
           AND s.location_id = o.location_id
           AND s.start > o.earliest - interval '26 hours' AND s.start < o.latest
           AND s.stop > o.earliest
           AND (asked_regime IS NULL OR s.regime IN ('any', asked_regime))
           AND (NOT asked_online OR {_ONLINE_SHARE})
           AND {SERVICE_ALLOWED.format(service="asked_service")}
         {order}
    """


def _runs(order=""):
    """The runs of free times of an offer ``o``, in seconds since 1970.

    The grid begins where the first visit of the session can begin. ``OFFSET 0`` keeps
    the planner from writing the same sums into several places.
    """
    return f"""
        SELECT run.start, run.room_id, run.location_id, run.first,
               FLOOR((run.last - run.first) / o.step)::int AS further
          FROM (SELECT gaps.*,
                       grid + o.step * CEIL(GREATEST(
                           date_part('epoch', lower(gap)) + asked_before - grid,
                           o.earliest_second - grid) / o.step) AS first,
                       LEAST(date_part('epoch', upper(gap)) - o.length - asked_after,
                             o.latest_second) AS last
                  FROM ({_gaps(order)}) gaps
                {order} OFFSET 0) run
         WHERE run.last >= run.first
    """


#: The same time by time, each with the first place that serves it.
_TIMES_AND_PLACES = f"""
    SELECT run.start, time.first, place.room_id, 0 AS further
      FROM ({{runs}}) run
     CROSS JOIN LATERAL (
           SELECT run.first + number * o.step AS first
             FROM generate_series(0, run.further) number) time
     CROSS JOIN LATERAL (
           SELECT tsrange(from_epoch.start - asked_before * interval '1 second',
                          from_epoch.start
                          + (o.length + asked_after) * interval '1 second') AS span
             FROM (SELECT timestamp 'epoch' + time.first * interval '1 second' AS start)
                  from_epoch) busy
     CROSS JOIN LATERAL ({FREE_PLACE}) place
"""


def _answer(with_places, first_of_each):
    """One of the four statements of the function."""
    runs = _runs("ORDER BY start" if first_of_each else "")
    if with_places:
        runs = _TIMES_AND_PLACES.format(runs=runs)
    if first_of_each:
        runs = f"{runs} ORDER BY run.start, first LIMIT 1"
    return f"""
        RETURN QUERY
        SELECT o.id, free.first::bigint, free.further, free.room_id
          FROM ({_OFFERS}) o CROSS JOIN LATERAL ({runs}) free
         ORDER BY free.first, o.practitioner_id, o.location_id LIMIT asked_limit;
    """


#: With a limit, the days are looked at in growing portions until enough is found.
FUNCTION = f"""
    CREATE OR REPLACE FUNCTION clinic_free_times(
        asked_service int, asked_offers int[], asked_practitioners int[],
        asked_locations int[], asked_lengths float8[], asked_steps float8[],
        asked_opens timestamp[], asked_closes timestamp[],
        asked_before int, asked_after int, asked_regime text, asked_online boolean,
        with_places boolean, rooms_needed boolean, categories_needed int[],
        asked_now timestamp, first_of_each boolean, asked_limit int)
    RETURNS TABLE (
        answer_offer int, answer_first bigint, answer_further int, answer_room int)
    LANGUAGE plpgsql STABLE
    SET jit = off SET enable_memoize = off SET plan_cache_mode = force_generic_plan
    AS $$
    DECLARE
        since timestamp := (SELECT min(opens) FROM unnest(asked_opens) opens);
        finish timestamp := (SELECT max(closes) FROM unnest(asked_closes) closes);
        portion interval := interval '1 day';
        until timestamp := finish;
        rows_now int;
        rows_found int := 0;
    BEGIN
        LOOP
            IF asked_limit IS NOT NULL THEN
                until := LEAST(since + portion, finish);
                portion := portion * 2;
            END IF;
            IF with_places AND first_of_each THEN {_answer(True, True)}
            ELSIF with_places THEN {_answer(True, False)}
            ELSIF first_of_each THEN {_answer(False, True)}
            ELSE {_answer(False, False)}
            END IF;
            GET DIAGNOSTICS rows_now = ROW_COUNT;
            rows_found := rows_found + rows_now;
            EXIT WHEN until >= finish OR rows_found >= asked_limit;
            since := until;
        END LOOP;
    END $$;
"""
