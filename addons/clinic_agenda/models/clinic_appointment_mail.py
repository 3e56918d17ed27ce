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
#: Tells a mail that still waits from the others about the same visit.
HEADER = "X-Clinic-Visit"
#: How long mails about visits booked at the desk wait: a slip of the mouse, an undo or
#: a second move within this time reaches nobody.
DESK_DELAY = timedelta(minutes=2)


class ClinicAppointment(models.Model):
    """What is told by e-mail about a visit, with the calendar entry attached.

    Mails are rows in Odoo's queue; no request waits for a mail server.
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
        """Queue the mails about a booking, a move or a cancellation.

        Nothing is sent about visits that are over, nor by imports of history. A mail
        that still waits is replaced: nobody hears of a time that was corrected before
        the mail left, nor of a visit that was taken back.

        :param str event: key of ``TEMPLATES``
        """
        if self.env.su and self.env.context.get("clinic_history"):
            return
        now = fields.Datetime.now()
        for visit in self.filtered(lambda each: each.stop > now and each.patient_id):
            for contact in visit._contacts():
                visit._queue_mail(visit._drop_waiting(event, contact), contact)

    def _drop_waiting(self, event, contact):
        """Take back what waits for the same reader; what is left to say.

        :returns: key of ``TEMPLATES``, or ``None``: there is nothing to say any more
        """
        # sudo: mail.mail - the queue is nobody's own
        mails = self.env["mail.mail"].sudo()
        waiting = mails.search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("state", "=", "outgoing"),
                ("email_to", "=", contact["email"]),
                ("headers", "like", HEADER),
            ]
        )
        unheard = any(self._mail_header("booked") == mail.headers for mail in waiting)
        waiting.unlink()
        if unheard:
            return None if event == "cancelled" else "booked"
        return event

    def _mail_header(self, event):
        return repr({HEADER: event})

    def _queue_mail(self, event, contact):
        template = event and self.env.ref(TEMPLATES[event], raise_if_not_found=False)
        if not template:
            return
        method = "REQUEST" if self.state in STANDING else "CANCEL"
        due = None if self._is_booked_online() else fields.Datetime.now() + DESK_DELAY
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
                "headers": self._mail_header(event),
                "scheduled_date": due,
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
        cron = clinic.env.ref(
            "mail.ir_cron_mail_scheduler_action", raise_if_not_found=False
        )
        if cron:
            # The queue starts as soon as this booking is saved, or its mail is due.
            cron._trigger(due)
