from odoo import api, fields, models


class ClinicDisruptionOption(models.Model):
    """One free time that a disrupted visit may move to."""

    _name = "clinic.disruption.option"
    _description = "Proposed time"
    _order = "sequence, start, id"

    line_id = fields.Many2one(
        "clinic.disruption.line", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    start = fields.Datetime(required=True)
    practitioner_id = fields.Many2one(
        "clinic.practitioner", required=True, ondelete="cascade"
    )
    location_id = fields.Many2one("clinic.location", required=True, ondelete="cascade")

    @api.depends("start", "practitioner_id", "location_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for option in self:
            when = option.location_id._speak_time(option.start)
            who = option.practitioner_id.display_name
            option.display_name = f"{when}, {who}"
