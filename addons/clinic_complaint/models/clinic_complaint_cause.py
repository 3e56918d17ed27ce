from odoo import fields, models


class ClinicComplaintCause(models.Model):
    """Why it came to complaints; found when one is resolved."""

    _name = "clinic.complaint.cause"
    _description = "Root cause of complaints"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
