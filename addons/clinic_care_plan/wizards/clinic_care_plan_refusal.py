from odoo import fields, models


class ClinicCarePlanRefusal(models.TransientModel):
    """Asks why the patient refused, when it was said at the desk."""

    _name = "clinic.care.plan.refusal"
    _description = "Refusal of a treatment plan"

    plan_id = fields.Many2one("clinic.care.plan", required=True)
    reason = fields.Char(required=True)

    def action_refuse(self):
        """Refuse the plan with the reason."""
        self.ensure_one()
        self.plan_id._refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
