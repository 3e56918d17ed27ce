from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..lib.states import UPCOMING
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
    stop = fields.Datetime(required=True)
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
        now = fields.Datetime.now()
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

    def _record_changes(self, before):
        result = super()._record_changes(before)
        freed = self.env["clinic.wait.freed"]
        for visit in self:
            old = before[visit.id]
            if old["state"] not in UPCOMING[1:] or (
                visit.state in UPCOMING[1:]
                and (old["start"], old["practitioner_id"], old["location_id"])
                == (visit.start, visit.practitioner_id.id, visit.location_id.id)
            ):
                continue
            if visit.state not in (*UPCOMING[1:], "cancelled"):
                continue
            delay = timedelta() if visit._is_booked_online() else DESK_DELAY
            freed._note(old, fields.Datetime.now() + delay)
        return result

    def _after_booked(self):
        result = super()._after_booked()
        # sudo: clinic.wait.list - whoever books need not see the wait list
        waiting = self.env["clinic.wait.list"].sudo()
        for visit in self.filtered("patient_id"):
            waiting.search(
                [
                    ("patient_id", "=", visit.patient_id.id),
                    ("service_id", "=", visit.service_id.id),
                    ("state", "in", ("waiting", "offered")),
                    ("kind", "=", "new"),
                ]
            )._close("booked", visit)
        return result

    def _after_cancelled(self):
        result = super()._after_cancelled()
        # sudo: clinic.wait.list - as in _after_booked
        self.env["clinic.wait.list"].sudo().search(
            [
                ("appointment_id", "in", self.ids),
                ("state", "in", ("waiting", "offered")),
            ]
        )._close("withdrawn")
        return result
