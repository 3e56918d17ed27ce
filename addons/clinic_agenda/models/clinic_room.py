from odoo import fields, models


class ClinicRoom(models.Model):
    """A consulting or treatment room; one visit at a time."""

    _name = "clinic.room"
    _description = "Clinic room"
    _inherit = ["clinic.gate"]
    _order = "location_id, sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    location_id = fields.Many2one(
        "clinic.location", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="location_id.company_id", store=True)
    note = fields.Text()

    _name_unique = models.Constraint(
        "UNIQUE (location_id, name)",
        "This location already has a room with that name.",
    )
