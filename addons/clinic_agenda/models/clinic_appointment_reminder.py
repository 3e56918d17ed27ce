from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.states import AHEAD

BATCH = 100

#: What the list of troubles calls this job.
JOB = "Reminders of visits"


class ClinicAppointment(models.Model):
    """Reminders of visits: written when they are due, each once for each time."""

    _inherit = "clinic.appointment"

    reminded_for = fields.Char(
        readonly=True, copy=False, help="The last reminder that was looked at."
    )

    @api.model
    def _cron_remind(self):
        """Scheduled action: write the reminders that are due, kind by kind."""
        kinds = self.env["clinic.message.kind"].search(
            [("lead_hours", ">", 0)], order="lead_hours, id"
        )
        for kind in kinds:
            while visits := self._due_for(kind):
                self.env["clinic.trouble"]._each(
                    visits, JOB, lambda visit, kind=kind: visit._remind(kind)
                )
                if not self.env["ir.cron"]._commit_progress(len(visits)):
                    return

    @api.model
    def _due_for(self, kind):
        """Lock visits that are to be reminded of, and were not yet of this time.

        A visit that was booked or moved after the reminder would have gone out is not
        reminded of: its people have just been told. Nor is one that is closer than
        the next reminder.

        :param kind: ``clinic.message.kind`` with ``lead_hours``
        """
        now = clock.now()
        shorter = self.env["clinic.message.kind"].search(
            [("lead_hours", ">", 0), ("lead_hours", "<", kind.lead_hours)],
            order="lead_hours desc",
            limit=1,
        )
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT v.id FROM clinic_appointment v
                 WHERE v.state IN %(states)s
                   AND v.start > %(after)s AND v.start <= %(until)s
                   AND v.patient_id IS NOT NULL
                   AND COALESCE((SELECT MAX(e.date) FROM clinic_appointment_event e
                                  WHERE e.appointment_id = v.id
                                    AND e.new_start = v.start
                                    AND e.old_start IS DISTINCT FROM e.new_start),
                                v.create_date) < v.start - %(lead)s
                   AND v.id <> ALL(%(waiting)s)
                   AND v.reminded_for IS DISTINCT FROM
                       %(code)s || to_char(v.start, ':YYYY-MM-DD HH24:MI:SS')
                 ORDER BY v.start, v.id LIMIT %(batch)s
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                states=AHEAD,
                after=now + timedelta(hours=shorter.lead_hours or 0),
                until=now + timedelta(hours=kind.lead_hours),
                lead=timedelta(hours=kind.lead_hours),
                waiting=list(self.env["clinic.trouble"]._waiting(self._name, JOB)),
                code=kind.code,
                batch=BATCH,
            )
        )
        return self.browse(row[0] for row in rows)

    def _remind(self, kind):
        """Write the reminders of a visit to its people."""
        self.ensure_one()
        step = self._reminder_step()
        for contact in self._contacts():
            self._queue_message(kind.code, contact, step, expires_at=self.start)
        # Also when nobody is to be told: it is not looked at again for this time.
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_appointment SET reminded_for = %s WHERE id = %s",
                f"{kind.code}:{step}",
                self.id,
            )
        )
        self.invalidate_recordset(["reminded_for"])
