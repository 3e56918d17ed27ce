from odoo import api, models


class ClinicReading(models.AbstractModel):
    """Looks at health data: messages."""

    _inherit = "clinic.reading"

    @api.model
    def _unlogged(self):
        return super()._unlogged() | {
            "clinic.message": "Tells what was written about visits: results are never "
            "in a message.",
        }
