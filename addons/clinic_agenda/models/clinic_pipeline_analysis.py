from odoo import api, models


class ClinicPipelineAnalysis(models.AbstractModel):
    """Pipelines by place, practitioner and service of the visit."""

    _inherit = "clinic.pipeline.analysis"

    @api.model
    def _dimensions(self):
        return [
            *super()._dimensions(),
            "location_id",
            "practitioner_id",
            "service_id",
        ]
