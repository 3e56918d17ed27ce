from odoo import api, models


class ClinicReading(models.AbstractModel):
    """Looks at health data: deals show what others tell of it."""

    _inherit = "clinic.reading"

    @api.model
    def _around(self):
        return (*super()._around(), "crm.lead")

    @api.model
    def _unlogged(self):
        work = "Shows what was done and by whom, and nothing of the record itself."
        return super()._unlogged() | {
            "clinic.pipeline.cause": work,
            "clinic.pipeline.entry": work,
        }
