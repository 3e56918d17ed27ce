from odoo import fields, models


class ClinicProbe(models.Model):
    """Something that is in one place at a time."""

    _name = "clinic.probe"
    _description = "Probe"

    place = fields.Integer(required=True)
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)

    _one_at_a_time = models.Constraint(
        "EXCLUDE USING gist (place WITH =, tsrange(start, stop) WITH &&)",
        "The place is taken.",
    )
    _by_start = models.Index("(start)")
