from odoo import SUPERUSER_ID, fields, models
from odoo.tools import clean_context, html2plaintext

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import Said

from ..lib.states import AHEAD
from .clinic_appointment_calendar import STANDING

#: Kinds of messages that are about a visit as it stands.
ABOUT_STANDING = ("visit_booked", "visit_moved", "visit_reminder")


class ClinicAppointment(models.Model):
    """A visit as the origin of messages: what their texts say of it."""

    _inherit = "clinic.appointment"

    def _queue_message(self, kind_code, contact, step, **options):
        """Write one message about the visit to one of its people.

        :param str kind_code: see ``clinic.message.kind``
        :param dict contact: as of ``_contacts``
        :param str step: tells messages of a kind about one visit apart
        :param options: see ``clinic.message._queue_query``
        :returns: ``clinic.message``
        """
        self.ensure_one()
        person = contact["person"]
        # Typed for this visit; the card's own is looked up when the message leaves.
        # sudo: clinic.appointment - compared only, told to nobody
        typed = contact["email"] and contact["email"] == self.sudo().contact_email
        # The clinic writes, not the visitor: what is made here must not belong to the
        # public user, as whom every other visitor could read it.
        context = clean_context(self.env.context)
        messages = self.env(user=SUPERUSER_ID, context=context)["clinic.message"]
        return messages._queue(
            kind_code,
            self.patient_id,
            origin=self,
            step=step,
            recipient=person,
            addresses={"email": contact["email"]} if typed else None,
            lang=contact["lang"],
            location=self.location_id,
            company=self.company_id,
            **options,
        )

    def _message_values(self, lang, message):
        """Values for the names in the texts of messages about this visit.

        Times are on the location's clock, with its zone, as on every other channel.

        :param str lang: code of the language of the text
        :param message: ``clinic.message``
        """
        self.ensure_one()
        # sudo: clinic.appointment - the text goes to the visit's own people only
        visit = self.sudo().with_context(lang=lang)
        location = visit.location_id
        values = {
            "visit_time": location._speak_time(visit.start, lang),
            "visit_day": location._speak_day(visit.start, lang),
            "visit_hour": location._speak_hour(visit.start, lang),
            "practitioner": visit.practitioner_id.display_name,
            "service": visit.service_id.name,
            "location": location.name,
            "location_address": visit._where(),
            "location_phone": location.phone or visit.company_id.phone or "",
            "reference": visit.reference,
            "preparation": html2plaintext(visit.service_id.preparation or "").strip(),
            # Its reader's own; none for an address of the clinic.
            "visit_link": message.recipient_id
            and visit._manage_url(message.recipient_id)
            or "",
        }
        if message.address and message.address == visit.contact_email:
            typed = visit.contact_name or ""
            values |= {"name": typed, "first_name": typed, "patient": typed}
        return values

    def _message_address(self, message):
        """The address that was typed for this visit, as it is now.

        :param message: ``clinic.message`` to such an address
        """
        self.ensure_one()
        # sudo: clinic.appointment - the message goes to the visit's own people only
        return self.sudo().contact_email or False

    def _message_mail_context(self, message):
        """What the e-mail layouts of visits look at: to whom they speak."""
        self.ensure_one()
        contact = self._contact_of(message.recipient_id, message.address)
        return {
            "clinic_contact": Said(dict(contact, lang=message.lang)),
            "clinic_link_person_id": Said(message.recipient_id.id),
        }

    def _message_files(self, message):
        """The calendar entry that goes with an e-mail about the visit."""
        self.ensure_one()
        if not (message.kind_id.code or "").startswith("visit_"):
            return []
        method = "REQUEST" if self.state in STANDING else "CANCEL"
        # sudo: clinic.appointment - the file goes to the visit's own people only
        visit = self.sudo().with_context(
            lang=message.lang, **self._message_mail_context(message)
        )
        return [
            ("visit.ics", f"text/calendar; method={method}", visit._calendar(method))
        ]

    def _message_is_obsolete(self, message):
        """Whether the visit is not any more as a waiting message tells."""
        self.ensure_one()
        code = message.kind_id.code or ""
        if code.startswith("visit_reminder"):
            return not self._is_to_come() or message.step != self._reminder_step()
        if code in ABOUT_STANDING:
            return self.state not in STANDING
        return False

    def _message_awaits_answer(self, message):
        """Whether a reminder asked, and nobody confirmed yet.

        :param message: ``clinic.message``
        """
        self.ensure_one()
        is_reminder = message.kind_id.lead_hours > 0
        return is_reminder and self._is_to_come() and self.state != "confirmed"

    def _is_to_come(self):
        """Whether the visit stands and has not begun."""
        self.ensure_one()
        return self.state in AHEAD and self.start > clock.now()

    def _message_line(self, lang, message):
        """The visit in one line, for a message about several of a family."""
        self.ensure_one()
        # sudo: clinic.appointment - as in _message_values
        visit = self.sudo().with_context(lang=lang)
        person = visit.patient_id
        when = visit.location_id._speak_time(visit.start, lang)
        return f"{person.given_name or person.name}: {when}, {visit.location_id.name}"

    def _reminder_step(self):
        """Tells the reminders of one time of a visit from those of another."""
        self.ensure_one()
        return fields.Datetime.to_string(self.start)
