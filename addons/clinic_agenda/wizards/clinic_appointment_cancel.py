from odoo import fields, models

from odoo.addons.clinic_patient.lib.ours import Said


class ClinicAppointmentCancel(models.TransientModel):
    """Asks why a visit is cancelled; the answer stands in its history."""

    _name = "clinic.appointment.cancel"
    _description = "Cancel an appointment"

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, readonly=True, ondelete="cascade"
    )
    cancelled_by = fields.Selection(
        [("patient", "Patient"), ("clinic", "Clinic")],
        required=True,
        default="patient",
        string="Who cancels",
    )
    reason = fields.Char(required=True)

    def action_cancel(self):
        """Cancel the visit and give its time free."""
        self.ensure_one()
        self.appointment_id.with_context(clinic_channel=Said("desk"))._cancel(
            self.reason, by=self.cancelled_by
        )
        return {"type": "ir.actions.act_window_close"}
