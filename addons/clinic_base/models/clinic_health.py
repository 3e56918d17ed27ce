import shutil
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL, config

from ..lib import clock, private_logs

#: The worst one is the state of the site.
LEVELS = ("good", "warning", "bad")
#: Seconds that a session may wait for a lock before it is told who holds it.
BLOCKED = 5
#: Minutes that a job may be late.
LATE = 30
#: Bytes free on the disk for files: less needs a look, less is bad. A share of the disk
#: would tell nothing: five percent of a large one last for a year.
GIGABYTE = 1024**3
SPARE, SCARCE = 5 * GIGABYTE, GIGABYTE
#: Seconds for which a monitor, or whoever asks without a log-in, gets the same answer.
KEPT = 5
#: What this process told last: {database: (seconds since boot, levels)}.
_told = {}


class Check(NamedTuple):
    """What one look at the site found.

    :param str name: of the check, for a machine
    :param str level: of ``LEVELS``
    :param str words: for an administrator; no name of anybody in it
    """

    name: str
    level: str
    words: str


class ClinicHealth(models.AbstractModel):
    """How the site is: clocks, locks, jobs, troubles, disk. Addons add their checks."""

    _name = "clinic.health"
    _description = "Health of the site"

    @api.model
    def _checks(self):
        """Extension point: return the :class:`Check` s; addons add theirs."""
        return [
            self._check_clock(),
            self._check_locks(),
            self._check_jobs(),
            self._check_troubles(),
            self._check_disk(),
        ]

    @api.model
    def _level(self, checks):
        """The state of the site: that of the worst check."""
        return max((check.level for check in checks), key=LEVELS.index)

    @api.model
    def _levels(self):
        """The level of each check by its name, looked at once in some seconds.

        Anybody may ask, and the look at locks stops PostgreSQL's lock table for a
        moment: asking more often must not cost more.
        """
        now, database = clock.since_boot(), self.env.cr.dbname
        since, levels = _told.get(database, (None, None))
        if levels is None or not 0 <= now - since < KEPT:
            levels = {check.name: check.level for check in self._checks()}
            _told[database] = (now, levels)
        return levels

    def _check_clock(self):
        # sudo: clinic.clock - whether there is one; no value leaves
        wrong = self.env["clinic.clock"].sudo().search([("trouble", "!=", False)])
        if not wrong:
            return Check("clock", "good", self.env._("The clocks agree."))
        return Check(
            "clock",
            "bad",
            self.env._(
                "A clock cannot be trusted, so no job runs: see Configuration › Clocks."
            ),
        )

    def _check_locks(self):
        """Who waits, and who holds what they wait for: the blocker by its number."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT blocker.pid, blocker.application_name, blocker.state,
                       extract(epoch FROM clock_timestamp() - blocker.xact_start)::int,
                       blocker.query, count(*)
                  FROM pg_stat_activity waiting
                 CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS held (pid)
                  JOIN pg_stat_activity blocker ON blocker.pid = held.pid
                 WHERE waiting.datname = current_database()
                   AND waiting.wait_event_type = 'Lock'
                   AND clock_timestamp() - waiting.query_start > %s * interval '1 s'
                 GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC LIMIT 5
                """,
                BLOCKED,
            )
        )
        if not rows:
            return Check("locks", "good", self.env._("Nobody waits for anybody."))
        pid, program, state, seconds, query, waiting = rows[0]
        return Check(
            "locks",
            "bad",
            self.env._(
                "Session %(pid)s (%(program)s, %(state)s, since %(seconds)s s) keeps "
                "%(waiting)s others waiting. Its last statement: %(query)s. To end it: "
                "SELECT pg_terminate_backend(%(pid)s).",
                pid=pid,
                program=program or "?",
                state=state or "?",
                seconds=seconds or 0,
                waiting=waiting,
                query=" ".join(private_logs.statement(query or "").split())[:120],
            ),
        )

    def _check_jobs(self):
        """Jobs that should have run long ago, by the database's clock."""
        [[late]] = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM ir_cron WHERE active AND nextcall <"
                " clock_timestamp() AT TIME ZONE 'UTC' - %s * interval '1 minute'",
                LATE,
            )
        )
        if not late:
            return Check("jobs", "good", self.env._("Jobs run in time."))
        return Check(
            "jobs",
            "warning",
            self.env._(
                "%(count)s jobs are more than %(minutes)s minutes late. Is the process "
                "for jobs running (max_cron_threads)?",
                count=late,
                minutes=LATE,
            ),
        )

    def _check_troubles(self):
        # sudo: clinic.trouble - how many; monitors are told a level only
        count = self.env["clinic.trouble"].sudo().search_count([])
        if not count:
            return Check("troubles", "good", self.env._("No job failed."))
        return Check(
            "troubles",
            "warning",
            self.env._(
                "%(count)s records could not be worked on: see Configuration › "
                "Troubles.",
                count=count,
            ),
        )

    def _check_disk(self):
        free = shutil.disk_usage(config["data_dir"]).free
        level = "bad" if free < SCARCE else "warning" if free < SPARE else "good"
        return Check(
            "disk",
            level,
            self.env._(
                "Free on the disk for files: %(size)s.",
                size=f"{free / GIGABYTE:.1f} GB",
            ),
        )
