from odoo import SUPERUSER_ID, models
from odoo.tools import SQL, clean_context

from odoo.addons.clinic_base.lib import clock

from ..lib.change import what_to_tell
from ..lib.states import AHEAD
from .clinic_appointment_mail import DESK_DELAY
from .clinic_location_contact import BY_PATIENTS


def told_of(step):
    """The event and the address in the step of a message to a location.

    >>> told_of("12@3"), told_of("@3"), told_of(None)
    (('12', '3'), ('', '3'), ('', ''))
    """
    event, _at, contact = (step or "").partition("@")
    return event, contact


class ClinicAppointment(models.Model):
    """Visits that are new, moved or cancelled are told to their location.

    The messages are written with their cause, one for each address; what was
    corrected before they left is told once, as it is in the end.
    """

    _inherit = "clinic.appointment"

    def _tell_locations(self, changes):
        """Write to the addresses of the locations; to both when one was left."""
        told = self.env["clinic.location.contact"]._told_locations()
        now = clock.now()
        for visit, change in zip(self, changes, strict=True):
            event = self._event_for_location(change)
            places = {change.after.location}
            if event == "moved":
                places.add(change.before.location)
            if (
                not event
                or change.history
                or not told & places
                or change.after.stop <= now
                or not change.after.patient
            ):
                continue
            origin = change.channel or (
                visit.channel if event == "booked" and not change.restored else "desk"
            )
            # sudo: clinic.location.contact - whoever books need not see the addresses
            contacts = (
                visit.sudo()
                .location_id.browse(places)
                .contact_ids.filtered(
                    lambda contact, event=event, origin=origin: contact._wants(
                        event, origin
                    )
                )
            )
            if contacts:
                due = now if origin in BY_PATIENTS else now + DESK_DELAY
                visit._queue_for_location(change, contacts, due)

    @staticmethod
    def _event_for_location(change):
        if change.booked or change.restored:
            return "booked"
        if change.elsewhere:
            return "moved"
        return "cancelled" if change.fell_through else None

    def _queue_for_location(self, change, contacts, due):
        """Write to addresses what they do not know yet.

        :param change: ``Change`` of this visit
        :param contacts: ``clinic.location.contact``
        :param datetime due: naive UTC, not to be sent before
        """
        self.ensure_one()
        context = clean_context(self.env.context)
        messages = self.env(user=SUPERUSER_ID, context=context)["clinic.message"]
        visit = self.with_env(messages.env)
        told = messages.env["clinic.location.told"]
        waiting = {} if change.created else visit._waiting_for_location()
        [[number]] = self.env.execute_query(
            SQL(
                "SELECT MAX(id) FROM clinic_appointment_event"
                " WHERE appointment_id = %s",
                self.id,
            )
        )
        channels = {}
        for contact in contacts:
            unsent = waiting.get(contact.id, messages)
            known = change.before
            if "location_booked" in unsent.mapped("kind_id.code"):
                known = None
            elif unsent:
                known = told._known(visit, unsent[-1]) or known
            event = what_to_tell(known, change.after)
            code = f"location_{event}"
            if event and code in unsent.mapped("kind_id.code"):
                # What waits tells the visit as it is when it leaves.
                continue
            unsent._cancel_queued(event or "undone")
            if not event or not contact[f"on_{event}"]:
                continue
            if code not in channels:
                channels[code] = messages._channels_on(code, visit.company_id, visit)
            if contact.channel not in channels[code]:
                continue
            step = f"{number or 0}@{contact.id}"
            visit._queue_to_contact(code, contact, step, due)
            if known:
                told._keep(visit, contact, step, known)

    def _queue_to_contact(self, code, contact, step, due):
        people = self.company_id.partner_id
        self.env["clinic.message"]._queue(
            code,
            people,
            origin=self,
            step=step,
            recipient=people,
            channel=contact.channel,
            addresses={contact.channel: contact.address},
            lang=contact.lang,
            location=self.location_id,
            company=self.company_id,
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
        known = visit.env["clinic.location.told"]._known(visit, message)
        was = (known and known.start) or event.old_start or visit.start
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

    def _message_address(self, message):
        if not (message.kind_id.code or "").startswith("location_"):
            return super()._message_address(message)
        _event, contact = self._location_step(message)
        return contact.channel == message.channel and contact.address

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
        _event, contact = self._location_step(message)
        stands = self.state in AHEAD
        if not contact.active or self.stop <= clock.now():
            return True
        if code == "location_cancelled":
            return self.state != "cancelled"
        if code == "location_moved" and stands:
            # Moved back before anybody heard of it.
            # sudo: clinic.location.told - only the answer leaves this method
            known = self.env["clinic.location.told"].sudo()._known(self, message)
            return bool(known) and known.place == self._facts().place
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
