from odoo import fields, models


class ClinicDealRefusal(models.TransientModel):
    """Asks why, when a deal is lost."""

    _name = "clinic.deal.refusal"
    _description = "Reason of a refusal"

    lead_ids = fields.Many2many("crm.lead", required=True)
    stage_id = fields.Many2one(
        "crm.stage", required=True, domain=[("is_lost", "=", True)]
    )
    lost_reason_id = fields.Many2one("crm.lost.reason", string="Reason", required=True)
    comment = fields.Text()

    def action_apply(self):
        """Move the deals with the reason, and show the board again."""
        self.ensure_one()
        self.lead_ids.write(
            {"stage_id": self.stage_id.id, "lost_reason_id": self.lost_reason_id.id}
        )
        if self.comment:
            for deal in self.lead_ids:
                deal.message_post(body=self.comment)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
