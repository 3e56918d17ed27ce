from odoo import fields, models

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import said

from ..lib.states import NEVER_BOOKED, UPCOMING

STAFF = "clinic_patient.group_clinic_user"


def _can_be_reached(person):
    """Whether a person has an e-mail address or a telephone."""
    return bool(person.email_normalized or person.phone_ids)


class ClinicAppointment(models.Model):
    """Whom the clinic writes to about a visit, and the link in what it writes.

    A visit booked online keeps the name, address and language given for it: they
    belong to the booking and are never written on a patient's card.
    """

    _inherit = "clinic.appointment"

    contact_name = fields.Char(
        copy=False,
        groups=STAFF,
        help="Name as typed on the website; the card is not changed by it.",
    )
    contact_booker = fields.Char(
        string="Booked by, as typed",
        copy=False,
        groups=STAFF,
        help="Who booked on the website for somebody else: the parent or guardian of a "
        "minor.",
    )
    contact_email = fields.Char(
        copy=False,
        groups=STAFF,
        help="Where the e-mails about this visit go, as given for it.",
    )
    contact_lang = fields.Char(copy=False, groups=STAFF)
    privacy_accepted_at = fields.Datetime(
        copy=False,
        readonly=True,
        groups=STAFF,
        help="When the visitor accepted the privacy notice while booking.",
    )
    tell_patient = fields.Boolean(
        string="Tell the patient",
        default=True,
        groups=STAFF,
        help="Confirmation, new time and cancellation of a visit booked at the desk. "
        "The location decides whether such messages are sent at all; visits booked "
        "online always have them.",
    )

    def _contact(self):
        """Whom to write to about the visit, and in which language.

        :returns: dict ``{"email", "name", "lang"}``; the email is empty if nobody is
            to be told
        """
        self.ensure_one()
        chosen = said(self.env.context, "clinic_contact")
        contacts = chosen and [chosen] or self._contacts()
        return contacts[0] if contacts else self._contact_of(self.patient_id, "")

    def _contacts(self):
        """Everybody who is told about the visit, each by a message of their own.

        Online: the address given for the visit, as long as whoever booked may act for
        the patient. At the desk: the patient, or the guardians of a minor.

        :returns: list of dicts as of :meth:`_contact` and ``person``; the e-mail is
            empty for who is told by other ways
        """
        self.ensure_one()
        # sudo: clinic.appointment - the mail goes to the visit's own people only
        visit = self.sudo()
        online = visit._is_booked_online()
        if not online and not (
            visit.tell_patient and visit.location_id.tell_desk_visits
        ):
            return []
        if online and visit._booker_may_act():
            person = visit.booked_by_id or visit.patient_id
            email = visit.contact_email or person.email_normalized
            return [visit._contact_of(person, email)]
        return [
            visit._contact_of(person, person.email_normalized)
            for person in visit._patient_or_guardians()
        ]

    def _is_booked_online(self):
        self.ensure_one()
        return self.channel in ("website", "portal")

    def _contact_of(self, person, email):
        # sudo: clinic.appointment - as in _contacts
        visit = self.sudo()
        typed = visit.contact_email and email == visit.contact_email
        return {
            "person": person,
            "email": email or "",
            "name": (typed and (visit.contact_booker or visit.contact_name))
            or person.name
            or "",
            "lang": (typed and visit.contact_lang)
            or person.lang
            or self.env.lang
            or "en_US",
        }

    def _booker_may_act(self):
        """Whether who booked online for somebody else may still do so today.

        The mails and the link of a visit end for a former guardian, and for the
        parents of somebody who has come of age.
        """
        self.ensure_one()
        # sudo: clinic.appointment - only the answer leaves this method
        booker, patient = self.sudo().booked_by_id, self.sudo().patient_id
        if not self._is_booked_online() or not booker or booker == patient:
            return True
        return patient in booker._clinic_patients_for("book")

    def _patient_or_guardians(self):
        """The patient, or those who act for a minor, who can be reached at all."""
        patient = self.patient_id
        people = patient
        if patient.birth_date and patient.clinic_age < 18:
            rights = patient.relationship_ids.filtered_domain(
                patient._clinic_relationship_domain("book")
            )
            people = rights.guardian_id.filtered(_can_be_reached) or patient
        return people.filtered(_can_be_reached)

    def _visitor_name(self):
        """The patient as the person who booked wrote the name."""
        self.ensure_one()
        # sudo: clinic.appointment - the name goes to the visit's own people only
        visit = self.sudo()
        return visit.contact_name or visit.patient_id.name or ""

    def _is_finished(self):
        """Whether there is a visit: neither a held time nor one that was given up."""
        return bool(self) and self.state not in NEVER_BOOKED

    def _is_over(self):
        """Whether nothing about the visit can be changed any more."""
        self.ensure_one()
        return self.state not in UPCOMING or self.start <= clock.now()

    def _may_change_online(self):
        """Whether the patient may still move or cancel the visit without calling."""
        self.ensure_one()
        return self.env["clinic.booking"]._may_change(self)[0]

    def _last_change_words(self):
        """Until when the patient may change the visit without calling, in words."""
        self.ensure_one()
        _allowed, last = self.env["clinic.booking"]._may_change(self)
        return self.location_id._speak_time(last)
