import logging
from datetime import datetime, timezone
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..lib import clock

_logger = logging.getLogger(__name__)

#: How often a look at the clock is written down, in seconds.
EVERY = 60
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
#: What this process wrote last: {database: seconds since boot}.
_written = {}


class ClinicClock(models.Model):
    """The clock of one machine since its start: jobs run only while it can be trusted.

    A clock that is an hour or a year off for a minute does harm that cannot be taken
    back. No job runs while a machine's clock and the database's are apart, or after a
    jump, until the clock is right again or an administrator says that it is.
    """

    _name = "clinic.clock"
    _description = "Clock of a machine"
    _order = "last_seen desc"
    _log_access = False

    name = fields.Char(string="Start of the machine", required=True, readonly=True)
    start = fields.Float(
        digits=(16, 3),
        readonly=True,
        help="Time of its start as its clock tells it, in seconds since 1970.",
    )
    last_seen = fields.Datetime(readonly=True)
    trouble = fields.Selection(
        [
            ("apart", "Not the database's time"),
            ("jumped", "The clock has jumped"),
            ("back", "The clock was set back"),
            ("silence", "Nothing ran for a long time"),
        ],
        readonly=True,
    )
    seconds = fields.Float(string="By seconds", readonly=True)
    since = fields.Datetime(string="Jobs wait since", readonly=True)
    accepted_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")

    _name_unique = models.UniqueIndex("(name)")

    @api.model
    def _machine(self):
        """What tells this start of this machine from others."""
        try:
            return BOOT_ID.read_text().strip()
        except OSError:
            return "unknown"

    @api.model
    def _may_run(self):
        """Whether jobs may run by the clock of this machine; what is wrong is kept.

        Looked up in memory, written down once a minute.

        :rtype: bool
        """
        boot = clock.since_boot()
        mine = self._row()
        known = mine and mine["trouble"] not in ("back", "silence")
        verdict = clock.judge(
            clock.machine_now(),
            boot,
            clock.clock.database_ahead(),
            mine["start"] if known else None,
            None if known else self._last_anywhere(),
        )
        if verdict or not mine or mine["trouble"]:
            self._note(mine, verdict)
        elif boot - _written.get(self.env.cr.dbname, -EVERY) >= EVERY:
            self._note(mine, None)
        return not verdict

    @api.model
    def _row(self):
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT id, start, trouble FROM clinic_clock WHERE name = %s",
                self._machine(),
            )
        )
        return rows[0] if rows else None

    @api.model
    def _last_anywhere(self):
        [[last]] = self.env.execute_query(
            SQL("SELECT max(extract(epoch FROM last_seen))::float8 FROM clinic_clock")
        )
        return last

    @api.model
    def _note(self, mine, verdict):
        """Write down what was seen, on a connection apart: the job's is given up.

        While all is well the start is written anew: a clock that is set right by
        small steps has not jumped.
        """
        kind, seconds = verdict or (None, 0.0)
        machine = clock.machine_now()
        told = mine and mine["trouble"] == kind
        with self.env["clinic.rate.limit"]._own_cursor() as cr:
            cr.execute(
                SQL(
                    """
                    INSERT INTO clinic_clock AS c
                           (name, start, last_seen, trouble, seconds, since)
                    VALUES (%(name)s, %(start)s,
                            CASE WHEN %(kind)s IS NULL THEN %(seen)s END,
                            %(kind)s, %(seconds)s,
                            CASE WHEN %(kind)s IS NOT NULL THEN %(seen)s END)
                        ON CONFLICT (name) DO UPDATE
                       SET start = CASE WHEN %(kind)s IS NULL THEN %(start)s
                                        ELSE c.start END,
                           last_seen = CASE WHEN %(kind)s IS NULL THEN %(seen)s
                                            ELSE c.last_seen END,
                           trouble = %(kind)s, seconds = %(seconds)s,
                           since = CASE WHEN %(kind)s IS NOT NULL
                                        THEN COALESCE(c.since, %(seen)s) END
                    """,
                    name=self._machine(),
                    start=machine - clock.since_boot(),
                    seen=datetime.fromtimestamp(machine, timezone.utc).replace(
                        tzinfo=None
                    ),
                    kind=kind,
                    seconds=seconds,
                )
            )
        _written[self.env.cr.dbname] = clock.since_boot()
        if kind and not told:
            _logger.error(
                "No job runs: the clock of this machine cannot be trusted (%s, %d s)."
                " Set it right, or say that it is under Configuration › Clocks.",
                kind,
                seconds,
            )

    def action_accept(self):
        """An administrator has looked: the clock is right as it is now.

        :raises AccessError: for everybody else
        """
        if not self.env.user.has_group("clinic_base.group_clinic_administrator"):
            raise AccessError(
                self.env._("Only an administrator says that a clock is right.")
            )
        # sudo: clinic.clock - nobody writes it by hand
        for machine in self.sudo():
            machine.write(
                {
                    "start": machine.start + machine.seconds
                    if machine.trouble == "jumped"
                    else machine.start,
                    "last_seen": clock.now(),
                    "trouble": False,
                    "seconds": 0.0,
                    "since": False,
                    "accepted_by_id": self.env.uid,
                }
            )
        return True
