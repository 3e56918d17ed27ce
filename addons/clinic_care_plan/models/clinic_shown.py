from odoo import api, models
from odoo.fields import Domain

from odoo.addons.clinic_patient.models.clinic_shown import Shown

from ..lib import care_plan_life


class ClinicShown(models.AbstractModel):
    """What a person may see of a patient: treatment plans."""

    _inherit = "clinic.shown"

    @api.model
    def _kinds(self):
        return super()._kinds() | {
            "clinic.care.plan": Shown(
                self._plans,
                "patient_id",
                (
                    *("name", "title", "diagnosis", "description", "state"),
                    *("amount_total", "valid_until", "signed_by", "signed_on"),
                ),
            ),
            "clinic.care.plan.line": Shown(
                self._of_plans,
                "plan_id.patient_id",
                ("name", "site", "subtotal", "accepted"),
            ),
            "clinic.care.plan.instalment": Shown(
                self._of_plans,
                "plan_id.patient_id",
                ("amount", "due_date", "paid_on"),
            ),
        }

    @api.model
    def _plans(self, person):
        """Treatment plans from the moment they were presented."""
        reading = person._clinic_access_domain("read", "patient_id")
        return reading & Domain("state", "in", care_plan_life.SHOWN)

    @api.model
    def _of_plans(self, person):
        return Domain("plan_id", "any!", self._plans(person))
