from odoo import models


class ClinicAccessExport(models.Model):
    """A copy of a patient's data: complaints."""

    _inherit = "clinic.access.export"

    def _resource_type(self, model):
        if model == "clinic.complaint":
            return "Communication"
        return super()._resource_type(model)
