from odoo import api, fields, models


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

    @api.model
    def _to_try(self, offer, location, required, devices):
        """Rooms to try for a visit whose session names none, the preferred first.

        The search of free times says the same in SQL (``tools/free_places``), where it
        is asked of thousands of times at once.

        :param offer: ``clinic.offer``, empty where nobody offers it
        :param location: ``clinic.location``
        :param bool required: whether the service needs a room
        :param devices: ``clinic.equipment`` of the kinds that the service needs
        :returns: list of ids; ``None`` stands for no room
        """
        possible = offer[:1].room_ids or self.search(
            [("location_id", "=", location.id)]
        )
        if required:
            return possible.ids
        return [None, *(possible & devices.room_id).ids]
