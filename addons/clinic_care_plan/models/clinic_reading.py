from odoo import api, models

from odoo.addons.clinic_patient.models.clinic_reading import Reading


class ClinicReading(models.AbstractModel):
    """Looks at health data: treatment plans."""

    _inherit = "clinic.reading"

    @api.model
    def _readings(self):
        return super()._readings() | {
            "clinic.care.plan": Reading("patient_id"),
            "clinic.care.plan.line": Reading("plan_id.patient_id"),
        }
