from collections.abc import Callable
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain

from ..lib import document_life


class Shown(NamedTuple):
    """What is shown of one kind of record to a person outside the clinic.

    :param domain: takes a person, and returns the Domain of the records that this
        person may see today
    :param str patient: path to the patient, or nothing for the card itself
    :param tuple fields: what of them; the notes of the staff are not among it
    :param check: takes a record in sudo and tells whether it is shown, for what no
        domain can say; nothing: the domain says all
    """

    domain: Callable
    patient: str
    fields: tuple
    check: Callable | None = None


class ClinicShown(models.AbstractModel):
    """What a person may see of a patient from outside the clinic: said once.

    For oneself, and for those one may read for today. The pages of the portal, the copy
    of the data, the calendar feed and the messages that announce something ask here, so
    that none of them holds what another one hides. A kind that is not listed is shown
    nowhere. Staff who look from inside have rights and rules instead.
    """

    _name = "clinic.shown"
    _description = "What a person may see of a patient"

    @api.model
    def _kinds(self):
        """Extension point: the kinds of records; addons add theirs to ``super()``.

        :return: ``{model: Shown}``
        """
        return {
            "res.partner": Shown(
                lambda person: person._clinic_access_domain("read"),
                "",
                (
                    *("family_name", "given_name", "middle_name", "birth_date", "sex"),
                    *("tax_code", "email", "street", "street2", "zip", "city"),
                    *("country_id", "lang"),
                ),
            ),
            "clinic.phone": Shown(
                lambda person: person._clinic_access_domain("read", "partner_id"),
                "partner_id",
                ("e164", "label", "is_preferred"),
            ),
            "clinic.relationship": Shown(
                self._relations,
                "patient_id",
                (
                    *("patient_id", "guardian_id", "kind", "date_start", "date_stop"),
                    *("can_book", "can_read", "can_sign"),
                ),
            ),
            "clinic.consent": Shown(
                self._consents,
                "patient_id",
                ("kind_id", "decision", "date", "text_id"),
            ),
            "clinic.access.log": Shown(
                self._access_lines, "patient_id", ("date", "user_id", "action")
            ),
            "clinic.document": Shown(
                lambda person: (
                    person._clinic_access_domain("read", "patient_id")
                    & Domain("state", "in", document_life.SHOWN)
                ),
                "patient_id",
                ("name", "title", "body", "state", "signed_by", "signed_on"),
            ),
        }

    @api.model
    def _relations(self, person):
        """Who acts or acted for the person, and for whom the person acts now."""
        today = person._clinic_today()
        current = Domain("date_stop", "=", False) | Domain("date_stop", ">=", today)
        return Domain("patient_id", "=", person.id) | (
            Domain("guardian_id", "=", person.id) & current
        )

    @api.model
    def _consents(self, person):
        """What holds today, of the kinds that are decided in the portal."""
        patients = person._clinic_patients_for("read")
        # sudo: clinic.consent - of those one may read for
        held = self.env["clinic.consent"].sudo()._current_ids(patients.ids)
        return Domain("id", "in", list(held)) & Domain("kind_id.in_portal", "=", True)

    @api.model
    def _access_lines(self, person):
        """Who opened what; of wards without what is nobody's but theirs."""
        reading = person._clinic_access_domain("read", "patient_id")
        own = Domain("patient_id", "=", person.id)
        return reading & (own | Domain("action", "not in", list(self._own_actions())))

    @api.model
    def _own_actions(self):
        """Extension point: actions of the access log that only the person sees, and
        nobody who reads for the person."""
        return set()

    @api.model
    def _domain(self, person, model):
        """Domain of the records of one model that a person may see today.

        :param person: ``res.partner``; also staff get what they get as a person
        :param str model: name; of one that is not listed nobody sees anything
        """
        shown = self._kinds().get(model)
        return shown.domain(person) if shown else Domain.FALSE

    @api.model
    def _find(self, person, model, domain=Domain.TRUE, limit=None, order=None):
        """Return, in sudo, the records of one model that a person may see today.

        :param person: ``res.partner``
        :param str model: name
        :param Domain domain: which of them
        """
        shown = self._kinds().get(model)
        # sudo: any model - the domain of the kind is the gate, for staff as well.
        # Rights begin and end on the clinic's clock.
        records = self.env[model].sudo().with_context(tz=person._clinic_tz())
        if not shown:
            return records
        found = records.search(shown.domain(person) & domain, limit=limit, order=order)
        return found.filtered(shown.check) if shown.check else found

    @api.model
    def _of_patient(self, person, patient):
        """Everything that a person may see of one patient today.

        :param person: ``res.partner`` who reads
        :param patient: ``res.partner``
        :return: ``{model: (records in sudo, names of fields)}``; no empty ones
        """
        found = {}
        if not self._find(person, "res.partner", Domain("id", "=", patient.id)):
            return found
        for model, shown in self._kinds().items():
            about = Domain(shown.patient or "id", "=", patient.id)
            records = self._find(person, model, about)
            if records:
                found[model] = (records, shown.fields)
        return found
