from odoo import models

from odoo.addons.clinic_agenda.lib.states import NEVER_BOOKED


class ClinicAppointment(models.Model):
    """Whatever happens to a visit may make, fulfil or open a recall."""

    _inherit = "clinic.appointment"

    def _after_changes(self, changes):
        """One row for each patient, in the transaction of the visit."""
        result = super()._after_changes(changes)
        patients = {
            patient
            for change in changes
            if change.anything and change.after.state not in NEVER_BOOKED
            for patient in (
                change.after.patient,
                change.before and change.before.patient,
            )
        }
        self.env["clinic.recall.cause"]._append(patients)
        return result
