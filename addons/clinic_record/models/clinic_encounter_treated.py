from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .clinic_encounter import CHIEF_DOCTOR


class ClinicEncounter(models.Model):
    """Who may begin and sign an encounter: who treats the patient.

    Whoever signed one for a patient reads what colleagues wrote about them, so an
    encounter begins from a fact that its writer cannot make: a visit, an earlier
    encounter, or an emergency access, which has a reason and is told to the chief
    doctor.
    """

    _inherit = "clinic.encounter"

    @api.model
    def _treated(self, patients, begun):
        """Those of the patients whom the user treats.

        :param patients: ``res.partner``
        :param bool begun: whether the encounter began before; an emergency access of an
            earlier day then counts, too
        """
        # sudo: clinic.encounter, clinic.emergency.access - only the user's own, and
        # whose they are
        earlier = self.sudo().search(
            [
                ("practitioner_id", "=", self.env.uid),
                ("patient_id", "in", patients.ids),
                ("state", "!=", "draft"),
            ]
        )
        domain = [("user_id", "=", self.env.uid), ("patient_id", "in", patients.ids)]
        if not begun:
            domain.append(("last_day", ">=", patients._clinic_today()))
        # sudo: clinic.emergency.access - the user's own only, by the domain
        opened = self.env["clinic.emergency.access"].sudo().search(domain)
        visits = self.env["clinic.appointment"]
        domain = visits._domain_of_treating() & Domain("patient_id", "in", patients.ids)
        # sudo: clinic.appointment - only whose visits with the user there are
        known = visits.sudo().search(domain).patient_id
        known |= earlier.patient_id | opened.patient_id
        return patients & known.with_env(patients.env)

    def _check_treated(self, begun=False):
        """Refuse an encounter for somebody whom the user does not treat.

        :param bool begun: see :meth:`_treated`
        :raises AccessError: says how to open the record first
        """
        if self.env.su or self.env.user.has_group(CHIEF_DOCTOR):
            return
        patients = self.patient_id
        if patients - self._treated(patients, begun):
            raise AccessError(
                self.env._(
                    "This patient has no visit with you that somebody else booked or "
                    "received: ask the desk to book one, or use “Open in an "
                    "emergency” on the card, say why, and write it then."
                )
            )
