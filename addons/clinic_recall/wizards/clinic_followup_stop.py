from odoo import fields, models

from ..models.clinic_followup import STOP_REASONS


class ClinicFollowupStop(models.TransientModel):
    """Why follow-ups are stopped."""

    _name = "clinic.followup.stop"
    _description = "Stop a follow-up"

    followup_ids = fields.Many2many("clinic.followup", required=True)
    reason = fields.Selection(STOP_REASONS, required=True, default="request")
    note = fields.Char(string="In your words")

    def action_stop(self):
        """Stop them; what was not done is taken back."""
        self.ensure_one()
        self.followup_ids.check_access("write")
        self.followup_ids._stop(self.reason, self.note)
