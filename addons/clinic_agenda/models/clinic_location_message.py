import re

from odoo import SUPERUSER_ID, fields, models
from odoo.tools import SQL, clean_context

from odoo.addons.clinic_patient.lib.ours import said

from ..lib.states import UPCOMING
from .clinic_appointment_mail import DESK_DELAY
from .clinic_location_contact import BY_PATIENTS

#: What makes a time of a visit another one for the location.
PLACE = ("start", "practitioner_id", "location_id")


def told_of(step):
    """The event and the address in the step of a message, also of one sent again.

    >>> told_of("12@3"), told_of("12@3#77@202611250030"), told_of("12@3~5~whatsapp")
    (('12', '3'), ('12', '3'), ('12', '3'))
    """
    first = re.split("[~#]", step or "")[0]
    event, _at, contact = first.partition("@")
    return event, contact


class ClinicAppointment(models.Model):
    """Visits that are new, moved or cancelled are told to their location.

    The messages are written with their cause, one for each address; what was
    corrected before they left is told once, as it is in the end.
    """

    _inherit = "clinic.appointment"

    def _after_booked(self):
        result = super()._after_booked()
        self._tell_location("booked")
        return result

    def _record_changes(self, before):
        result = super()._record_changes(before)
        for visit in self:
            old = before[visit.id]
            new = visit._snapshot()
            stood, stands = (each["state"] in UPCOMING[1:] for each in (old, new))
            if stood and stands and any(old[name] != new[name] for name in PLACE):
                visit._tell_location("moved", old["location_id"])
            elif stood and new["state"] == "cancelled":
                visit._tell_location("cancelled")
            elif old["state"] == "cancelled" and stands:
                visit._tell_location("booked")
        return result

    def _tell_location(self, event, former=None):
        """Write to the addresses of the location; to both when it was moved away.

        :param str event: ``booked``, ``moved`` or ``cancelled``
        :param int former: id of the location before
        """
        told = self.env["clinic.location.contact"]._told_locations()
        if self._is_history() or not told & {former, *self.location_id.ids}:
            return
        now = fields.Datetime.now()
        for visit in self.filtered(lambda each: each.stop > now and each.patient_id):
            origin = said(self.env.context, "clinic_channel") or (
                visit.channel if event == "booked" else "desk"
            )
            # sudo: clinic.location.contact - whoever books need not see the addresses
            places = visit.sudo().location_id
            places |= places.browse(former or [])
            contacts = places.contact_ids.filtered(
                lambda contact, origin=origin: contact._wants(event, origin)
            )
            if contacts:
                due = now if origin in BY_PATIENTS else now + DESK_DELAY
                visit._queue_for_location(event, contacts, due)

    def _queue_for_location(self, event, contacts, due):
        self.ensure_one()
        context = clean_context(self.env.context)
        messages = self.env(user=SUPERUSER_ID, context=context)["clinic.message"]
        visit = self.with_env(messages.env)
        code = f"location_{event}"
        channels = messages._channels_on(code, visit.company_id, visit)
        contacts = contacts.filtered(lambda contact: contact.channel in channels)
        waiting = visit._waiting_for_location()
        [[number]] = self.env.execute_query(
            SQL(
                "SELECT MAX(id) FROM clinic_appointment_event"
                " WHERE appointment_id = %s",
                self.id,
            )
        )
        people = visit.company_id.partner_id
        for contact in contacts:
            unsent = waiting.get(contact.id, messages)
            codes = set(unsent.mapped("kind_id.code"))
            if event == "moved" and unsent:
                # What waits tells the time as it is when it leaves.
                continue
            if event != "moved":
                unsent._cancel_queued(event)
                opposite = "cancelled" if event == "booked" else "booked"
                if f"location_{opposite}" in codes:
                    continue
            messages._queue(
                code,
                people,
                origin=visit,
                step=f"{number or 0}@{contact.id}",
                recipient=people,
                channel=contact.channel,
                addresses={contact.channel: contact.address},
                lang=contact.lang,
                location=visit.location_id,
                company=visit.company_id,
                due=due,
            )

    def _waiting_for_location(self):
        """What was not sent to the location yet, by address, locked.

        Who sends it meanwhile has told the old state, so that the new one is news.

        :returns: ``{clinic.location.contact id: clinic.message}``
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.id, m.step FROM clinic_message m
                  JOIN clinic_message_kind k ON k.id = m.kind_id
                   AND k.code LIKE 'location\\_%%'
                 WHERE m.res_model = 'clinic.appointment' AND m.res_id = %s
                   AND m.state = 'queued'
                   FOR NO KEY UPDATE OF m SKIP LOCKED
                """,
                self.id,
            )
        )
        waiting = {}
        for number, step in rows:
            contact = int(told_of(step)[1])
            waiting[contact] = waiting.get(
                contact, self.env["clinic.message"]
            ) | self.env["clinic.message"].browse(number)
        return waiting

    # ------------------------------------------------------------
    # Texts
    # ------------------------------------------------------------

    def _message_values(self, lang, message):
        if not (message.kind_id.code or "").startswith("location_"):
            return super()._message_values(lang, message)
        event, contact = self._location_step(message)
        # sudo: clinic.appointment - the location allows what is said
        visit = self.sudo().with_context(lang=lang)
        values = visit._desk_values(contact.location_id, lang)
        was = event.old_start or visit.start
        return values | {
            "was_time": visit.location_id._speak_time(was, lang),
            "how": visit._channel_words(event.channel or visit.channel),
            "backend_link": f"{visit.get_base_url()}/odoo/appointments/{visit.id}",
        }

    def _desk_values(self, place, lang):
        """What a location may be told of a visit.

        :param place: ``clinic.location`` whose people read it
        :param str lang: code of the language
        """
        self.ensure_one()
        location = self.location_id
        who = place._desk_words(self.patient_id)
        what = self.service_id.name if place.desk_service else ""
        doctor = self.practitioner_id.display_name
        return {
            "visit_time": location._speak_time(self.start, lang),
            "visit_day": location._speak_day(self.start, lang),
            "visit_hour": location._speak_hour(self.start, lang),
            "practitioner": doctor,
            "location": location.name,
            "reference": self.reference,
            "who": who,
            "what": what,
            "details": " · ".join(filter(None, [who, what, doctor])),
        }

    def _channel_words(self, channel):
        names = dict(self._fields["channel"]._description_selection(self.env))
        return names.get(channel) or names["desk"]

    def _location_step(self, message):
        """The event and the address a message to the location is about."""
        event, contact = told_of(message.step)
        # sudo: clinic.appointment.event, clinic.location.contact - as _message_values
        events = self.env["clinic.appointment.event"].sudo()
        contacts = self.env["clinic.location.contact"].sudo()
        return (
            events.browse(int(event)).exists() if event.isdigit() else events,
            contacts.browse(int(contact)).exists() if contact.isdigit() else contacts,
        )

    def _message_is_obsolete(self, message):
        code = message.kind_id.code or ""
        if not code.startswith("location_"):
            return super()._message_is_obsolete(message)
        event, contact = self._location_step(message)
        stands = self.state in UPCOMING[1:]
        if not contact.active or self.stop <= fields.Datetime.now():
            return True
        if code == "location_cancelled":
            return self.state != "cancelled"
        if code == "location_moved" and stands:
            # Moved back before anybody heard of it.
            return (event.old_start, event.old_practitioner_id) == (
                self.start,
                self.practitioner_id,
            ) and contact.location_id == self.location_id
        return not stands


