"""The SQL of rooms and devices: the first place that serves a free time."""

from .states import BLOCKING_SQL

_ALIVE = "(a.hold_expires_at IS NULL OR a.hold_expires_at > asked_now)"

#: Rooms of the location that the offer may use, when the session names none.
_ANY_ROOM = """
    SELECT r.id, r.sequence FROM clinic_room r
     WHERE run.room_id IS NULL AND r.location_id = run.location_id AND r.active
       AND (NOT EXISTS (SELECT FROM clinic_offer_clinic_room_rel rel
                         WHERE rel.clinic_offer_id = o.id)
            OR EXISTS (SELECT FROM clinic_offer_clinic_room_rel rel
                        WHERE rel.clinic_offer_id = o.id
                          AND rel.clinic_room_id = r.id))
"""

#: The session's own room; else any, or none and those where a needed device stands.
_ROOMS = f"""
    SELECT run.room_id AS id, 0 AS sequence WHERE run.room_id IS NOT NULL
     UNION ALL
    SELECT NULL, -1 WHERE run.room_id IS NULL AND NOT rooms_needed
     UNION ALL
    SELECT * FROM ({_ANY_ROOM}) possible
     WHERE rooms_needed OR possible.id IN (
           SELECT e.room_id FROM clinic_equipment e
            WHERE e.active AND e.category_id = ANY(categories_needed))
"""

#: A device ``e`` that stands in the room or can be brought, and is free.
_DEVICE_FREE = f"""
    e.active AND e.location_id = run.location_id
    AND (e.room_id IS NULL OR e.room_id = room.id)
    AND NOT EXISTS (
        SELECT FROM clinic_appointment_equipment_rel taken
          JOIN clinic_appointment a ON a.id = taken.appointment_id
         WHERE taken.equipment_id = e.id AND taken.blocking
           AND taken.busy && busy.span AND {_ALIVE})
"""

#: Visits in the room at that time. Written twice, with and without those that were
#: overbooked: each half has an index of its own.
_ROOM_TAKEN = f"""
    SELECT FROM clinic_appointment a
     WHERE a.room_id = room.id AND {{overbooked}}
       AND tsrange(start - buffer_before * interval '1 minute',
                   stop + buffer_after * interval '1 minute') && busy.span
       AND a.state IN {BLOCKING_SQL} AND {_ALIVE}
"""

#: The first room (or none, if none is needed) free for ``busy.span`` in the run
#: ``run`` of the offer ``o``. A room serves when it is free for visit and buffers and
#: each kind of equipment has a free device that stands in it or can be brought.
FREE_PLACE = f"""
    SELECT room.id AS room_id FROM ({_ROOMS}) room
     WHERE NOT EXISTS ({
    _ROOM_TAKEN.format(overbooked="NOT COALESCE(a.overbooked, FALSE)")
})
       AND NOT EXISTS ({_ROOM_TAKEN.format(overbooked="a.overbooked")})
       AND NOT EXISTS (
           SELECT FROM unnest(categories_needed) needed(id)
            WHERE NOT EXISTS (
                SELECT FROM clinic_equipment e
                 WHERE e.category_id = needed.id AND {_DEVICE_FREE}))
     ORDER BY room.sequence, room.id NULLS FIRST
     LIMIT 1
"""
