from odoo import api, models
from odoo.fields import Domain

from odoo.addons.clinic_patient.models.clinic_shown import Shown


class ClinicShown(models.AbstractModel):
    """What a person may see of a patient: complaints."""

    _inherit = "clinic.shown"

    @api.model
    def _kinds(self):
        return super()._kinds() | {
            "clinic.complaint": Shown(
                lambda person: (
                    person._clinic_access_domain("read", "patient_id")
                    | Domain("complainant_id", "=", person.id)
                ),
                "patient_id",
                (
                    *("name", "title", "description", "received_on", "state"),
                    "resolution",
                ),
            ),
        }
