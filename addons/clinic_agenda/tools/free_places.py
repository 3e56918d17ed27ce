"""The SQL of rooms and devices: free times that need a place, each with the first one
that serves it."""

from odoo.tools import SQL

from ..lib.states import BLOCKING_SQL


def times_with_places(search, runs):
    """Free times one by one, each with its room, of the runs of an offer ``o``.

    A room serves when it is open and free for visit and buffers and each kind of
    equipment has a free device that stands in it or can be brought. No room serves as
    well, when none is needed.

    :param FreeTimesSearch search: what is asked for
    :param SQL runs: as ``free_times`` makes them
    """
    offer = search.offers[0]
    return SQL(
        """
        SELECT run.start, time.first, place.room_id, 0 AS further
          FROM (%(runs)s) run
         CROSS JOIN LATERAL (
               SELECT run.first + number * o.step AS first
                 FROM generate_series(0, run.further) number) time
         CROSS JOIN LATERAL (
               SELECT timestamp 'epoch' + time.first * interval '1 second' AS start
               ) moment
         CROSS JOIN LATERAL (
               SELECT tsrange(moment.start - %(before)s * interval '1 second',
                              moment.start
                              + (o.length + %(after)s) * interval '1 second') AS span
               ) busy
         CROSS JOIN LATERAL (
               SELECT room.id AS room_id FROM (%(rooms)s) room
                WHERE NOT EXISTS (%(taken)s AND NOT COALESCE(a.overbooked, FALSE))
                  AND NOT EXISTS (%(taken)s AND a.overbooked)
                  AND NOT EXISTS (SELECT FROM clinic_room r
                                   WHERE r.id = room.id AND r.closed && busy.span)
                  AND NOT EXISTS (
                      SELECT FROM unnest(%(categories)s::int[]) needed(id)
                       WHERE NOT EXISTS (
                           SELECT FROM clinic_equipment e
                            WHERE e.category_id = needed.id AND %(device_free)s))
                ORDER BY room.sequence, room.id NULLS FIRST
                LIMIT 1) place
        """,
        runs=runs,
        before=offer.before,
        after=offer.after,
        rooms=_rooms(offer),
        taken=_room_taken(search),
        categories=offer.categories,
        device_free=_device_free(search),
    )


def _rooms(offer):
    """The session's own room; else any, or none and those where a device stands."""
    own = SQL("SELECT run.room_id AS id, 0 AS sequence WHERE run.room_id IS NOT NULL")
    possible = SQL(
        """
        SELECT r.id, r.sequence FROM clinic_room r
         WHERE run.room_id IS NULL AND r.location_id = run.location_id AND r.active
           AND (NOT EXISTS (SELECT FROM clinic_offer_clinic_room_rel rel
                             WHERE rel.clinic_offer_id = o.id)
                OR EXISTS (SELECT FROM clinic_offer_clinic_room_rel rel
                            WHERE rel.clinic_offer_id = o.id
                              AND rel.clinic_room_id = r.id))
        """
    )
    if offer.room_required:
        return SQL("%s UNION ALL %s", own, possible)
    return SQL(
        "%s UNION ALL SELECT NULL, -1 WHERE run.room_id IS NULL"
        " UNION ALL SELECT * FROM (%s) fixed WHERE fixed.id IN"
        " (SELECT e.room_id FROM clinic_equipment e WHERE e.active"
        " AND e.category_id = ANY(%s::int[]))",
        own,
        possible,
        offer.categories,
    )


def _alive(search):
    return SQL("(a.hold_expires_at IS NULL OR a.hold_expires_at > %s)", search.now)


def _room_taken(search):
    """Visits in the room during ``busy.span``. The caller asks twice, with and without
    those that were overbooked: each half has an index of its own."""
    return SQL(
        """
        SELECT FROM clinic_appointment a
         WHERE a.room_id = room.id
           AND tsrange(start - buffer_before * interval '1 minute',
                       stop + buffer_after * interval '1 minute') && busy.span
           AND a.state IN %s AND %s
        """,
        SQL(BLOCKING_SQL),
        _alive(search),
    )


def _device_free(search):
    """A device ``e`` that stands in the room or can be brought, and is free."""
    return SQL(
        """
        e.active AND e.location_id = run.location_id
        AND (e.room_id IS NULL OR e.room_id = room.id) AND NOT e.closed && busy.span
        AND NOT EXISTS (
            SELECT FROM clinic_appointment_equipment_rel taken
              JOIN clinic_appointment a ON a.id = taken.appointment_id
             WHERE taken.equipment_id = e.id AND taken.blocking
               AND taken.busy && busy.span AND %s)
        """,
        _alive(search),
    )
