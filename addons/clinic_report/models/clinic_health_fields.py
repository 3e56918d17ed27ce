from odoo import api, models


class ClinicHealthFields(models.AbstractModel):
    """Which fields tell of health: what a report is about."""

    _inherit = "clinic.health.fields"

    @api.model
    def _listed(self):
        return super()._listed() | {"clinic.diagnostic.report": {"kind_id"}}
