from odoo import api, fields, models

from ..models.clinic_relationship import BY_LAW, RIGHTS


class ClinicRelationshipConfirm(models.TransientModel):
    """Staff say how they checked that somebody may act for a patient."""

    _name = "clinic.relationship.confirm"
    _description = "Confirm a relation"

    relationship_id = fields.Many2one(
        "clinic.relationship", required=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(related="relationship_id.patient_id")
    guardian_id = fields.Many2one(related="relationship_id.guardian_id")
    kind = fields.Selection(related="relationship_id.kind")
    reason = fields.Char(
        string="How it was checked",
        required=True,
        help="For example: identity card and family register seen.",
    )
    can_book = fields.Boolean(string="May book", default=True)
    can_read = fields.Boolean(
        string="May read", compute="_compute_rights", store=True, readonly=False
    )
    can_sign = fields.Boolean(
        string="May sign", compute="_compute_rights", store=True, readonly=False
    )

    @api.depends("relationship_id")
    def _compute_rights(self):
        """Propose what parents and guardians have by law."""
        for wizard in self:
            by_law = wizard.relationship_id.kind in BY_LAW
            wizard.can_read = by_law
            wizard.can_sign = by_law

    def action_confirm(self):
        """Confirm with these rights.

        :raises UserError: no reason, or it is confirmed already
        """
        self.ensure_one()
        self.relationship_id._confirm(
            self.reason, {name for name in RIGHTS if self[name]}
        )
        return {"type": "ir.actions.act_window_close"}
