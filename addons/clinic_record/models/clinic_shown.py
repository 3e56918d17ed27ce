from odoo import api, models
from odoo.fields import Domain

from odoo.addons.clinic_patient.models.clinic_shown import Shown

from ..lib import encounter_life


class ClinicShown(models.AbstractModel):
    """What a person may see of a patient: signed encounters."""

    _inherit = "clinic.shown"

    @api.model
    def _kinds(self):
        return super()._kinds() | {
            "clinic.encounter": Shown(
                self._encounters,
                "patient_id",
                ("name", "start", "practitioner_id", "plan"),
            ),
            "clinic.encounter.diagnosis": Shown(
                self._of_encounters,
                "encounter_id.patient_id",
                ("condition_id", "certainty", "note"),
            ),
            "clinic.medication.request": Shown(
                self._of_encounters,
                "encounter_id.patient_id",
                ("medicine", "dose", "route", "frequency", "duration", "note"),
            ),
        }

    @api.model
    def _encounters(self, person):
        """Those that are signed, where the clinic shows encounters at all."""
        # sudo: ir.config_parameter - a setting of the site
        parameters = self.env["ir.config_parameter"].sudo()
        if parameters.get_param("clinic_record.portal_encounters") != "1":
            return Domain.FALSE
        reading = person._clinic_access_domain("read", "patient_id")
        return reading & Domain("state", "in", encounter_life.SHOWN)

    @api.model
    def _of_encounters(self, person):
        return Domain("encounter_id", "any!", self._encounters(person))
