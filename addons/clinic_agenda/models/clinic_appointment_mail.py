from datetime import timedelta

from odoo import fields, models

from odoo.addons.clinic_patient.lib.ours import is_ours

from ..lib.states import UPCOMING
from .clinic_appointment_calendar import STANDING

#: The kind of message by which each event is told.
KINDS = {
    "booked": "visit_booked",
    "moved": "visit_moved",
    "cancelled": "visit_cancelled",
}
#: How long messages about visits booked at the desk wait: a slip of the mouse, an undo
#: or a second move within this time reaches nobody.
DESK_DELAY = timedelta(minutes=2)


class ClinicAppointment(models.Model):
    """What is told about a visit when it is booked, moved or cancelled.

    What is to be told is put on record with its cause (``clinic.appointment.notice``);
    a scheduled action writes the messages.
    """

    _inherit = "clinic.appointment"

    def _after_booked(self):
        result = super()._after_booked()
        self._tell("booked")
        return result

    def _after_moved(self, old_start):
        result = super()._after_moved(old_start)
        self._tell("moved")
        return result

    def _after_cancelled(self):
        result = super()._after_cancelled()
        self._tell("cancelled")
        return result

    def _record_changes(self, before):
        """Another practitioner or place at the same time is news to the patient too."""
        result = super()._record_changes(before)
        for visit in self:
            old = before[visit.id]
            if (
                visit.state in UPCOMING[1:]
                and old["state"] in UPCOMING[1:]
                and old["start"] == visit.start
                and (old["practitioner_id"], old["location_id"])
                != (visit.practitioner_id.id, visit.location_id.id)
            ):
                visit._tell("moved")
        return result

    def _tell(self, event):
        """Have the people of these visits told of a booking, a move, a cancellation.

        Nothing is sent about visits that are over, nor by imports of history.

        :param str event: key of ``KINDS``
        """
        if self.env.su and is_ours(self.env.context, "clinic_history"):
            return
        now = fields.Datetime.now()
        visits = self.filtered(lambda each: each.stop > now and each.patient_id)
        notices = self.env["clinic.appointment.notice"]
        for online, group in visits.grouped(
            lambda visit: visit._is_booked_online()
        ).items():
            notices._note(group, event, now if online else now + DESK_DELAY)
            if online:
                # Visitors read the message while the page is still open.
                self.env["ir.cron"]._set_off("clinic_agenda.ir_cron_tell")

    def _queue_messages(self, event, step):
        """Write the messages about an event, unless it is not true any more.

        :param str event: key of ``KINDS``
        :param str step: tells this event from others of the visit
        """
        self.ensure_one()
        cancelled = self.state not in STANDING
        if (event == "cancelled") != cancelled or self.stop <= fields.Datetime.now():
            return
        for contact in self._contacts():
            self._queue_message(KINDS[event], contact, step)
