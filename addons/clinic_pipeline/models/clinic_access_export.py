from odoo import models


class ClinicAccessExport(models.Model):
    """A copy of a patient's data: deals."""

    _inherit = "clinic.access.export"

    def _resource_type(self, model):
        if model == "crm.lead":
            return "Task"
        return super()._resource_type(model)

    def _left_out(self):
        return super()._left_out() | {"clinic.pipeline.cause"}
