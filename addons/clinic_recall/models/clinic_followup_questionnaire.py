from odoo import api, fields, models


class ClinicFollowupQuestionnaire(models.Model):
    """Questions asked in a follow-up, by telephone or by link.

    FHIR R4 ``Questionnaire``. Small on purpose: what a follower asks in a call.
    """

    _name = "clinic.followup.questionnaire"
    _description = "Follow-up questionnaire"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    intro = fields.Text(
        string="Opening words",
        translate=True,
        help="The patient reads them above the questions.",
    )
    thanks = fields.Text(string="Closing words", translate=True)
    question_ids = fields.One2many(
        "clinic.followup.question", "questionnaire_id", copy=True
    )
    question_count = fields.Integer(compute="_compute_question_count")
    alert_score = fields.Float(
        string="Alert from score",
        digits=(16, 0),
        help="From this sum on the practitioner is told. 0: single answers only.",
    )

    @api.depends("question_ids")
    def _compute_question_count(self):
        for questionnaire in self:
            questionnaire.question_count = len(questionnaire.question_ids)

    def _describe(self):
        """What a form needs to ask: plain data."""
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "intro": self.intro or "",
            "thanks": self.thanks or "",
            "questions": [
                {
                    "id": question.id,
                    "name": question.name,
                    "kind": question.kind,
                    "required": question.required,
                    "choices": [
                        {"id": choice.id, "name": choice.name}
                        for choice in question.choice_ids
                    ],
                }
                for question in self.question_ids
            ],
        }
