from odoo import api, models

from odoo.addons.clinic_patient.models.clinic_reading import Reading


class ClinicReading(models.AbstractModel):
    """Looks at health data: reports."""

    _inherit = "clinic.reading"

    @api.model
    def _readings(self):
        return super()._readings() | {
            "clinic.diagnostic.report": Reading("patient_id"),
            "clinic.diagnostic.report.version": Reading("report_id.patient_id", None),
        }

    @api.model
    def _unlogged(self):
        work = "Shows what was done and by whom, and nothing of the record itself."
        return super()._unlogged() | {"clinic.report.access": work}
