import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_patient.models.claiming import claim_waiting

_logger = logging.getLogger(__name__)

BATCH = 50
#: Minutes until the next try after each failure; then it is given up.
RETRIES = (5, 30, 240)


class ClinicAppointmentNotice(models.Model):
    """Something about a visit that its people have not been told yet.

    Written with its cause by one INSERT; a scheduled action writes the messages, so
    that neither a booking nor a drag waits for them, and none is lost. There is one
    notice for a visit: what was corrected meanwhile is told once, as it is in the end.
    """

    _name = "clinic.appointment.notice"
    _description = "Notice about a visit"
    _order = "due, id"
    _rec_name = "appointment_id"
    _log_access = False

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, ondelete="cascade"
    )
    event = fields.Selection(
        [("booked", "Booked"), ("moved", "Moved"), ("cancelled", "Cancelled")],
        required=True,
    )
    due = fields.Datetime(required=True, index=True)
    failures = fields.Integer(required=True, default=0)

    _one_for_a_visit = models.Constraint(
        "UNIQUE (appointment_id)", "There is a notice about this visit already."
    )

    @api.model
    def _note(self, visits, event, due):
        """Put on record what is to be told about visits.

        A booking that nobody heard of stays a booking when it is moved, and leaves
        nothing to say when it is cancelled.

        :param visits: ``clinic.appointment``
        :param str event: ``booked``, ``moved`` or ``cancelled``
        :param datetime due: naive UTC, not to be told before
        """
        ids = set(visits.ids)
        if event == "cancelled" and ids:
            self.env.cr.execute(
                "DELETE FROM clinic_appointment_notice WHERE event = 'booked'"
                " AND appointment_id = ANY(%s) RETURNING appointment_id",
                [list(ids)],
            )
            ids -= {row[0] for row in self.env.cr.fetchall()}
        if ids:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO clinic_appointment_notice AS known
                           (appointment_id, event, due, failures)
                    SELECT id, %s, %s, 0 FROM unnest(%s) id
                    ON CONFLICT (appointment_id) DO UPDATE
                       SET due = EXCLUDED.due, failures = 0,
                           event = CASE WHEN known.event = 'booked' THEN 'booked'
                                        ELSE EXCLUDED.event END
                    """,
                    event,
                    due,
                    sorted(ids),
                )
            )
        self.invalidate_model()

    @api.model
    def _cron_tell(self):
        """Write the messages that are due; several workers share the work."""
        due = [("due", "<=", fields.Datetime.now())]
        while notices := claim_waiting(self, due, BATCH):
            done = len(notices)
            notices._tell()
            remaining = self.search_count(due)
            if not self.env["ir.cron"]._commit_progress(done, remaining=remaining):
                break

    def _tell(self):
        """Queue the messages of these notices; one that fails is tried again later."""
        for notice in self:
            try:
                with self.env.cr.savepoint():
                    notice.appointment_id._queue_messages(
                        notice.event, f"{notice.event}{notice.id}"
                    )
                    notice.unlink()
            except Exception:  # pylint: disable=broad-except
                notice._postpone()

    def _postpone(self):
        """Try again later, or give up: the trace names records, never persons."""
        if self.failures >= len(RETRIES):
            _logger.exception("No mail about visit %s", self.appointment_id.id)
            self.unlink()
            return
        _logger.warning("Mail about visit %s failed", self.appointment_id.id)
        self.due = fields.Datetime.now() + timedelta(minutes=RETRIES[self.failures])
        self.failures += 1
