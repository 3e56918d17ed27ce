from odoo import api, models

from odoo.addons.clinic_patient.models.clinic_shown import Shown


class ClinicShown(models.AbstractModel):
    """What a person may see of a patient: reports that are online."""

    _inherit = "clinic.shown"

    @api.model
    def _kinds(self):
        return super()._kinds() | {
            "clinic.diagnostic.report": Shown(
                self.env["clinic.diagnostic.report"]._readable_domain,
                "patient_id",
                ("name", "kind_id", "effective_date", "status", "doctor_id"),
                lambda report: report._may_be_online(),
            ),
        }

    @api.model
    def _own_actions(self):
        """Of wards without the reports: the line would tell of one that guardians do
        not see; who opened a report stands with the report."""
        return super()._own_actions() | {"report"}
