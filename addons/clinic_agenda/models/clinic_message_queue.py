from odoo import api, models


class ClinicMessage(models.Model):
    """Messages about visits follow the clock of the location."""

    _inherit = "clinic.message"

    @api.model
    def _zone_of(self, location):
        return (location and location.tz) or super()._zone_of(location)
