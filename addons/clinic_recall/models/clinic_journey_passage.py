from odoo import fields, models


class ClinicJourneyPassage(models.Model):
    """A step that a patient passed: once, and by which way."""

    _name = "clinic.journey.passage"
    _description = "Step passed on a journey"
    _order = "id"
    _log_access = False

    entry_id = fields.Many2one(
        "clinic.journey.entry", required=True, index=True, ondelete="cascade"
    )
    node_id = fields.Many2one(
        "clinic.journey.node", required=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True)
    way = fields.Selection(
        [("next", "Then"), ("else", "Otherwise")], required=True, default="next"
    )

    _once = models.UniqueIndex("(entry_id, node_id)", "This step was passed already.")
