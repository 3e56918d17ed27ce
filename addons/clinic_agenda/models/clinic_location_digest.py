from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.states import AHEAD
from .clinic_location_message import told_of

#: A booking that was being written while a list was made is on the next one.
OVERLAP = timedelta(hours=2)
#: Bookings that are written out; the others are counted.
LINES = 100


class ClinicLocationDigest(models.Model):
    """The daily list of new bookings at a location: at most one for each day.

    Which visits a list told of is kept, so that each is told once, however late or
    often the scheduled action runs.
    """

    _name = "clinic.location.digest"
    _description = "Daily list of new bookings"
    _order = "day desc, id desc"
    _rec_name = "day"

    location_id = fields.Many2one(
        "clinic.location", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="location_id.company_id")
    day = fields.Date(required=True, readonly=True, help="At the location.")
    since = fields.Datetime(required=True, readonly=True)
    until = fields.Datetime(required=True, readonly=True)
    appointment_ids = fields.Many2many(
        "clinic.appointment",
        "clinic_location_digest_rel",
        "digest_id",
        "appointment_id",
        string="New bookings",
        readonly=True,
    )

    _one_a_day = models.Constraint(
        "UNIQUE (location_id, day)", "There is a list of this day already."
    )

    @api.model
    def _cron_digest(self):
        """Scheduled action: write the daily lists whose hour has come."""
        contacts = self.env["clinic.location.contact"].search([("digest", "=", True)])
        for location in contacts.location_id:
            self.env["clinic.trouble"]._each(
                location, "Daily lists", lambda one: one._write_digest()
            )
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _queue_messages(self):
        location = self.location_id
        company = location.company_id
        if "email" not in self.env["clinic.message"]._channels_on(
            "location_digest", company, location=location
        ):
            return
        for contact in location.contact_ids.filtered("digest"):
            self.env["clinic.message"]._queue(
                "location_digest",
                company.partner_id,
                origin=self,
                step=f"@{contact.id}",
                recipient=company.partner_id,
                channel="email",
                addresses={"email": contact.address},
                lang=contact.lang,
                location=location,
                company=company,
            )

    def _message_values(self, lang, message):
        """Values for the names in the text: as much as the location allows."""
        self.ensure_one()
        # sudo: clinic.location.digest - the location allows what is said
        digest = self.sudo().with_context(lang=lang)
        location = digest.location_id
        visits = digest._standing()
        lines = []
        for visit in visits[:LINES]:
            values = visit._desk_values(location, lang)
            how = visit._channel_words(visit.channel)
            lines.append(f"{values['visit_time']}: {values['details']} ({how})")
        if len(visits) > LINES:
            lines.append(digest.env._("… and %s more", len(visits) - LINES))
        action = "action-clinic_agenda.clinic_new_booking_action"
        return {
            "location": location.name,
            "bookings": "\n".join(lines) or digest.env._("Nothing new."),
            "count": str(len(visits)),
            "since": location._speak_time(digest.since, lang),
            "backend_link": f"{digest.get_base_url()}/odoo/{action}",
        }

    def _message_address(self, message):
        """The address that the list is for, as it is now.

        :param message: ``clinic.message``
        """
        _event, contact = told_of(message.step)
        # sudo: clinic.location.contact - only the address leaves this method
        contacts = self.env["clinic.location.contact"].sudo()
        return contacts.browse(int(contact)).exists().address

    def _standing(self):
        """The visits of the list that still stand, in the order of their times."""
        return self.appointment_ids.filtered(lambda visit: visit.state in AHEAD).sorted(
            "start"
        )

    def _message_is_obsolete(self, message):
        """Nothing to tell: all of it was cancelled before the list left."""
        self.ensure_one()
        # sudo: clinic.location.digest - only the answer leaves this method
        digest = self.sudo()
        return not digest._standing() and not digest.location_id.digest_when_empty


class ClinicLocation(models.Model):
    """When the daily list of a location is due, and what is new on it."""

    _inherit = "clinic.location"

    def _digest_moment(self, day):
        """The instant of a day's list: the clock of the location, either side of DST.

        An hour that the clock skips in spring counts as it would have been; one that
        comes twice in autumn is the first.

        :param date day: at the location
        :returns: naive UTC
        """
        self.ensure_one()
        hour, minute = divmod(round(self.digest_hour * 60), 60)
        local = datetime.combine(day, time(hour % 24, minute), ZoneInfo(self.tz))
        return local.astimezone(timezone.utc).replace(tzinfo=None)

    def _write_digest(self):
        """Write the list that is due, and its messages; nothing when it was written.

        A list that was missed, because no scheduled action ran, is made up for; the
        first one ever waits for its hour.
        """
        self.ensure_one()
        now = clock.now()
        digests = self.env(user=SUPERUSER_ID)["clinic.location.digest"]
        last = digests.search([("location_id", "=", self.id)], limit=1)
        day = self._local_time(now).date()
        if now < self._digest_moment(day):
            day -= timedelta(days=1)
            if not last:
                return
        if last and last.day >= day:
            return
        due = self._digest_moment(day)
        since = last.until or due - timedelta(days=1)
        digest = digests.create(
            {"location_id": self.id, "day": day, "since": since, "until": now}
        )
        digests.env.flush_all()
        digests.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_location_digest_rel (digest_id, appointment_id)
                SELECT %(digest)s, v.id FROM clinic_appointment v
                 WHERE v.booked_at > %(since)s AND v.booked_at <= %(now)s
                   AND v.location_id = %(location)s AND v.state IN %(states)s
                   AND v.patient_id IS NOT NULL AND v.stop > %(now)s
                   AND NOT EXISTS (SELECT FROM clinic_location_digest_rel known
                                    WHERE known.appointment_id = v.id)
                """,
                digest=digest.id,
                since=since - OVERLAP if last else since,
                now=now,
                location=self.id,
                states=AHEAD,
            )
        )
        digest.invalidate_recordset(["appointment_ids"])
        if digest.appointment_ids or self.digest_when_empty:
            digest._queue_messages()


class ClinicErasure(models.AbstractModel):
    """The daily lists that told of a person lose the name as well.

    They are about many patients, so they are no trace of one of them that an export
    of a person's data would hold.
    """

    _inherit = "clinic.erasure"

    @api.model
    def _erase(self, patient):
        # sudo: clinic.location.digest, clinic.message - as everything that is erased
        digests = self.env["clinic.location.digest"].sudo()
        digests = digests.search([("appointment_ids.patient_id", "=", patient.id)])
        messages = self.env["clinic.message"].sudo()
        messages = messages.search(
            [("res_model", "=", digests._name), ("res_id", "in", digests.ids)]
        )
        words = self._words(patient.sudo())
        result = super()._erase(patient)
        self.sudo()._scrub("clinic_message", messages.ids, words)
        messages.invalidate_recordset()
        return result