class ClinicMessageKind(models.Model):
    """What the texts to a location may say: no name that tells more than it allows."""

    _inherit = "clinic.message.kind"

    def _placeholders(self):
        names = super()._placeholders()
        if self and self.code.startswith("location_"):
            for name in ("patient", "patient_first_name", "stop_link", "portal_link"):
                names.pop(name, None)
            names |= {
                "location": self.env._("Name of the location"),
                "backend_link": self.env._("Address at which the staff sees more"),
            }
            if self.code == "location_digest":
                return names | {
                    "bookings": self.env._("The new bookings, one a line"),
                    "count": self.env._("Number of new bookings"),
                    "since": self.env._("Since when they were booked"),
                }
            names |= {
                "visit_time": self.env._("Day, hour and zone of the visit"),
                "visit_day": self.env._("Day of the visit"),
                "visit_hour": self.env._("Hour of the visit"),
                "was_time": self.env._("Day and hour before it was moved"),
                "practitioner": self.env._("Practitioner of the visit"),
                "reference": self.env._("Reference of the visit"),
                "who": self.env._("The patient, as the location allows"),
                "what": self.env._("The service, if the location allows"),
                "details": self.env._("Patient, service and practitioner in one"),
                "how": self.env._("By which way it was done"),
            }
        return names


class ClinicMessage(models.Model):
    """Messages to addresses that are nobody's in the address book."""

    _inherit = "clinic.message"

    def _channels_on(self, kind_code, company, record=None, location=None):
        """The channels that the switchboard has on for a kind."""
        kind = self.env["clinic.message.kind"]._by_code(kind_code)
        # sudo: clinic.message.switch - whoever causes a message needs no rights on it
        switches = self.env["clinic.message.switch"].sudo()
        scope = switches._scope(company, record, location)
        return set(switches._chosen(kind, scope).mapped("channel"))

    def _visits_meant(self):
        """An answer from a location's own telephone confirms and cancels nothing."""
        if (self.reply_to_id.kind_id.code or "").startswith("location_"):
            return self.env["clinic.appointment"]
        return super()._visits_meant()
