from odoo import api, models

from odoo.addons.clinic_patient.models.clinic_reading import Reading


class ClinicReading(models.AbstractModel):
    """Looks at health data: the medical record."""

    _inherit = "clinic.reading"

    @api.model
    def _readings(self):
        return super()._readings() | {
            "clinic.checkup.finding": Reading("person_id.patient_id"),
            "clinic.encounter": Reading("patient_id", None),
            "clinic.encounter.amendment": Reading("encounter_id.patient_id", None),
            "clinic.encounter.diagnosis": Reading("encounter_id.patient_id", None),
            "clinic.medication.request": Reading("encounter_id.patient_id", None),
        }

    @api.model
    def _unlogged(self):
        words = "Words of the clinic about an illness: no person is named."
        return super()._unlogged() | {
            "clinic.checkup.person": "The findings are read as records of their own.",
            "clinic.checkup.rule": words,
            "clinic.condition": words,
            "clinic.encounter.template": words,
        }
