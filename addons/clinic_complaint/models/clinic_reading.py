from odoo import api, models

from odoo.addons.clinic_patient.models.clinic_reading import Reading


class ClinicReading(models.AbstractModel):
    """Looks at health data: complaints."""

    _inherit = "clinic.reading"

    @api.model
    def _readings(self):
        return super()._readings() | {
            "clinic.complaint": Reading(
                "patient_id", frozenset({"description", "resolution", "prevention"})
            ),
        }
