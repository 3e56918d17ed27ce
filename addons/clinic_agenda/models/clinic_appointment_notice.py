import json
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.models.claiming import claim_these, claim_waiting

from ..lib.change import packed, unpacked, what_to_tell

_logger = logging.getLogger(__name__)

BATCH = 50
#: Minutes until the next try after each failure; then it is given up.
RETRIES = (5, 30, 240)
#: States of messages that nobody has heard of.
UNHEARD = ("queued", "cancelled", "suppressed", "expired", "failed")


class BeingSent(Exception):
    """What was written last is being sent at this moment."""


class ClinicAppointmentNotice(models.Model):
    """What the people of a visit know of it, and whether that is out of date.

    Noted with its cause by one INSERT; a scheduled action writes the messages, so that
    neither a booking nor a drag waits for them, and none is lost. There is one row for
    a visit. What is told is worked out at the moment of telling, from what they knew
    and what is true by then: what was corrected meanwhile is told once, as it is in the
    end, and what was taken back is not told at all.
    """

    _name = "clinic.appointment.notice"
    _description = "Notice about a visit"
    _order = "due, id"
    _rec_name = "appointment_id"
    _log_access = False

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, ondelete="cascade"
    )
    due = fields.Datetime(
        index="btree_not_null", help="Not to be told before; empty: nothing is to tell."
    )
    failures = fields.Integer(required=True, default=0)
    known = fields.Json(
        help="What they knew before what is to be told, or was told last."
    )
    prior = fields.Json(
        help="What they knew before what was told last, in case it never left."
    )
    step = fields.Char(help="Of the messages that were written last.")
    told = fields.Integer(required=True, default=0, help="How many times.")

    _one_for_a_visit = models.Constraint(
        "UNIQUE (appointment_id)", "There is a notice about this visit already."
    )

    @api.model
    def _note(self, changes, due):
        """Put on record that visits are not any more as their people know them.

        As long as they were not told of a first change, what they know is the visit
        before it, whatever changes next.

        :param changes: list of ``Change``
        :param datetime due: naive UTC, not to be told before
        """
        known = {
            change.visit: json.dumps(packed(change.before))
            for change in sorted(changes, key=lambda change: change.visit)
        }
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_appointment_notice AS row
                       (appointment_id, known, due, failures, told)
                SELECT id, NULLIF(known::jsonb, 'null'), %s, 0, 0
                  FROM unnest(%s::int[], %s::text[]) AS news(id, known)
                ON CONFLICT (appointment_id) DO UPDATE
                   SET due = EXCLUDED.due, failures = 0,
                       prior = CASE WHEN row.due IS NULL THEN row.known
                                    ELSE row.prior END,
                       known = CASE WHEN row.due IS NULL THEN EXCLUDED.known
                                    ELSE row.known END
                """,
                due,
                list(known),
                list(known.values()),
            )
        )
        self.invalidate_model()

    @api.model
    def _cron_tell(self):
        """Write the messages that are due; several workers share the work."""
        due = [("due", "<=", clock.now())]
        while notices := claim_waiting(self, due, BATCH):
            done = len(notices)
            notices._tell()
            remaining = self.search_count(due)
            if not self.env["ir.cron"]._commit_progress(done, remaining=remaining):
                break

    def _tell(self):
        """Queue the messages of these notices; one that fails is tried again later."""
        for notice in self.filtered("due"):
            try:
                with self.env.cr.savepoint():
                    notice._tell_now()
            except Exception:  # pylint: disable=broad-except
                notice._postpone()

    def _tell_now(self):
        """Write what is new by now to those who do not know it."""
        visit = self.appointment_id
        try:
            known = self.prior if self._take_back() else self.known
        except BeingSent:
            self.due = clock.now() + timedelta(minutes=1)
            return
        event = None
        if visit.stop > clock.now():
            event = what_to_tell(unpacked(known), visit._facts())
        step = f"{event}{self.id}.{self.told + 1}"
        if event:
            visit._queue_messages(event, step)
        self.write(
            {
                "due": False,
                "failures": 0,
                "known": known,
                "prior": False,
                "step": step if event else False,
                "told": self.told + 1,
            }
        )

    def _take_back(self):
        """Take back what was written last, if none of it has left.

        :returns: whether nobody heard of it
        :raises BeingSent: a worker is at it: who hears of it is not known yet
        """
        if not self.step:
            return False
        self.env.flush_all()
        found = self.env.execute_query(
            SQL(
                """
                SELECT id, state = 'queued',
                       state IN %(unheard)s
                       AND COALESCE(suppress_reason, '') <> 'digest'
                  FROM clinic_message
                 WHERE res_model = 'clinic.appointment' AND res_id = %(visit)s
                   AND step = %(step)s
                """,
                unheard=UNHEARD,
                visit=self.appointment_id.id,
                step=self.step,
            )
        )
        if not found or not all(unheard for _id, _queued, unheard in found):
            return False
        # sudo: clinic.message - it follows from the change of the visit
        messages = self.env["clinic.message"].sudo()
        waiting = messages.browse(id_ for id_, queued, _unheard in found if queued)
        if claim_these(waiting, [("state", "=", "queued")]) != waiting:
            raise BeingSent
        waiting._cancel_queued("changed")
        return True

    @api.autovacuum
    def _gc_over(self):
        """Forget what was told of visits that are over."""
        over = clock.now() - timedelta(days=1)
        self.search(
            [("due", "=", False), ("appointment_id.stop", "<", over)], limit=10_000
        ).unlink()

    def _postpone(self):
        """Try again later, or give up: the trace names records, never persons."""
        if self.failures >= len(RETRIES):
            _logger.exception("No mail about visit %s", self.appointment_id.id)
            self.unlink()
            return
        _logger.warning("Mail about visit %s failed", self.appointment_id.id)
        self.due = clock.now() + timedelta(minutes=RETRIES[self.failures])
        self.failures += 1
