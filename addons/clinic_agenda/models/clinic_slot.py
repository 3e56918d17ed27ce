from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..lib.states import BLOCKING_SQL
from .clinic_appointment import BUSY_SQL
from .online_rule import ONLINE_RULES

#: A visit is *far-reaching* when it keeps its practitioner busy for more than an hour
#: from its start, or from more than a quarter of an hour before it. They are few; with
#: this as a column of the index, a session looks only this far around itself for all
#: the others. (A number, because the planner takes NOT (a OR b) apart and then no
#: longer recognises the index.)
FAR_REACHING_SQL = (
    "(CASE WHEN stop - start + buffer_after * interval '1 minute' > interval '1 hour'"
    " OR buffer_before > 15 THEN 1 ELSE 0 END)"
)


class ClinicAppointment(models.Model):
    """Indexes that the search of free times reads, without touching the table."""

    _inherit = "clinic.appointment"

    _practitioner_taken = models.Index(
        f"(practitioner_id, ({FAR_REACHING_SQL}), start)"
        " INCLUDE (stop, buffer_before, buffer_after, hold_expires_at)"
        f" WHERE state IN {BLOCKING_SQL}"
    )
    _room_taken = models.Index(
        f"(room_id, ({FAR_REACHING_SQL}), start)"
        " INCLUDE (stop, buffer_before, buffer_after, hold_expires_at)"
        f" WHERE room_id IS NOT NULL AND state IN {BLOCKING_SQL}"
    )
    _room_overbooked = models.Index("(room_id, start) WHERE overbooked")


