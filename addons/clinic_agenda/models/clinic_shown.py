from odoo import api, models
from odoo.fields import Domain

from odoo.addons.clinic_patient.models.clinic_shown import Shown

from ..lib.states import NEVER_BOOKED
from .clinic_wait_list import ACTIVE


class ClinicShown(models.AbstractModel):
    """What a person may see of a patient: visits and wishes."""

    _inherit = "clinic.shown"

    @api.model
    def _kinds(self):
        return super()._kinds() | {
            "clinic.appointment": Shown(
                lambda person: (
                    person._portal_visits_domain()
                    & Domain("state", "not in", NEVER_BOOKED)
                ),
                "patient_id",
                (
                    *("reference", "start", "stop", "service_id", "practitioner_id"),
                    *("location_id", "state"),
                ),
            ),
            "clinic.wait.list": Shown(
                self._wishes, "patient_id", ("service_id", "state")
            ),
        }

    @api.model
    def _wishes(self, person):
        reading = person._clinic_access_domain("read", "patient_id")
        booking = person._clinic_access_domain("book", "patient_id")
        return (reading | booking) & Domain("state", "in", ACTIVE)
