from odoo import models

#: A visit in these states has not been there for anybody.
UNSEEN = ("held", "expired")


class ClinicAppointment(models.Model):
    """Whatever happens to a visit may make, fulfil or open a recall."""

    _inherit = "clinic.appointment"

    def _record_events(self, vals_list):
        """One row for each patient, in the transaction of the visit."""
        result = super()._record_events(vals_list)
        patients = {
            visit.patient_id.id
            # sudo: clinic.appointment - the row is a consequence, whoever wrote it
            for visit in self.sudo()
            if visit.state not in UNSEEN
        }
        self.env["clinic.recall.cause"]._append(patients)
        return result
