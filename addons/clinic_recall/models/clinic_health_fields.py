from odoo import api, models


class ClinicHealthFields(models.AbstractModel):
    """Recalls, follow-ups and their answers say why somebody is to come."""

    _inherit = "clinic.health.fields"

    @api.model
    def _listed(self):
        return super()._listed() | {
            "clinic.recall": {"rule_id", "cause", "note"},
            "clinic.followup": {"name", "plan_id", "cause_key"},
            "clinic.followup.step": {"name", "plan_step_id", "template_id"},
            "clinic.followup.answer": {"questionnaire_id", "score", "is_alert"},
            "clinic.followup.answer.line": {
                "question_id",
                "choice_id",
                "value_text",
                "value_number",
                "score",
                "is_alert",
            },
        }
