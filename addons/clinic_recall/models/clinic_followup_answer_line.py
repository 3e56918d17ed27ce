from odoo import api, fields, models


class ClinicFollowupAnswerLine(models.Model):
    """The answer to one question. FHIR R4 ``QuestionnaireResponse.item``."""

    _name = "clinic.followup.answer.line"
    _description = "Answer to a question"
    _order = "answer_id, id"

    answer_id = fields.Many2one(
        "clinic.followup.answer", required=True, index=True, ondelete="cascade"
    )
    question_id = fields.Many2one(
        "clinic.followup.question", required=True, ondelete="restrict", index=True
    )
    choice_id = fields.Many2one(
        "clinic.followup.choice", ondelete="restrict", index="btree_not_null"
    )
    value_number = fields.Float()
    value_text = fields.Text()
    score = fields.Float(digits=(16, 1))
    is_alert = fields.Boolean(string="Alert")
    value = fields.Char(string="In words", compute="_compute_value")

    @api.depends("choice_id", "value_number", "value_text", "question_id.kind")
    def _compute_value(self):
        for line in self:
            kind = line.question_id.kind
            if kind == "choice":
                line.value = line.choice_id.name
            elif kind == "text":
                line.value = line.value_text
            else:
                line.value = f"{line.value_number:g}"
