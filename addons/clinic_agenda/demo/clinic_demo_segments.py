from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

#: Visits of the three years before the weeks that the demo plays in.
OLD_VISITS = 3600
#: Days of which the sizes of segments are known.
KNOWN_DAYS = 90


class ClinicDemo(models.AbstractModel):
    """The past of the demo clinic, and what marketing made of it."""

    _inherit = "clinic.demo"

    @api.model
    def _make_segments(self, chance):
        """Old visits, facts, segments of the marketing user, and their history."""
        self._make_old_visits()
        facts = self.env["clinic.patient.facts"]
        while facts._drain():
            continue
        segments = self._make_marketing_segments()
        self._make_size_history(segments, chance)

    def _make_old_visits(self):
        """By SQL: one patient after the other, at most one visit a practitioner, hour
        and day, so that nothing overlaps."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH people AS (
                    SELECT id, country_id,
                           row_number() OVER (PARTITION BY country_id
                                              ORDER BY hashint4(id)) - 1 AS n,
                           COUNT(*) OVER (PARTITION BY country_id) AS everyone
                      FROM res_partner WHERE is_patient AND active
                ), staff AS (
                    SELECT DISTINCT ON (o.practitioner_id, o.location_id)
                           o.practitioner_id, o.location_id, o.service_id,
                           l.country_id, l.company_id, t.specialty_id, t.duration,
                           COALESCE(t.list_price, 0) AS price,
                           row_number() OVER (PARTITION BY l.country_id
                                              ORDER BY o.id) - 1 AS m
                      FROM clinic_offer o
                      JOIN clinic_location l ON l.id = o.location_id
                      JOIN product_template t ON t.id = o.service_id
                     WHERE o.active AND t.duration <= 60
                     ORDER BY o.practitioner_id, o.location_id, o.id
                ), chairs AS (
                    SELECT *, row_number() OVER (PARTITION BY practitioner_id
                                                 ORDER BY location_id) AS place,
                           row_number() OVER (PARTITION BY country_id
                                              ORDER BY m) - 1 AS seat,
                           COUNT(*) OVER (PARTITION BY country_id) AS seats
                      FROM staff
                ), visit AS (
                    SELECT k, chairs.*, people.id AS patient_id,
                           abs(hashint4(k)) %% 100 AS luck,
                           -- A day of its own, and by location another hour.
                           date_trunc('day', %(now)s::timestamp)
                               - (40 + 3 * (k / seats) + 0) * interval '1 day'
                               + (8 + 2 * place + abs(hashint4(k)) %% 2)
                                 * interval '1 hour' AS start
                      FROM generate_series(0, %(count)s - 1) k
                      JOIN chairs ON chairs.seat = k %% chairs.seats
                      JOIN people ON people.country_id = chairs.country_id
                       AND people.n = (k * 7 + (k / 600) * 13) %% people.everyone
                     WHERE chairs.seats > 0 AND 3 * (k / seats) < 1100
                ), once AS (
                    SELECT DISTINCT ON (patient_id, start::date) * FROM visit
                     WHERE extract(isodow FROM start) < 6
                     ORDER BY patient_id, start::date, k
                )
                INSERT INTO clinic_appointment (practitioner_id, location_id,
                    company_id, service_id, specialty_id, patient_id, start, stop,
                    duration, local_day, buffer_before, buffer_after, state, regime,
                    channel, visit_type, price, create_date, write_date, create_uid,
                    write_uid)
                SELECT practitioner_id, location_id, company_id, service_id,
                       specialty_id, patient_id, start,
                       start + duration * interval '1 minute', duration, start::date,
                       0, 0,
                       CASE WHEN luck < 9 THEN 'no_show' WHEN luck < 17 THEN 'cancelled'
                            ELSE 'closed' END,
                       'private',
                       (ARRAY['desk', 'phone', 'website'])[1 + luck %% 3], 'repeat',
                       price, start - interval '9 days', start, 1, 1
                  FROM once
                """,
                now=clock.now(),
                count=OLD_VISITS,
            )
        )
        self.env.invalidate_all()

    def _make_marketing_segments(self):
        marketing = self.env.ref("clinic_agenda.demo_user_marketing")
        manager = self.env.ref("clinic_agenda.demo_user_manager")
        cardiology = self.env["clinic.specialty"].search([], order="id", limit=1)
        Segment = self.env["clinic.segment"].with_user(marketing)
        lapsed = self.env.ref("clinic_patient.clinic_segment_lapsed")
        women = Segment.create(
            {
                "name": "Women from 45 to 69",
                "description": "For the letter about screening.",
                "domain": '[("sex", "=", "female"), ("clinic_age", ">=", 45),'
                ' ("clinic_age", "<", 70)]',
                "sharing": "shared",
            }
        )
        had = Segment.create(
            {
                "name": f"{cardiology.name}, not seen for a year",
                "domain": f'[("used_specialty_ids", "in", {cardiology.ids}),'
                ' ("days_since_visit", ">", 365)]',
                "sharing": "shared",
                "track_members": True,
            }
        )
        letter = Segment.create(
            {
                "name": "Screening letter",
                "description": "Women of the right age who were not here lately.",
                "kind": "combined",
                "operation": "intersection",
                "base_id": women.id,
                "operand_ids": [Command.set(lapsed.ids)],
                "sharing": "shared",
            }
        )
        best = self.env["clinic.segment"].with_user(manager)
        best = best.create(
            {
                "name": "Best patients by value",
                "domain": '[("lifetime_value", ">=", 600)]',
                "sharing": "shared",
            }
        )
        letter.action_freeze()
        had.action_take_snapshot()
        return self.env["clinic.segment"].search(Domain.TRUE)

    def _make_size_history(self, segments, chance):
        """How the sizes came to be what they are."""
        today = fields.Date.today()
        segments._recount()
        for segment in segments:
            size = segment.size
            rows = []
            for back in range(1, KNOWN_DAYS):
                size = max(0, size + chance.choice([-3, -2, -1, -1, 0, 0, 1, 2]))
                rows.append((segment.id, today - timedelta(days=back), size))
            self.env.cr.execute(
                SQL(
                    "INSERT INTO clinic_segment_size (segment_id, day, size) VALUES %s"
                    # What was recorded just now, on the calendar of another zone.
                    " ON CONFLICT (segment_id, day) DO NOTHING",
                    SQL(", ").join(SQL("%s", row) for row in rows),
                )
            )
        self.env["clinic.segment.size"].invalidate_model()
