import hashlib
from datetime import timedelta
from urllib.parse import urlsplit

import vobject
from dateutil.tz import UTC

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize, html2plaintext

from odoo.addons.clinic_base.lib import clock

#: States that a calendar shows as taking place.
STANDING = (
    "booked",
    "rescheduled",
    "confirmed",
    "arrived",
    "in_room",
    "done",
    "closed",
)
PRODUCT = "-//Clinic suite//Agenda//EN"


class ClinicAppointment(models.Model):
    """A visit as an entry of other calendars (RFC 5545). Times are written in UTC,
    which every calendar shows on its owner's clock, both changes included."""

    _inherit = "clinic.appointment"

    def _calendar_uid(self):
        """The name of the visit for calendars: never changes, so moves follow."""
        self.ensure_one()
        # sudo: ir.config_parameter - tells this database from others
        parameters = self.env["ir.config_parameter"].sudo()
        return f"{self.reference}@{parameters.get_param('database.uuid')}"

    def _calendar(self, method="PUBLISH", name=None, audience="patient"):
        """These visits as an iCalendar file.

        :param str method: ``REQUEST`` and ``CANCEL`` for mails, ``PUBLISH`` for files
            and feeds
        :param str name: of the calendar, for feeds
        :param str audience: ``patient`` or ``practitioner``; the latter sees initials
            unless ``clinic_agenda.feed_full_names`` is set
        :returns: bytes; the same visits give the same bytes
        """
        calendar = vobject.iCalendar()
        calendar.add("prodid").value = PRODUCT
        calendar.add("method").value = method
        if name:
            calendar.add("name").value = name
            calendar.add("x-wr-calname").value = name
            refresh = calendar.add("refresh-interval")
            refresh.value = "PT15M"
            refresh.params["VALUE"] = ["DURATION"]
            calendar.add("x-published-ttl").value = "PT15M"
        for visit in self:
            visit._add_to_calendar(calendar, method, audience)
        return calendar.serialize(validate=False).encode()

    def _add_to_calendar(self, calendar, method, audience):
        event = calendar.add("vevent")
        changed = self.write_date or self.create_date
        event.add("uid").value = self._calendar_uid()
        event.add("dtstamp").value = changed.replace(microsecond=0, tzinfo=UTC)
        event.add("last-modified").value = changed.replace(microsecond=0, tzinfo=UTC)
        event.add("sequence").value = str(self._calendar_sequence())
        event.add("dtstart").value = self.start.replace(tzinfo=UTC)
        event.add("dtend").value = self.stop.replace(tzinfo=UTC)
        event.add("summary").value = self._calendar_title(audience)
        event.add("description").value = self._calendar_text(audience)
        event.add("location").value = self._where(audience)
        event.add("status").value = (
            "CONFIRMED" if self.state in STANDING else "CANCELLED"
        )
        event.add("transp").value = "OPAQUE"
        event.add("class").value = "PRIVATE"
        if method in ("REQUEST", "CANCEL"):
            self._add_people(event)

    def _calendar_sequence(self):
        """Counts up with each change, the cancellation included."""
        return self.change_sequence + (self.state == "cancelled")

    def _add_people(self, event):
        organizer = event.add("organizer")
        organizer.value = f"mailto:{self._sender_address()}"
        organizer.params["CN"] = [self._parameter(self.company_id.name)]
        recipient = self._contact()["email"]
        if recipient:
            attendee = event.add("attendee")
            attendee.value = f"mailto:{recipient}"
            attendee.params["CN"] = [self._parameter(self._visitor_name())]
            attendee.params["PARTSTAT"] = ["ACCEPTED"]
            attendee.params["RSVP"] = ["FALSE"]

    def _parameter(self, text):
        """A name as RFC 5545 lets a parameter hold it: on one line, without ``"``."""
        return " ".join((text or "").replace('"', "'").split())

    def _sender_address(self):
        """Where answers to the mails about this visit go."""
        company = self.company_id
        return email_normalize(company.email or "") or f"noreply@{self._host()}"

    def _host(self):
        """Name of the website, without scheme and port."""
        return urlsplit(self.get_base_url()).hostname or "localhost"

    def _calendar_title(self, audience):
        service = self.service_id.name
        if audience == "practitioner":
            return f"{self._patient_for_feed()} · {service}"
        return f"{service} · {self.practitioner_id.display_name}"

    def _patient_for_feed(self):
        """Initials, because a subscribed calendar leaves the clinic's hands."""
        # sudo: ir.config_parameter - a setting of the site
        parameters = self.env["ir.config_parameter"].sudo()
        name = self.patient_id.name or ""
        if parameters.get_param("clinic_agenda.feed_full_names"):
            return name
        return " ".join(f"{word[0]}." for word in name.split()[:3])

    def _calendar_text(self, audience):
        lines = [self.local_start, self.env._("Reference: %s", self.reference)]
        if audience == "patient":
            lines.insert(0, self._visitor_name())
            preparation = html2plaintext(self.service_id.preparation or "").strip()
            if preparation:
                lines += ["", self.env._("How to prepare"), preparation]
        elif self.room_id:
            lines.append(self.room_id.name)
        return "\n".join(line for line in lines if line is not None)

    def _where(self, audience="patient"):
        """Name and address of the location on one line."""
        parts = [self.location_id.name]
        if audience == "patient":
            parts += self._address_lines()
        return ", ".join(parts)

    def _address_lines(self):
        """The postal address of the location, without empty lines."""
        # sudo: res.partner - where the clinic is, is public
        partner = self.location_id.sudo().partner_id
        address = partner._display_address(without_company=True) if partner else ""
        return [line.strip() for line in address.splitlines() if line.strip()]

    @api.model
    def _feed(self, domain, name, audience):
        """A subscribed calendar: the last 30 days and all that is to come.

        :param domain: whose visits
        :returns: ``(bytes, entity tag)``; the tag changes only with the visits
        """
        # sudo: clinic.appointment - whoever knows the secret address sees this domain
        visits = (
            self.env["clinic.appointment"]
            .sudo()
            .search(
                Domain(domain)
                & Domain("state", "in", STANDING)
                & Domain("start", ">=", clock.now() - timedelta(days=30)),
                order="start, id",
                limit=5000,
            )
        )
        body = visits._calendar(name=name, audience=audience)
        return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
