from odoo import api, models


class ClinicHealthFields(models.AbstractModel):
    """Which fields tell of health: all that name a condition."""

    _inherit = "clinic.health.fields"

    @api.model
    def _words_of_illness(self):
        return super()._words_of_illness() | {"clinic.condition"}
