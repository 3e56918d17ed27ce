from odoo import api, fields, models


class ClinicMessage(models.Model):
    """Messages about visits follow the clock of the location, and are its staff's."""

    _inherit = "clinic.message"

    location_id = fields.Many2one(
        "clinic.location",
        string="About the location",
        readonly=True,
        ondelete="set null",
        help="Staff of other locations do not read it.",
    )

    @api.model
    def _zone_of(self, location):
        return (location and location.tz) or super()._zone_of(location)

    @api.model
    def _place_values(self, location):
        # Other addons may write about places of their own.
        ours = location and location._name == "clinic.location"
        number = location.id if ours else None
        return super()._place_values(location) | {"location_id": number}

    def _same_place(self):
        return super()._same_place() | {"location_id": self.location_id.id}

    def _place_record(self):
        return self.location_id or super()._place_record()
