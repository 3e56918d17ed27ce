from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClinicEquipment(models.Model):
    """A single device that can serve one visit at a time."""

    _name = "clinic.equipment"
    _description = "Clinic equipment"
    _inherit = ["clinic.gate"]
    _order = "location_id, sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    category_id = fields.Many2one(
        "clinic.equipment.category", required=True, index=True, ondelete="restrict"
    )
    location_id = fields.Many2one(
        "clinic.location", required=True, index=True, ondelete="restrict"
    )
    room_id = fields.Many2one(
        "clinic.room",
        string="Fixed in room",
        help="Only for a device that cannot be moved: its visits happen in this room.",
    )
    company_id = fields.Many2one(related="location_id.company_id", store=True)
    serial_number = fields.Char()
    note = fields.Text()

    @api.constrains("room_id", "location_id")
    def _check_room_location(self):
        for equipment in self:
            room = equipment.room_id
            if room and room.location_id != equipment.location_id:
                raise ValidationError(
                    self.env._(
                        "%(equipment)s stands in a room of another location: choose "
                        "a room of %(location)s.",
                        equipment=equipment.name,
                        location=equipment.location_id.name,
                    )
                )
