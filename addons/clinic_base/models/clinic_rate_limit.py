from contextlib import contextmanager
from math import ceil

from psycopg2.errors import ActiveSqlTransaction

from odoo import api, fields, models
from odoo.tools import SQL

from ..lib import clock


class ClinicRateLimit(models.Model):
    """How often something happened lately, counted for all processes together."""

    _name = "clinic.rate.limit"
    _description = "Rate limit"
    _rec_name = "key"
    _log_access = False

    key = fields.Char(required=True)
    hits = fields.Json(help="When the counted hits happened, in epoch seconds.")
    expires_at = fields.Datetime(index=True)

    _key_unique = models.UniqueIndex("(key)")

    @api.model
    def _hit(self, key, limit, seconds):
        """Count one hit on ``key``; return False when there were ``limit`` already.

        The window slides: in no period of ``seconds`` are more than ``limit`` hits
        allowed. A refused hit does not count. The count is made on an own connection
        and committed at once, so it holds whatever becomes of the request.

        :param str key: what is counted; no personal data, it is stored as it is
        """
        if limit <= 0:
            return False
        hit = SQL(
            """
            WITH clock AS (
                SELECT extract(epoch FROM clock_timestamp())::float8 AS now
            )
            INSERT INTO clinic_rate_limit AS counter (key, hits, expires_at)
            SELECT %(key)s,
                   jsonb_build_array(now),
                   to_timestamp(now + %(seconds)s) AT TIME ZONE 'UTC'
              FROM clock
            ON CONFLICT (key) DO UPDATE
               SET hits = (
                       SELECT COALESCE(jsonb_agg(hit), '[]')
                         FROM jsonb_array_elements(counter.hits) AS hit
                        WHERE hit::float8 > (EXCLUDED.hits->>0)::float8 - %(seconds)s
                   ) || EXCLUDED.hits,
                   expires_at = EXCLUDED.expires_at
             WHERE (
                       SELECT count(*)
                         FROM jsonb_array_elements(counter.hits) AS hit
                        WHERE hit::float8 > (EXCLUDED.hits->>0)::float8 - %(seconds)s
                   ) < %(limit)s
            RETURNING id
            """,
            key=key,
            seconds=seconds,
            limit=limit,
        )
        with self._own_cursor() as cr:
            cr.execute(hit)
            return bool(cr.fetchone())

    @api.model
    def _minutes_to_wait(self, limits):
        """In how many minutes one more hit is allowed on all of these; at least one.

        :param list limits: of ``(key, limit, seconds)``, as for :meth:`_hit`
        :rtype: int
        """
        longest = 0
        with self._own_cursor() as cr:
            for key, limit, seconds in limits:
                cr.execute(
                    SQL(
                        """
                        SELECT hit::float8 + %s
                               - extract(epoch FROM clock_timestamp())::float8
                          FROM clinic_rate_limit, jsonb_array_elements(hits) AS hit
                         WHERE key = %s ORDER BY 1 DESC OFFSET %s LIMIT 1
                        """,
                        seconds,
                        key,
                        max(limit - 1, 0),
                    )
                )
                found = cr.fetchone()
                if limit <= 0 or found:
                    longest = max(longest, found[0] if found else seconds)
        return max(1, ceil(longest / 60))

    @contextmanager
    def _own_cursor(self):
        """Give a connection whose work stays when the request is rolled back.

        It reads what others committed meanwhile (READ COMMITTED), so that one atomic
        statement is enough: it waits for its turn instead of failing.
        """
        with self.env.registry.cursor() as cr:
            try:
                cr.execute(
                    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
                    log_exceptions=False,
                )
            except ActiveSqlTransaction:
                # Inside a larger transaction (as in tests) there are no others.
                cr.rollback()
            yield cr

    @api.autovacuum
    def _gc_expired(self):
        """Forget the counters whose window is over.

        :returns: ``(how many, whether there are others)``, as autovacuum asks
        """
        expired = self.search([("expires_at", "<", clock.now())], limit=10000)
        expired.unlink()
        return len(expired), len(expired) == 10000
