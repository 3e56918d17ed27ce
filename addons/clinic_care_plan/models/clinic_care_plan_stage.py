from odoo import api, fields, models


class ClinicCarePlanStage(models.Model):
    """A step of a treatment: preparation, surgery, crowns."""

    _name = "clinic.care.plan.stage"
    _description = "Stage of a treatment plan"
    _inherit = ["clinic.gate"]
    _order = "plan_id, sequence, id"
    _clinic_sealed = frozenset({"plan_id"})

    plan_id = fields.Many2one(
        "clinic.care.plan", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)

    @api.model_create_multi
    def create(self, vals_list):
        """Stages belong to a draft."""
        stages = super().create(vals_list)
        stages.plan_id._check_editable()
        return stages

    def write(self, vals):
        """Stages belong to a draft."""
        self.plan_id._check_editable()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_of_drafts(self):
        self.plan_id._check_editable()
