from odoo import api, models


class ClinicReading(models.AbstractModel):
    """Looks at health data: visits."""

    _inherit = "clinic.reading"

    @api.model
    def _unlogged(self):
        visit = "Tells when somebody comes, not what is found: the work of the desk."
        return super()._unlogged() | {
            "clinic.appointment": visit,
            "clinic.disruption.line": visit,
            "clinic.wait.freed": visit,
            "clinic.wait.list": visit,
            "clinic.wait.offer": visit,
        }
