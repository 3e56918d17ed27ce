from odoo import api, models

from odoo.addons.clinic_patient.models.clinic_shown import Shown


class ClinicShown(models.AbstractModel):
    """What a person may see of a patient: what the clinic and the person wrote."""

    _inherit = "clinic.shown"

    @api.model
    def _kinds(self):
        messages = self.env["clinic.message"]
        return super()._kinds() | {
            "clinic.message": Shown(
                lambda person: messages._portal_domain(person, person._portal_family()),
                "patient_id",
                ("queued_at", "direction", "channel", "subject", "shown_body"),
            ),
        }
