from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

#: Failures in a row after which a provider is left alone for a while.
BREAKER_FAILURES = 5
#: Seconds it is left alone at first; twice as long after each probe that fails.
BREAKER_SECONDS = 60
LONGEST_PAUSE = 1800
#: How long a provider that gave answers nobody can use is shown in red.
ODD_FOR = timedelta(hours=1)
#: What tells of a provider's health says nothing of how it is reached.
HEALTH = {
    *("failures", "open_until", "odd_until"),
    *("last_success", "last_failure", "last_error"),
}


class ClinicMessageProvider(models.Model):
    """The health of a provider: a breaker, and a light that says why it is red.

    A provider that fails some times in a row is left alone, then one message of one
    worker probes it; each probe that fails doubles the pause. Whoever sets it up anew
    does not wait for the end of the pause: a probe goes at once.
    """

    _inherit = "clinic.message.provider"

    failures = fields.Integer(readonly=True, copy=False, default=0)
    open_until = fields.Datetime(string="Left alone until", readonly=True, copy=False)
    odd_until = fields.Datetime(
        string="Answers unusable until",
        readonly=True,
        copy=False,
        help="Until then it is shown that its answers cannot be used.",
    )
    last_success = fields.Datetime(readonly=True, copy=False)
    last_failure = fields.Datetime(readonly=True, copy=False)
    last_error = fields.Char(readonly=True, copy=False)
    health = fields.Selection(
        [
            ("good", "Works"),
            ("shaky", "Fails at times"),
            ("odd", "Its answers cannot be used"),
            ("down", "Does not answer"),
            ("held", "Paused after a restore"),
        ],
        compute="_compute_health",
    )

    @api.depends("failures", "open_until", "odd_until")
    def _compute_health(self):
        now = clock.now()
        held = self.env["clinic.message"]._is_held()
        for provider in self:
            failures = provider.failures
            odd = provider.odd_until and provider.odd_until > now
            provider.health = (
                "held"
                if held
                # Red until it answers, not only while it is left alone.
                else "down"
                if failures >= BREAKER_FAILURES
                else "odd"
                if odd
                else "shaky"
                if failures
                else "good"
            )

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys() <= HEALTH:
            self._probe_soon()
        return result

    def _probe_soon(self):
        """Somebody has changed how these are reached: end their pause, and try."""
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_message_provider SET open_until = NULL"
                " WHERE id = ANY(%s) AND open_until IS NOT NULL RETURNING id",
                self.ids,
            )
        )
        paused = self.browse(row[0] for row in self.env.cr.fetchall())
        paused.invalidate_recordset(["open_until"], flush=False)
        paused._wake()

    def _is_open(self):
        """Whether the breaker keeps the provider from being called now."""
        self.ensure_one()
        return bool(self.open_until) and self.open_until > clock.now()

    def _take_turn(self):
        """Whether this worker may call the provider now.

        Of several workers one gets the probe of a provider that failed: it is taken
        by one statement that is committed at once.

        :returns: ``None`` for no, ``"all"``, or ``"probe"`` for one message
        """
        self.ensure_one()
        if self._is_open():
            return None
        if self.failures < BREAKER_FAILURES:
            return "all"
        now = clock.now()
        taken = self._note(
            SQL(
                "UPDATE clinic_message_provider SET open_until = %(until)s"
                " WHERE id = %(id)s AND failures >= %(most)s"
                " AND (open_until IS NULL OR open_until <= %(now)s) RETURNING id",
                until=now + timedelta(seconds=BREAKER_SECONDS),
                id=self.id,
                most=BREAKER_FAILURES,
                now=now,
            )
        )
        return "probe" if taken else None

    def _note_success(self):
        """The provider answered; written when that is news, at most once a minute."""
        now = clock.now()
        self._note(
            SQL(
                "UPDATE clinic_message_provider SET failures = 0, open_until = NULL,"
                " last_success = %(now)s WHERE id = %(id)s AND (failures > 0"
                " OR last_success IS NULL OR last_success < %(minute)s) RETURNING id",
                now=now,
                minute=now - timedelta(minutes=1),
                id=self.id,
            )
        )

    def _note_failure(self, error):
        """The provider did not answer; after some failures in a row it is left alone.

        :param str error: words for the staff, without anything of a message
        """
        now = clock.now()
        self._note(
            SQL(
                """
                UPDATE clinic_message_provider
                   SET failures = COALESCE(failures, 0) + 1, last_failure = %(now)s,
                       last_error = %(error)s,
                       open_until = CASE WHEN COALESCE(failures, 0) + 1 < %(most)s
                                         THEN open_until
                       ELSE %(now)s::timestamp + LEAST(%(longest)s, %(seconds)s * 2 ^
                            LEAST(COALESCE(failures, 0) + 1 - %(most)s, 16))
                            * interval '1 second' END
                 WHERE id = %(id)s RETURNING id
                """,
                now=now,
                error=(error or "")[:200],
                most=BREAKER_FAILURES,
                seconds=BREAKER_SECONDS,
                longest=LONGEST_PAUSE,
                id=self.id,
            )
        )

    def _note_odd(self, words):
        """The provider answered what nobody can use: shown in red for a while.

        :param str words: for the staff, without anything of a message
        """
        now = clock.now()
        self._note(
            SQL(
                "UPDATE clinic_message_provider SET odd_until = %(until)s,"
                " last_failure = %(now)s, last_error = %(error)s WHERE id = %(id)s"
                " RETURNING id",
                until=now + ODD_FOR,
                now=now,
                error=(words or "")[:200],
                id=self.id,
            )
        )

    def _note(self, query):
        """Write the health apart from the messages: several senders write it at the
        same time, and none may lose what it has just sent by that.

        :returns: whether a row was written
        """
        if self.env.context.get("ir_cron_progress_id"):
            with self.env["clinic.rate.limit"]._own_cursor() as cr:
                cr.execute(query)
                written = bool(cr.fetchone())
        else:
            self.env.cr.execute(query)
            written = bool(self.env.cr.fetchone())
        self.invalidate_recordset(flush=False)
        return written
