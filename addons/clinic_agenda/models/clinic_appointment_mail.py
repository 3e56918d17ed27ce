import base64
from datetime import timedelta

from odoo import SUPERUSER_ID, fields, models
from odoo.tools import clean_context

from ..lib.states import UPCOMING
from .clinic_appointment_calendar import STANDING

TEMPLATES = {
    "booked": "clinic_agenda.mail_template_visit_booked",
    "moved": "clinic_agenda.mail_template_visit_moved",
    "cancelled": "clinic_agenda.mail_template_visit_cancelled",
}
#: How long mails about visits booked at the desk wait: a slip of the mouse, an undo or
#: a second move within this time reaches nobody.
DESK_DELAY = timedelta(minutes=2)


class ClinicAppointment(models.Model):
    """What is told by e-mail about a visit, with the calendar entry attached.

    What is to be told is put on record with its cause (``clinic.appointment.notice``);
    a scheduled action writes the mails into Odoo's queue.
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

        :param str event: key of ``TEMPLATES``
        """
        if self.env.su and self.env.context.get("clinic_history"):
            return
        now = fields.Datetime.now()
        visits = self.filtered(lambda each: each.stop > now and each.patient_id)
        notices = self.env["clinic.appointment.notice"]
        for online, group in visits.grouped(
            lambda visit: visit._is_booked_online()
        ).items():
            notices._note(group, event, now if online else now + DESK_DELAY)
            if online:
                # sudo: ir.cron - visitors read the mail while the page is still open
                self.env.ref("clinic_agenda.ir_cron_tell").sudo()._trigger()

    def _queue_mails(self, event):
        """Write the mails about an event, unless it is not true any more."""
        self.ensure_one()
        cancelled = self.state not in STANDING
        if (event == "cancelled") != cancelled or self.stop <= fields.Datetime.now():
            return
        for contact in self._contacts():
            self._queue_mail(event, contact)

    def _queue_mail(self, event, contact):
        template = self.env.ref(TEMPLATES[event], raise_if_not_found=False)
        if not template:
            return
        method = "REQUEST" if self.state in STANDING else "CANCEL"
        # The clinic writes, not the visitor: what is made here must not belong to the
        # public user, as whom every other visitor could read it.
        context = {
            **clean_context(self.env.context),
            "lang": contact["lang"],
            "clinic_contact": contact,
        }
        clinic = self.with_env(self.env(user=SUPERUSER_ID, context=context))
        mail_id = template.with_env(clinic.env).send_mail(
            clinic.id,
            force_send=False,
            email_values={
                "email_to": contact["email"],
                "recipient_ids": [],
            },
        )
        mail = clinic.env["mail.mail"].browse(mail_id)
        # Bound to the message: whoever may not read it may not read the file, and
        # both are removed together.
        mail.attachment_ids = [
            (
                0,
                0,
                {
                    "name": "visit.ics",
                    "datas": base64.b64encode(clinic._calendar(method)),
                    "mimetype": f"text/calendar; method={method}",
                    "res_model": "mail.message",
                    "res_id": mail.mail_message_id.id,
                },
            )
        ]
