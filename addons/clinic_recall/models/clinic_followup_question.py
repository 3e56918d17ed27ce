from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

KINDS = [
    ("choice", "Choice"),
    ("scale", "Scale from 0 to 10"),
    ("number", "Number"),
    ("text", "Text"),
]
LONGEST = 2000


class ClinicFollowupQuestion(models.Model):
    """One question, and from which answer on somebody must look.

    FHIR R4 ``Questionnaire.item``.
    """

    _name = "clinic.followup.question"
    _description = "Question of a follow-up"
    _order = "questionnaire_id, sequence, id"

    questionnaire_id = fields.Many2one(
        "clinic.followup.questionnaire", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Question", required=True, translate=True)
    kind = fields.Selection(KINDS, required=True, default="choice")
    required = fields.Boolean(default=True)
    choice_ids = fields.One2many("clinic.followup.choice", "question_id", copy=True)
    alert_when = fields.Selection(
        [("at_least", "At least"), ("at_most", "At most")],
        string="Alert when the number is",
        help="For numbers and scales. Empty: never.",
    )
    alert_at = fields.Float(string="Limit")

    @api.constrains("kind", "choice_ids")
    def _check_choices(self):
        if self.env.su and self.env.context.get("install_mode"):
            # In the data of an addon the answers come after their question.
            return
        for question in self:
            if question.kind == "choice" and len(question.choice_ids) < 2:
                raise ValidationError(
                    self.env._(
                        "Give the question “%(name)s” at least two answers to choose "
                        "from.",
                        name=question.name,
                    )
                )

    def _read_answer(self, raw):
        """Check one answer and turn it into values of a line.

        :param raw: as a form sends it
        :returns: values of ``clinic.followup.answer.line``, or None: not answered
        :raises UserError: it is missing or makes no sense
        """
        self.ensure_one()
        raw = "" if raw is None or raw is False else str(raw).strip()
        if not raw:
            if self.required:
                raise UserError(
                    self.env._("Please answer “%(question)s”.", question=self.name)
                )
            return None
        vals = {"question_id": self.id}
        if self.kind == "text":
            return vals | {"value_text": raw[:LONGEST]}
        if self.kind == "choice":
            choice = self.choice_ids.filtered(lambda one: str(one.id) == raw)
            if not choice:
                raise UserError(
                    self.env._(
                        "Choose one of the answers to “%(question)s”.",
                        question=self.name,
                    )
                )
            return vals | {
                "choice_id": choice.id,
                "score": choice.score,
                "is_alert": choice.is_alert,
            }
        return vals | self._read_number(raw)

    def _read_number(self, raw):
        try:
            number = float(raw.replace(",", "."))
        except ValueError:
            number = None
        fits = number is not None and abs(number) < 1e9
        if self.kind == "scale":
            fits = fits and 0 <= number <= 10 and number == int(number)
        if not fits:
            raise UserError(
                self.env._(
                    "Write a number as the answer to “%(question)s”.",
                    question=self.name,
                )
            )
        return {
            "value_number": number,
            "score": number if self.kind == "scale" else 0,
            "is_alert": (self.alert_when == "at_least" and number >= self.alert_at)
            or (self.alert_when == "at_most" and number <= self.alert_at),
        }
