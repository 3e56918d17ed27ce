from odoo import fields, models


class ClinicSegmentSize(models.Model):
    """How many patients a segment had on a day."""

    _name = "clinic.segment.size"
    _description = "Segment size"
    _log_access = False
    _order = "day desc"
    _rec_name = "day"

    segment_id = fields.Many2one(
        "clinic.segment", required=True, index=True, readonly=True, ondelete="cascade"
    )
    day = fields.Date(required=True, readonly=True)
    size = fields.Integer(string="Patients", readonly=True, aggregator="max")

    _once_a_day = models.UniqueIndex("(segment_id, day)")
