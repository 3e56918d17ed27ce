from odoo import fields, models


class ClinicReportWithdrawal(models.TransientModel):
    """Asks why reports are withdrawn."""

    _name = "clinic.report.withdrawal"
    _description = "Withdraw reports"

    report_ids = fields.Many2many("clinic.diagnostic.report", required=True)
    reason = fields.Char(required=True)

    def action_withdraw(self):
        """Take the reports back; patients do not see them any more."""
        self.report_ids._withdraw(self.reason)
        return {"type": "ir.actions.act_window_close"}
