import base64
from datetime import timedelta

from odoo import fields, models

from ..lib import secret_paths
from ..lib.states import UPCOMING
from .clinic_appointment_calendar import STANDING

secret_paths.install()


class ClinicAppointment(models.Model):
    """What the patient is told by e-mail, with the calendar entry attached.

    A visit booked online keeps the name, address and language given for it: they
    belong to the booking and are never written on a patient's card.
    """

    _inherit = "clinic.appointment"

    contact_name = fields.Char(
        copy=False, help="Name as typed on the website; the card is not changed by it."
    )
    contact_email = fields.Char(
        copy=False, help="Where the e-mails about this visit go, as given for it."
    )
    contact_lang = fields.Char(copy=False)
    privacy_accepted_at = fields.Datetime(
        copy=False,
        readonly=True,
        help="When the visitor accepted the privacy notice while booking.",
    )

    def _contact(self):
        """Whom to write to about the visit, and in which language.

        Visits booked at the desk without an address for them get no e-mail here.

        :returns: dict ``{"email", "name", "lang"}``
        """
        self.ensure_one()
        person = self.booked_by_id or self.patient_id
        online = self.channel in ("website", "portal")
        return {
            "email": self.contact_email or (person.email_normalized if online else ""),
            "name": self.contact_name or person.name or "",
            "lang": self.contact_lang or person.lang or self.env.lang or "en_US",
        }

    def _visitor_name(self):
        """The patient as the person who booked wrote the name."""
        self.ensure_one()
        return self.contact_name or self.patient_id.name or ""

    def _manage_path(self):
        """The link by which the visit is seen, moved and cancelled without log-in."""
        self.ensure_one()
        # sudo: clinic.appointment - the secret goes to the visit's own contact only
        return f"/clinic/visit/{self.id}/{self.sudo().access_token}"

    def _manage_url(self):
        """The same with the address of the website in front, for mails."""
        return self.get_base_url() + self._manage_path()

    def _after_booked(self):
        result = super()._after_booked()
        self._queue_mail("clinic_agenda.mail_template_visit_booked")
        return result

    def _after_moved(self, old_start):
        result = super()._after_moved(old_start)
        self._queue_mail("clinic_agenda.mail_template_visit_moved")
        return result

    def _after_cancelled(self):
        result = super()._after_cancelled()
        self._queue_mail("clinic_agenda.mail_template_visit_cancelled")
        return result

    def _queue_mail(self, template_xmlid):
        """Put a mail into Odoo's queue; whoever books does not wait for a mail server.

        Nothing is sent about visits that are over, nor by imports of history.
        """
        if self.env.su and self.env.context.get("clinic_history"):
            return
        template = self.env.ref(template_xmlid, raise_if_not_found=False)
        for visit in self.filtered(lambda each: each.stop > fields.Datetime.now()):
            contact = visit._contact()
            if template and contact["email"] and visit.patient_id:
                visit._queue_mail_to(template, contact)

    def _queue_mail_to(self, template, contact):
        method = "REQUEST" if self.state in STANDING else "CANCEL"
        # sudo: clinic.appointment, mail.mail - the clinic writes, not the visitor
        visit = self.sudo().with_context(lang=contact["lang"])
        template.sudo().send_mail(
            visit.id,
            force_send=False,
            email_values={
                "email_to": contact["email"],
                "recipient_ids": [],
                "attachment_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "visit.ics",
                            "datas": base64.b64encode(visit._calendar(method)),
                            "mimetype": f"text/calendar; method={method}",
                        },
                    )
                ],
            },
        )
        cron = self.env.ref(
            "mail.ir_cron_mail_scheduler_action", raise_if_not_found=False
        )
        if cron:
            # sudo: ir.cron - the queue starts as soon as this booking is saved
            cron.sudo()._trigger()

    def _is_over(self):
        """Whether nothing about the visit can be changed any more."""
        self.ensure_one()
        return self.state not in UPCOMING or self.start <= fields.Datetime.now()

    def _link_is_old(self):
        """Whether the link of the mails has ended: a month after the visit."""
        self.ensure_one()
        return self.stop < fields.Datetime.now() - timedelta(days=30)

    def _last_change_words(self):
        """Until when the patient may change the visit without calling, in words."""
        self.ensure_one()
        _allowed, last = self.env["clinic.booking"]._may_change(self)
        return self.location_id._speak_time(last)