class ClinicSlot(models.AbstractModel):
    """Free times, found by PostgreSQL in one statement.

    A free time is a start on the grid of a session such that the visit *and its
    buffers* lie in the session and practitioner, room and every device needed are
    free. The grid begins where the first visit of the session can begin and has the
    step of the service (as long as the visit lasts, if the service gives none).
    FHIR R4 ``Slot`` with status ``free``.
    """

    _name = "clinic.slot"
    _description = "Free times"

    @api.model
    def search_slots(
        self,
        service_id,
        date_from,
        date_to,
        practitioner_ids=None,
        location_ids=None,
        regime=None,
        limit=None,
        online=False,
    ):
        """Free times of a service between two instants.

        The number of queries depends neither on the number of practitioners nor on
        the number of days.

        :param int service_id: ``product.template`` that is a healthcare service
        :param datetime date_from: naive UTC; starts before it, or past, are left out
        :param datetime date_to: naive UTC; starts at or after it are left out
        :param list practitioner_ids: only these ``clinic.practitioner``; else all
        :param list location_ids: only these ``clinic.location``; else all
        :param str regime: ``public`` or ``private``; any if ``None``
        :param int limit: at most so many, the earliest ones
        :param bool online: honour the online rules, shares, notice and horizon
        :returns: list of dicts ``{start, stop, practitioner_id, location_id, room_id,
            offer_id, price}`` sorted by start, practitioner and location; datetimes
            naive UTC, price in the company's currency
        :raises ValidationError: the period is reversed or longer than two years
        """
        date_from, date_to = self._check_period(date_from, date_to)
        online = online or self._only_online()
        query = self._sql_slots(
            service_id,
            date_from,
            date_to,
            practitioner_ids,
            location_ids,
            regime,
            online,
        )
        if limit:
            query = self._sql_day_by_day(query, date_from, date_to, int(limit))
        else:
            query = SQL("%s ORDER BY 1, 3, 4", query())
        return self._read_slots(query, online)

    @api.model
    def first_slots(
        self,
        service_id,
        date_from,
        date_to,
        practitioner_ids=None,
        location_ids=None,
        regime=None,
        online=False,
    ):
        """The first free time of each offer: one row per practitioner and location.

        Arguments and errors as in :meth:`search_slots`.

        :returns: list of the same dicts, sorted by start
        """
        date_from, date_to = self._check_period(date_from, date_to)
        online = online or self._only_online()
        query = self._sql_slots(
            service_id,
            date_from,
            date_to,
            practitioner_ids,
            location_ids,
            regime,
            online,
        )
        return self._read_slots(query(per_offer=True), online)

    @api.model
    def _only_online(self):
        """Whoever is not staff sees what the website offers, however they ask."""
        return not (
            self.env.su or self.env.user.has_group("clinic_patient.group_clinic_user")
        )

    @api.model
    def _check_period(self, date_from, date_to):
        date_from = fields.Datetime.to_datetime(date_from)
        date_to = fields.Datetime.to_datetime(date_to)
        if not date_from or not date_to or date_to < date_from:
            raise ValidationError(
                self.env._("Give a period that ends after it starts.")
            )
        if date_to - date_from > timedelta(days=732):
            raise ValidationError(self.env._("Search at most two years at a time."))
        return date_from, date_to

    @api.model
    def _read_slots(self, query, online):
        """Run the statement and put the prices in."""
        cr = self.env.cr
        self._flush_what_slots_read()
        cr.execute(query)
        rows = cr.fetchall()
        offers = self.env["clinic.offer"].browse({row[5] for row in rows})
        # sudo: clinic.offer - prices of what is offered are public
        prices = offers.sudo()._prices(online=online)
        return [
            {
                "start": start,
                "stop": stop,
                "practitioner_id": practitioner_id,
                "location_id": location_id,
                "room_id": room_id,
                "offer_id": offer_id,
                "price": prices[offer_id],
            }
            for start, stop, practitioner_id, location_id, room_id, offer_id in rows
        ]

    @api.model
    def _flush_what_slots_read(self):
        for name in (
            "clinic.appointment",
            "clinic.offer",
            "clinic.practitioner",
            "clinic.location",
            "clinic.room",
            "clinic.equipment",
            "product.template",
            "product.pricelist",
            "clinic.specialty",
        ):
            self.env[name].flush_model()

    @api.model
    def _sql_offers(
        self, service_id, date_from, date_to, practitioner_ids, location_ids, online
    ):
        """Who offers the service where, with lengths and the window that is open."""
        now = fields.Datetime.now()
        conditions = [SQL("o.active AND t.active AND p.active AND l.active")]
        conditions.append(
            SQL("t.is_healthcare_service AND o.service_id = %s", service_id)
        )
        conditions.append(
            SQL("o.company_id IN %s", tuple(self.env.companies.ids or [0]))
        )
        if practitioner_ids is not None:
            conditions.append(
                SQL("o.practitioner_id = ANY(%s)", list(practitioner_ids))
            )
        if location_ids is not None:
            conditions.append(SQL("o.location_id = ANY(%s)", list(location_ids)))
        earliest = SQL("GREATEST(%s, %s)", date_from, now)
        latest = SQL("%s::timestamp", date_to)
        if online:
            conditions += [SQL(rule.condition) for rule in ONLINE_RULES]
            earliest = SQL(
                "GREATEST(%s, %s + COALESCE(NULLIF(t.notice_minutes, 0),"
                " l.notice_minutes) * interval '1 minute')",
                date_from,
                now,
            )
            latest = SQL(
                "LEAST(%s, %s + l.horizon_days * interval '1 day')", date_to, now
            )
        return SQL(
            """
            SELECT o.id, o.practitioner_id, o.location_id,
                   COALESCE(NULLIF(o.duration, 0), t.duration)
                       * interval '1 minute' AS length,
                   COALESCE(NULLIF(t.slot_step, 0), NULLIF(o.duration, 0), t.duration)
                       AS step,
                   COALESCE(t.buffer_before, 0) * interval '1 minute' AS before,
                   COALESCE(t.buffer_after, 0) * interval '1 minute' AS after,
                   %s AS earliest, %s AS latest
              FROM clinic_offer o
              JOIN product_template t ON t.id = o.service_id
              JOIN clinic_practitioner p ON p.id = o.practitioner_id
              JOIN clinic_location l ON l.id = o.location_id
              LEFT JOIN clinic_specialty sp ON sp.id = t.specialty_id
              LEFT JOIN product_pricelist pl ON pl.id = l.pricelist_id
             WHERE %s
            """,
            earliest,
            latest,
            SQL(" AND ").join(conditions),
        )

    @api.model
    def _sql_service_allowed(self, service_id):
        """Whether a session ``s`` takes a service (SQL expression for its id)."""
        return SQL(
            """
            (NOT s.service_restricted
             OR EXISTS (SELECT FROM clinic_schedule_block_service_rel rel
                         WHERE rel.block_id = s.block_id AND rel.service_id = %(id)s)
             OR EXISTS (SELECT FROM clinic_schedule_exception_service_rel rel
                         WHERE rel.exception_id = s.exception_id
                           AND rel.service_id = %(id)s))
            """,
            id=service_id,
        )

    @api.model
    def _sql_slots(
        self,
        service_id,
        date_from,
        date_to,
        practitioner_ids,
        location_ids,
        regime,
        online,
    ):
        """Build the statement; the caller chooses the window and the shape.

        :returns: a function ``(earliest, latest, per_offer=False) -> SQL``, where the
            first two are SQL expressions over the offer ``o``
        """
        now = fields.Datetime.now()
        offers = self._sql_offers(
            service_id, date_from, date_to, practitioner_ids, location_ids, online
        )
        room_required, categories = self._what_service_needs(service_id)
        conditions = [SQL("TRUE")]
        if regime:
            conditions.append(SQL("s.regime IN ('any', %s)", regime))
        if online:
            conditions.append(self._sql_online_share(now))
        conditions.append(self._sql_service_allowed(SQL("%s", service_id)))
        place, room = SQL(), SQL("s.room_id")
        if room_required or categories:
            place = self._sql_place(room_required, categories, now)
            room = SQL("place.room_id")

        def build(earliest=None, latest=None, per_offer=False):
            earliest = earliest or SQL("o.earliest")
            latest = latest or SQL("o.latest")
            slots = SQL(
                """
                SELECT t.start, t.start + o.length AS stop, o.practitioner_id,
                       o.location_id, %(room)s AS room_id, o.id AS offer_id
                  FROM clinic_session s
                 CROSS JOIN LATERAL (%(busy)s) busy
                 CROSS JOIN LATERAL unnest(
                       tsmultirange(tsrange(s.start, s.stop))
                       - COALESCE(busy.spans, '{}'::tsmultirange)) free(gap)
                 CROSS JOIN LATERAL generate_series(
                       s.start + o.before + o.step * interval '1 minute' * CEIL(
                           EXTRACT(EPOCH FROM GREATEST(
                               lower(free.gap) - s.start,
                               %(earliest)s - s.start - o.before
                           )) / 60 / o.step),
                       LEAST(upper(free.gap) - o.length - o.after,
                             %(latest)s - interval '1 microsecond'),
                       o.step * interval '1 minute') t(start)
                 %(place)s
                 WHERE s.practitioner_id = o.practitioner_id
                   AND s.location_id = o.location_id
                   AND s.start < %(latest)s AND s.stop > %(earliest)s
                   AND %(conditions)s
                """,
                room=room,
                busy=self._sql_busy(now),
                earliest=earliest,
                latest=latest,
                place=place,
                conditions=SQL(" AND ").join(conditions),
            )
            if per_offer:
                slots = SQL("%s ORDER BY s.start, t.start LIMIT 1", slots)
            return SQL(
                "WITH o AS MATERIALIZED (%s) SELECT slot.*"
                " FROM o CROSS JOIN LATERAL (%s) slot%s",
                offers,
                slots,
                SQL(" ORDER BY 1, 3, 4") if per_offer else SQL(),
            )

        return build

    @api.model
    def _sql_day_by_day(self, build, date_from, date_to, limit):
        """The earliest ``limit`` times: stop at the first day that fills the list."""
        day = SQL(
            "SELECT slot.* FROM ("
            " SELECT day FROM generate_series(%(first)s::timestamp,"
            " %(last)s::timestamp, interval '1 day') day ORDER BY day) d"
            " CROSS JOIN LATERAL (%(slots)s ORDER BY 1, 3, 4 LIMIT %(limit)s) slot"
            " ORDER BY d.day, 1, 3, 4 LIMIT %(limit)s",
            first=max(date_from, fields.Datetime.now()),
            last=date_to,
            slots=build(
                SQL("GREATEST(o.earliest, d.day)"),
                SQL("LEAST(o.latest, d.day + interval '1 day')"),
            ),
            limit=limit,
        )
        return day

    @api.model
    def _sql_busy(self, now):
        """When practitioner or the session's own room are taken in session ``s``."""
        near = SQL(
            "a.start > s.start - interval '1 hour'"
            " AND a.start < s.stop + interval '15 minutes' AND %s = 0",
            SQL(FAR_REACHING_SQL),
        )
        far = SQL(
            "a.start > s.start - interval '16 hours'"
            " AND a.start < s.stop + interval '4 hours' AND %s = 1",
            SQL(FAR_REACHING_SQL),
        )
        reads = [
            SQL(
                "SELECT %s AS span FROM clinic_appointment a WHERE %s AND %s"
                " AND a.state IN %s"
                " AND (a.hold_expires_at IS NULL OR a.hold_expires_at > %s)",
                SQL(BUSY_SQL),
                who,
                reach,
                SQL(BLOCKING_SQL),
                now,
            )
            for who in (
                SQL("a.practitioner_id = s.practitioner_id"),
                SQL("a.room_id = s.room_id"),
            )
            for reach in (near, far)
        ]
        return SQL(
            "SELECT range_agg(span) AS spans FROM (%s) taken",
            SQL(" UNION ALL ").join(reads),
        )

    @api.model
    def _sql_online_share(self, now):
        """Whether the session's share for the website still takes this visit."""
        return SQL(
            """
            (s.online_share = 100 OR EXTRACT(EPOCH FROM o.length) / 60 + (
                SELECT COALESCE(SUM(EXTRACT(EPOCH FROM a.stop - a.start)), 0) / 60
                  FROM clinic_appointment a
                 WHERE a.practitioner_id = s.practitioner_id
                   AND a.start >= s.start AND a.start < s.stop
                   AND a.channel IN ('website', 'portal')
                   AND a.state IN %s
                   AND (a.hold_expires_at IS NULL OR a.hold_expires_at > %s)
             ) <= EXTRACT(EPOCH FROM s.stop - s.start) / 60 * s.online_share / 100)
            """,
            SQL(BLOCKING_SQL),
            now,
        )

    @api.model
    def _what_service_needs(self, service_id):
        """Room and equipment needed: they decide the shape of the statement.

        Turns compilation off for the transaction on the way, because compiling the
        plan costs more than running it (4 ms become 150).

        :returns: ``(room required, [equipment category ids])``
        """
        self.env["product.template"].flush_model()
        self.env.cr.execute(
            """
            SELECT t.room_required, ARRAY(
                       SELECT category_id FROM clinic_service_equipment_category_rel
                        WHERE service_id = t.id ORDER BY category_id),
                   set_config('jit', 'off', TRUE)
              FROM product_template t WHERE t.id = %s
            """,
            [service_id],
        )
        row = self.env.cr.fetchone()
        return (bool(row[0]), row[1]) if row else (False, [])

    @api.model
    def _sql_place(self, room_required, categories, now):
        """The first room (or none, if none is needed) that serves a start ``t.start``.

        A room serves when it is free for visit and buffers and each kind of equipment
        has a free device that stands in it or can be brought.
        """
        span = SQL("tsrange(t.start - o.before, t.start + o.length + o.after)")
        blocking = SQL(BLOCKING_SQL)
        alive = SQL("(a.hold_expires_at IS NULL OR a.hold_expires_at > %s)", now)
        any_room = SQL(
            """
            SELECT r.id, r.sequence FROM clinic_room r
             WHERE s.room_id IS NULL AND r.location_id = s.location_id AND r.active
               AND (%s)
            """,
            SQL(
                """
                NOT EXISTS (SELECT FROM clinic_offer_clinic_room_rel rel
                             WHERE rel.clinic_offer_id = o.id)
                OR EXISTS (SELECT FROM clinic_offer_clinic_room_rel rel
                            WHERE rel.clinic_offer_id = o.id
                              AND rel.clinic_room_id = r.id)
                """
            ),
        )
        rooms = SQL("SELECT s.room_id AS id, 0 AS sequence WHERE s.room_id IS NOT NULL")
        if room_required:
            rooms = SQL("%s UNION ALL %s", rooms, any_room)
        else:
            rooms = SQL(
                "%s UNION ALL SELECT NULL, -1 WHERE s.room_id IS NULL"
                " UNION ALL SELECT * FROM (%s) fixed WHERE fixed.id IN"
                " (SELECT e.room_id FROM clinic_equipment e WHERE e.active"
                " AND e.category_id = ANY(%s))",
                rooms,
                any_room,
                categories,
            )
        device_free = SQL(
            """
            e.active AND e.location_id = s.location_id
            AND (e.room_id IS NULL OR e.room_id = room.id)
            AND NOT EXISTS (
                SELECT FROM clinic_appointment_equipment_rel taken
                  JOIN clinic_appointment a ON a.id = taken.appointment_id
                 WHERE taken.equipment_id = e.id AND taken.blocking
                   AND taken.busy && %s AND %s)
            """,
            span,
            alive,
        )
        return SQL(
            """
            CROSS JOIN LATERAL (
                SELECT room.id AS room_id FROM (%(rooms)s) room
                 WHERE NOT EXISTS (
                     SELECT FROM clinic_appointment a
                      WHERE a.room_id = room.id AND %(busy)s && %(span)s
                        AND a.state IN %(blocking)s AND %(alive)s
                        AND NOT COALESCE(a.overbooked, FALSE))
                   AND NOT EXISTS (
                     SELECT FROM clinic_appointment a
                      WHERE a.room_id = room.id AND a.overbooked
                        AND %(busy)s && %(span)s
                        AND a.state IN %(blocking)s AND %(alive)s)
                   AND NOT EXISTS (
                     SELECT FROM unnest(%(categories)s::int[]) needed(id)
                      WHERE NOT EXISTS (
                          SELECT FROM clinic_equipment e
                           WHERE e.category_id = needed.id AND %(device_free)s))
                 ORDER BY room.sequence, room.id NULLS FIRST
                 LIMIT 1
            ) place
            """,
            rooms=rooms,
            busy=SQL(BUSY_SQL),
            span=span,
            blocking=blocking,
            alive=alive,
            categories=categories,
            device_free=device_free,
        )
