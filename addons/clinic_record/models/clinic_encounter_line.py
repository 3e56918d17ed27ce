from odoo import api, fields, models


class ClinicEncounterLine(models.AbstractModel):
    """A part of an encounter: written with it, and fixed with it."""

    _name = "clinic.encounter.line"
    _description = "Part of an encounter"
    _order = "encounter_id, sequence, id"

    encounter_id = fields.Many2one(
        "clinic.encounter", required=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(related="encounter_id.state")
    sequence = fields.Integer(default=10)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.encounter_id._check_editable()
        return lines

    def write(self, vals):
        self.encounter_id._check_editable()
        result = super().write(vals)
        self.encounter_id._check_editable()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self.encounter_id._check_editable()

    def _copied_fields(self):
        """Names of what another encounter takes over."""
        return ["sequence"]

    def _copied_vals(self):
        self.ensure_one()
        return {
            name: self[name].id if self._fields[name].relational else self[name]
            for name in self._copied_fields()
        }
