from odoo import api, models


class ClinicHealthFields(models.AbstractModel):
    """Fields that tell of health: what is planned tells what ails the patient."""

    _inherit = "clinic.health.fields"

    @api.model
    def _listed(self):
        return super()._listed() | {
            "clinic.care.plan": {"title", "diagnosis", "description"},
            "clinic.care.plan.line": {"name", "site", "service_id"},
        }
