from odoo import fields, models


class ClinicEmergencyOpen(models.TransientModel):
    """Asks why a record is opened in an emergency."""

    _name = "clinic.emergency.open"
    _description = "Open a record in an emergency"

    patient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="cascade"
    )
    reason = fields.Text(required=True)

    def action_open(self):
        """Open the record for today; the chief doctor is told."""
        self.ensure_one()
        self.patient_id.action_emergency_access(self.reason)
        return self.patient_id.get_formview_action()
