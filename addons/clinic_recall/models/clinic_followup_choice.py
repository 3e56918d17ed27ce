from odoo import fields, models


class ClinicFollowupChoice(models.Model):
    """One answer to choose. FHIR R4 ``Questionnaire.item.answerOption``."""

    _name = "clinic.followup.choice"
    _description = "Answer to choose"
    _order = "question_id, sequence, id"

    question_id = fields.Many2one(
        "clinic.followup.question", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Answer", required=True, translate=True)
    score = fields.Float()
    is_alert = fields.Boolean(string="Alert")
