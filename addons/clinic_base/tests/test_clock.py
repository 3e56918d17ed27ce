import re
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..lib import clock
from .common import ClinicBaseCommon

YEAR = 365 * 86400.0


@tagged("post_install", "-at_install")
class TestJudge(ClinicBaseCommon):
    """When a clock can be trusted."""

    def test_judge(self):
        """Small steps and a machine asleep are no jumps; hours and years are."""
        now, boot = 1_800_000_000.0, 5_000.0
        start = now - boot
        for words, verdict, arguments in (
            ("first look ever", None, {}),
            ("steady", None, {"start": start}),
            ("set right by a small step", None, {"start": start + 20}),
            ("an hour ahead", "jumped", {"start": start - 3600}),
            ("an hour back", "jumped", {"start": start + 3600}),
            ("the database is elsewhere", "apart", {"ahead": -600, "start": start}),
            ("two seconds apart", None, {"ahead": 2, "start": start}),
            ("started after a weekend", None, {"last_anywhere": now - 3 * 86400}),
            ("started with an empty battery", "back", {"last_anywhere": now + YEAR}),
            ("a backup of last year", "silence", {"last_anywhere": now - YEAR}),
        ):
            with self.subTest(words):
                ahead = arguments.pop("ahead", 0.0)
                told = clock.judge(now, boot, ahead, **arguments)
                self.assertEqual(told and told[0], verdict)


@tagged("post_install", "-at_install")
class TestNoOtherClock(ClinicBaseCommon):
    """What is due, held or over is told by the database's clock, whoever asks."""

    def files_with(self, words):
        """Names of the suite's files in which a pattern stands."""
        addons = Path(__file__).resolve().parents[2]
        return [
            path.name
            for path in sorted(addons.glob("clinic_*/**/*.py"))
            if "tests" not in path.parts and re.search(words, path.read_text())
        ]

    def test_no_day_of_the_server(self):
        """CURRENT_DATE is the day of whatever zone a session of PostgreSQL has."""
        self.assertEqual(self.files_with(r"\bCURRENT_(DATE|TIME)|LOCALTIME"), [])

    def test_no_time_of_the_process(self):
        """Two machines of one site may differ by minutes: a code would be over at once
        on one of them, a message due on neither."""
        self.assertEqual(self.files_with(r"\bDatetime\.now\(\)"), [])


@tagged("post_install", "-at_install")
class TestTwoClocks(ClinicBaseCommon):
    """The clock of Odoo's machine is wrong, the database's is right."""

    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()

    @contextmanager
    def shift(self, **by):
        """Let the machine's clock be off, for everything that reads it."""
        moment = fields.Datetime.now() + timedelta(**by)
        with (
            freeze_time(moment, tick=True),
            patch.object(clock, "machine_now", time.time),
            patch.object(clock, "clock", clock.Clock()),
        ):
            yield

    def database_time(self):
        self.env.cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        return self.env.cr.fetchone()[0]

    def test_time_is_the_databases(self):
        """Ten minutes ahead or a day behind: the suite tells the database's time."""
        for by in ({"minutes": 10}, {"days": -1}):
            with self.subTest(by=by), self.shift(**by):
                apart = abs(clock.now() - self.database_time())
                self.assertLess(apart, timedelta(seconds=3))

    def test_codes_and_links_last_as_long(self):
        """A clock ten minutes off ends no code before its time, and prolongs none."""
        codes = self.env["clinic.one.time.code"]
        for minutes in (10, -10):
            with self.subTest(minutes=minutes), self.shift(minutes=minutes):
                self.assertTrue(codes._issue(f"+39 333 123 45{minutes + 20}", "test"))
                code = codes.search([], limit=1)
                left = code.expires_at - self.database_time()
                self.assertLess(abs(left - timedelta(minutes=10)), timedelta(seconds=3))

    def test_jobs_set_off_begin_at_once(self):
        """Odoo asks the database whether a job is due; so it is set off by its time."""
        job = self.env.ref("base.autovacuum_job")
        with self.shift(minutes=10):
            job._begin_soon()
            self.env["ir.cron"]._begin_those_set_off()
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)])
        self.assertLess(
            min(trigger.mapped("call_at")), self.database_time() + timedelta(seconds=3)
        )


@tagged("post_install", "-at_install")
class TestJobsAndTheClock(ClinicBaseCommon):
    """No job runs by a clock that is a year ahead, not even for a minute."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Clocks = cls.env["clinic.clock"]
        cls.env.cr.execute("DELETE FROM clinic_clock")
        cls.job = cls.env["ir.cron"].create(
            {
                "name": "Test: forget what was asked",
                "model_id": cls.env.ref("clinic_base.model_clinic_rate_limit").id,
                "state": "code",
                "code": "model.search([('key', '=', 'nobody')]).unlink()",
            }
        )

    def run_job(self):
        """Run the job as the scheduler does; whether it did its work."""
        asked = self.env["clinic.rate.limit"].create({"key": "nobody"})
        with self.enter_registry_test_mode():
            self.job.method_direct_trigger()
        self.env.invalidate_all()
        done = not asked.exists()
        asked.exists().unlink()
        return done

    def machine_says(self, seconds):
        self.patch(clock, "machine_now", lambda: time.time() + seconds)
        steady = clock.Clock()
        steady.measured_at = clock._steady()
        self.patch(clock, "clock", steady)

    def test_year_ahead(self):
        """What is due stays due; right again, it runs without anybody's help."""
        self.assertTrue(self.run_job())
        machine = self.Clocks.search([])
        self.assertEqual(len(machine), 1)
        next_call = self.job.nextcall
        self.machine_says(YEAR)
        with self.assertLogs("odoo.addons.clinic_base", "ERROR") as logs:
            self.assertFalse(self.run_job())
            self.assertFalse(self.run_job())
        self.assertEqual(len(logs.output), 1, "said once")
        self.assertEqual(self.job.nextcall, next_call)
        self.assertEqual(machine.trouble, "jumped")
        self.assertAlmostEqual(machine.seconds, YEAR, delta=5)
        self.machine_says(0)
        self.assertTrue(self.run_job())
        self.assertFalse(machine.trouble)

    def test_an_administrator_looked(self):
        """A clock that was wrong and is right now: an administrator says so."""
        self.assertTrue(self.run_job())
        self.machine_says(7200)
        with mute_logger("odoo.addons.clinic_base.models.clinic_clock"):
            self.assertFalse(self.run_job())
        machine = self.Clocks.search([])
        with self.assertRaises(AccessError):
            machine.with_user(self.employee()).action_accept()
        admin = self.administrator()
        machine.with_user(admin).action_accept()
        self.assertEqual(machine.accepted_by_id, admin)
        self.assertTrue(self.run_job())

    def test_backup_of_last_year(self):
        """A database that was silent for months waits for somebody to look."""
        self.env.cr.execute(
            "INSERT INTO clinic_clock (name, start, last_seen)"
            " VALUES ('another', 0, now() AT TIME ZONE 'UTC' - interval '300 days')"
        )
        with mute_logger("odoo.addons.clinic_base.models.clinic_clock"):
            self.assertFalse(self.run_job())
            self.assertFalse(self.run_job(), "it does not get used to it")
        self.Clocks.search([("trouble", "=", "silence")]).with_user(
            self.administrator()
        ).action_accept()
        self.assertTrue(self.run_job())
