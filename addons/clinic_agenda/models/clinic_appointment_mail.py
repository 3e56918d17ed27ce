from datetime import timedelta

from odoo import models

from odoo.addons.clinic_base.lib import clock

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

    def _tell_patients(self, changes):
        """Have the people of these visits told of what is new to them.

        What they are told in the end follows from what they knew, not from this change:
        see ``clinic.appointment.notice``. Nothing is sent about visits that are over,
        nor by imports of history.
        """
        now = clock.now()
        notices = self.env["clinic.appointment.notice"]
        news = {True: [], False: []}
        for visit, change in zip(self, changes, strict=True):
            if (
                not change.history
                and change.after.patient
                and change.after.stop > now
                and (
                    change.booked
                    or change.moved
                    or change.replaced
                    or change.cancelled
                    or change.restored
                )
            ):
                news[visit._is_booked_online()].append(change)
        if news[False]:
            notices._note(news[False], now + DESK_DELAY)
        if news[True]:
            notices._note(news[True], now)
            # Visitors read the message while the page is still open.
            self.env["ir.cron"]._set_off("clinic_agenda.ir_cron_tell")

    def _queue_messages(self, event, step):
        """Write the messages about an event.

        :param str event: key of ``KINDS``
        :param str step: tells this event from others of the visit
        """
        self.ensure_one()
        for contact in self._contacts():
            self._queue_message(KINDS[event], contact, step)

    def _message_is_obsolete(self, message):
        """What waits about a visit that changed since is left to the next telling."""
        code = message.kind_id.code or ""
        if code in KINDS.values() and self._changed_since(message):
            return True
        return super()._message_is_obsolete(message)

    def _changed_since(self, message):
        # sudo: clinic.appointment.notice - only the answer leaves this method
        notices = self.env["clinic.appointment.notice"].sudo()
        return bool(
            notices.search_count(
                [
                    ("appointment_id", "=", self.id),
                    ("due", "!=", False),
                    ("step", "=", message.step),
                ],
                limit=1,
            )
        )
