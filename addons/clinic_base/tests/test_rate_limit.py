from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tools import SQL

from .common import ClinicBaseCommon, RealConnections

WORKERS = 8


@tagged("post_install", "-at_install")
class TestRateLimit(RealConnections, ClinicBaseCommon):
    """On real connections: what is counted is committed, as between workers."""

    def setUp(self):
        super().setUp()
        self.key = f"test:{uuid4()}"
        self.addCleanup(self.forget)

    def sql(self, query, *params):
        with self.registry.cursor() as cr:
            cr.execute(SQL(query, *params))
            return cr.fetchall() if cr.description else None

    def forget(self):
        self.sql("DELETE FROM clinic_rate_limit WHERE key = %s", self.key)

    def hit(self, limit=3, seconds=60, rollback=False):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            allowed = env["clinic.rate.limit"]._hit(self.key, limit, seconds)
            if rollback:
                cr.rollback()
            return allowed

    def shift(self, seconds):
        """Let the counted hits have happened ``seconds`` earlier."""
        self.sql(
            """
            UPDATE clinic_rate_limit SET hits = (
                SELECT jsonb_agg(hit::float8 - %s) FROM jsonb_array_elements(hits) hit
            ) WHERE key = %s
            """,
            seconds,
            self.key,
        )

    def test_limit_survives_a_rollback(self):
        """S4: a request that fails has counted all the same."""
        answers = [self.hit(rollback=True) for _number in range(5)]
        self.assertEqual(answers, [True] * 3 + [False] * 2)

    def test_limit_holds_for_parallel_connections(self):
        """S4: many processes at once get exactly the allowed number together."""
        with ThreadPoolExecutor(WORKERS) as pool:
            answers = list(pool.map(lambda _n: self.hit(limit=20), range(60)))
        self.assertEqual(sum(answers), 20)

    def test_window_slides(self):
        """No period is longer or shorter than asked, wherever it begins."""
        self.hit(limit=2)
        self.shift(40)
        self.hit(limit=2)
        self.assertFalse(self.hit(limit=2))
        self.shift(30)
        self.assertTrue(self.hit(limit=2))
        self.assertFalse(self.hit(limit=2))

    def test_refused_hits_do_not_count(self):
        for _number in range(5):
            self.hit(limit=1)
        self.shift(61)
        self.assertTrue(self.hit(limit=1))

    def test_nothing_allowed(self):
        self.assertFalse(self.hit(limit=0))

    def test_the_vacuum_goes_on_until_all_are_forgotten(self):
        """More than one round can take: it says that there are others."""
        counters = self.env["clinic.rate.limit"]
        self.env.cr.execute(
            "INSERT INTO clinic_rate_limit (key, hits, expires_at)"
            " SELECT 'many:' || n, '[]', '2000-01-01' FROM generate_series(1, 10001) n"
        )
        done, remaining = counters._gc_expired()
        self.assertEqual((done, bool(remaining)), (10000, True))
        self.assertFalse(counters._gc_expired()[1])
        self.assertFalse(counters.search([("key", "like", "many:")]))

    def test_expired_counters_are_forgotten(self):
        self.hit(seconds=1)
        self.sql(
            "UPDATE clinic_rate_limit SET expires_at = '2000-01-01' WHERE key = %s",
            self.key,
        )
        self.env["clinic.rate.limit"]._gc_expired()
        found = self.env["clinic.rate.limit"].search([("key", "=", self.key)])
        self.assertFalse(found)
