from odoo import models


class ClinicAccessExport(models.Model):
    """A copy of a patient's data: treatment plans."""

    _inherit = "clinic.access.export"

    def _resource_type(self, model):
        if model == "clinic.care.plan":
            return "CarePlan"
        return super()._resource_type(model)
