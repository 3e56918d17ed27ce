import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.models.claiming import claim

#: How far back causes are looked at each time; looking twice changes nothing.
WINDOW_DAYS = 3


class ClinicJourney(models.Model):
    """Who enters: one statement for each journey, however many patients."""

    _inherit = "clinic.journey"

    @api.model
    def _enter_all(self):
        """Let patients enter the running journeys that no other worker looks at.

        :returns: how many entered
        """
        free = claim(
            self,
            SQL(
                "SELECT id FROM clinic_journey WHERE state = 'running' AND active"
                " ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
            ),
        )
        return sum(journey._try_enter() for journey in free)

    def _try_enter(self):
        """Let patients enter, unless another worker did after our snapshot was taken.

        Its lock is gone when it has committed, but what it wrote is not seen in this
        transaction: ``ON CONFLICT`` then fails at REPEATABLE READ. The next turn sees
        everything.

        :returns: how many entered
        """
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                return self._enter()
        except psycopg2.errors.SerializationFailure:
            return 0

    def _enter(self):
        """Let patients enter this journey; a repeat changes nothing.

        :returns: how many entered
        """
        self.ensure_one()
        if not self.first_id:
            return 0
        self.env.flush_all()
        now = clock.now()
        limit = SQL()
        if self.cap_per_day:
            left = self.cap_per_day - self._entered_today(now)
            if left <= 0:
                return 0
            limit = SQL("LIMIT %s", left)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_journey_entry (journey_id, company_id, patient_id,
                       cause_key, state, node_id, due, entered_at, attempts,
                       create_uid, create_date, write_uid, write_date)
                SELECT %(journey)s, %(company)s, fresh.patient_id, fresh.cause_key,
                       'active', %(node)s, %(now)s, %(now)s, 0,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (SELECT DISTINCT ON (cause.patient_id) cause.*
                          FROM (%(source)s) cause
                          JOIN res_partner card ON card.id = cause.patient_id
                           AND card.is_patient AND card.active
                           AND (card.company_id IS NULL
                                OR card.company_id = %(company)s)
                         WHERE %(again)s AND %(audience)s
                           AND NOT EXISTS (
                               SELECT FROM clinic_journey_entry known
                                WHERE known.journey_id = %(journey)s
                                  AND known.patient_id = cause.patient_id
                                  AND known.cause_key = cause.cause_key)
                         ORDER BY cause.patient_id, cause.cause_key %(limit)s) fresh
                    ON CONFLICT DO NOTHING
                """,
                journey=self.id,
                company=self.company_id.id,
                node=self.first_id.id,
                now=now,
                uid=self.env.uid,
                source=self._source_sql(now),
                again=self._reentry_sql(now),
                audience=self._audience_sql(),
                limit=limit,
            )
        )
        entered = self.env.cr.rowcount
        if entered:
            self.env["clinic.journey.entry"].invalidate_model()
        return entered

    def _entered_today(self, now):
        """How many entered in the last 24 hours."""
        return self.env["clinic.journey.entry"].search_count(
            [
                ("journey_id", "=", self.id),
                ("state", "!=", "skipped"),
                ("entered_at", ">", fields.Datetime.subtract(now, days=1)),
            ]
        )

    def _reentry_sql(self, now):
        """Whether a patient may enter (again) at this moment."""
        known = SQL(
            "EXISTS (SELECT FROM clinic_journey_entry before"
            " WHERE before.journey_id = %s AND before.patient_id = cause.patient_id",
            self.id,
        )
        if self.reentry == "never":
            return SQL("NOT %s)", known)
        if self.reentry == "after":
            return SQL(
                "NOT %s AND (before.state = 'active' OR before.entered_at > %s))",
                known,
                fields.Datetime.subtract(now, days=self.reentry_days),
            )
        return SQL("NOT %s AND before.state = 'active')", known)

    def _segment_sql(self):
        """The patients of the segment, with the rights of the owner."""
        segment = self.segment_id.with_user(self.owner_id)
        return segment._patients_query().select()

    def _audience_sql(self):
        if not self.segment_id or self.trigger == "segment":
            return SQL("TRUE")
        return SQL("cause.patient_id IN (%s)", self._segment_sql())

    def _source_sql(self, now):
        """The causes there are now: patient_id and cause_key.

        Causes of before the start, and older than the window, are none.
        """
        self.ensure_one()
        since = max(
            self.started_at or now, fields.Datetime.subtract(now, days=WINDOW_DAYS)
        )
        return getattr(self, f"_source_{self.trigger}")(since, now)

    def _source_segment(self, since, now):
        return SQL(
            """
            SELECT inside.id AS patient_id,
                   'segment:' || (SELECT COUNT(*) FROM clinic_journey_entry before
                                   WHERE before.journey_id = %s
                                     AND before.patient_id = inside.id) AS cause_key
              FROM (%s) inside (id)
            """,
            self.id,
            self._segment_sql(),
        )

    def _source_visit(self, since, states, kinds):
        services = self.service_ids.ids
        return SQL(
            """
            SELECT visit.patient_id, 'visit:' || visit.id AS cause_key
              FROM clinic_appointment_event event
              JOIN clinic_appointment visit ON visit.id = event.appointment_id
             WHERE event.date >= %s AND event.new_state IN %s AND event.kind IN %s
               AND visit.state IN %s AND visit.patient_id IS NOT NULL
               AND visit.company_id = %s
               AND (%s OR visit.service_id = ANY(%s))
            """,
            since,
            states,
            kinds,
            states,
            self.company_id.id,
            not services,
            services,
        )

    def _source_visit_booked(self, since, now):
        return self._source_visit(
            since, ("booked", "confirmed"), ("created", "state", "overbooked")
        )

    def _source_visit_done(self, since, now):
        return self._source_visit(since, ("done", "closed"), ("state",))

    def _source_no_show(self, since, now):
        return self._source_visit(since, ("no_show",), ("state",))

    def _source_enquiry(self, since, now):
        return SQL(
            "SELECT patient_id, 'enquiry:' || id AS cause_key FROM clinic_enquiry"
            " WHERE patient_id IS NOT NULL AND date >= %s AND company_id = %s",
            since,
            self.company_id.id,
        )

    def _source_plan_accepted(self, since, now):
        return SQL(
            "SELECT patient_id, 'plan:' || id AS cause_key FROM clinic_care_plan"
            " WHERE signed_on >= %s AND state IN ('signed', 'done')"
            " AND company_id = %s",
            since,
            self.company_id.id,
        )

    def _source_replied(self, since, now):
        return SQL(
            "SELECT patient_id, 'message:' || id AS cause_key FROM clinic_message"
            " WHERE direction = 'in' AND queued_at >= %s AND patient_id IS NOT NULL"
            " AND company_id = %s",
            since,
            self.company_id.id,
        )

    def _today_sql(self, now):
        """The day at the clinic."""
        return SQL(
            "(%s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            now,
            self._zone(),
        )

    def _source_birthday(self, since, now):
        """Born on a 29 February: on the 28th when the year has none."""
        return SQL(
            """
            SELECT card.id AS patient_id,
                   'birthday:' || to_char(today.day, 'YYYY') AS cause_key
              FROM res_partner card, (SELECT %s AS day) today
             WHERE card.is_patient AND card.birth_date IS NOT NULL
               AND (to_char(card.birth_date, 'MMDD') = to_char(today.day, 'MMDD')
                    OR to_char(card.birth_date, 'MMDD') = '0229'
                       AND to_char(today.day, 'MMDD') = '0228'
                       AND to_char(today.day + 1, 'MMDD') = '0301')
            """,
            self._today_sql(now),
        )

    def _source_date(self, since, now):
        column = SQL.identifier("facts", self.date_field)
        return SQL(
            """
            SELECT facts.id AS patient_id,
                   %(name)s || ':' || (%(column)s)::date AS cause_key
              FROM clinic_patient_facts facts, (SELECT %(today)s AS day) today
             WHERE (%(column)s)::date + %(offset)s = today.day
            """,
            name=self.date_field,
            column=column,
            today=self._today_sql(now),
            offset=self.date_offset,
        )

    def _zone(self):
        """The clock of the clinic, by which days begin and waits end."""
        self.ensure_one()
        # sudo: res.company - the zone is no secret
        return self.company_id.sudo().partner_id.tz or "UTC"

    def _mark_present(self):
        """Who is in the segment now does not enter: only who comes later."""
        self.ensure_one()
        self.env.flush_all()
        now = clock.now()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_journey_entry (journey_id, company_id, patient_id,
                       cause_key, state, due, entered_at, ended_at, attempts)
                SELECT %(journey)s, %(company)s, inside.id, 'segment:0', 'skipped',
                       %(now)s, %(now)s, %(now)s, 0
                  FROM (%(segment)s) inside (id)
                    ON CONFLICT DO NOTHING
                """,
                journey=self.id,
                company=self.company_id.id,
                now=now,
                segment=self._segment_sql(),
            )
        )
        self.env["clinic.journey.entry"].invalidate_model()
