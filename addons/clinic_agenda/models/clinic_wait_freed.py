from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from .clinic_appointment_mail import DESK_DELAY


class ClinicWaitFreed(models.Model):
    """A time that has become free and was not offered to the wait list yet.

    Written with its cause by one INSERT, and only when somebody waits; a scheduled
    action finds who fits (see ``clinic_wait_match``).
    """

    _name = "clinic.wait.freed"
    _description = "Time that became free"
    _order = "due, id"
    _rec_name = "start"
    _log_access = False

    practitioner_id = fields.Many2one(
        "clinic.practitioner", required=True, ondelete="cascade"
    )
    location_id = fields.Many2one("clinic.location", required=True, ondelete="cascade")
    start = fields.Datetime(required=True)
    stop = fields.Datetime(string="End", required=True)
    due = fields.Datetime(required=True, index=True)
    patient_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="set null",
        help="Whose time it was: it is not offered to the same person.",
    )

    @api.model
    def _note(self, place, due=None):
        """Put on record that a time is free again, if anybody waits for any.

        :param dict place: practitioner_id, location_id, start, stop, patient_id
        :param datetime due: naive UTC, not to be offered before
        """
        now = clock.now()
        if place["start"] <= now:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_wait_freed
                       (practitioner_id, location_id, start, stop, patient_id, due)
                SELECT %s, %s, %s, %s, %s, %s
                 WHERE EXISTS (SELECT FROM clinic_wait_list WHERE state = 'waiting')
                """,
                place["practitioner_id"],
                place["location_id"],
                place["start"],
                place["stop"],
                place.get("patient_id") or None,
                due or now,
            )
        )


class ClinicAppointment(models.Model):
    """Visits that free their time, and visits that end somebody's waiting."""

    _inherit = "clinic.appointment"

    def _note_freed(self, changes):
        """Times that are free again may be offered to who waits."""
        for visit, change in zip(self, changes, strict=True):
            if not change.freed:
                continue
            old = change.before
            delay = timedelta() if visit._is_booked_online() else DESK_DELAY
            self.env["clinic.wait.freed"]._note(
                {
                    "practitioner_id": old.practitioner,
                    "location_id": old.location,
                    "start": old.start,
                    "stop": old.stop,
                    "patient_id": old.patient,
                },
                clock.now() + delay,
            )

    def _end_waiting(self, changes):
        """Who got a visit waits no more; nor does anybody for a visit that is gone."""
        # sudo: clinic.wait.list - whoever books need not see the wait list
        waiting = self.env["clinic.wait.list"].sudo()
        running = [("state", "in", ("waiting", "offered"))]
        for visit, change in zip(self, changes, strict=True):
            if change.booked and change.after.patient:
                waiting.search(
                    [
                        ("patient_id", "=", change.after.patient),
                        ("service_id", "=", visit.service_id.id),
                        ("kind", "=", "new"),
                        *running,
                    ]
                )._close("booked", visit)
            if change.cancelled:
                waiting.search(
                    [("appointment_id", "=", change.visit), *running]
                )._close("withdrawn")
