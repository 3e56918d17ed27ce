from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock


class ClinicFollowupAnswer(models.Model):
    """What a patient answered to a questionnaire, once for each step.

    FHIR R4 ``QuestionnaireResponse``. Written by :meth:`_record` and not changed
    afterwards; the practitioner is told when an answer passes a limit.
    """

    _name = "clinic.followup.answer"
    _description = "Answered questionnaire"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"

    step_id = fields.Many2one(
        "clinic.followup.step",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    followup_id = fields.Many2one(
        related="step_id.followup_id",
        string="Follow-up",
        store=True,
        index=True,
        precompute=True,
    )
    patient_id = fields.Many2one(
        "res.partner",
        related="step_id.patient_id",
        store=True,
        index=True,
        precompute=True,
    )
    company_id = fields.Many2one(
        related="step_id.company_id", store=True, precompute=True
    )
    questionnaire_id = fields.Many2one(
        "clinic.followup.questionnaire",
        required=True,
        ondelete="restrict",
        readonly=True,
        index=True,
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    channel = fields.Selection(
        [("call", "In a call"), ("link", "By link")], required=True, readonly=True
    )
    user_id = fields.Many2one(
        "res.users", string="Asked by", readonly=True, ondelete="set null"
    )
    score = fields.Float(readonly=True, digits=(16, 1), aggregator="avg")
    is_alert = fields.Boolean(string="Needs a look", readonly=True)
    seen_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    seen_on = fields.Datetime(readonly=True)
    line_ids = fields.One2many("clinic.followup.answer.line", "answer_id")

    _once = models.UniqueIndex("(step_id)", "This questionnaire is answered already.")
    _unseen = models.Index("(date) WHERE is_alert AND seen_on IS NULL")

    @api.depends("questionnaire_id", "patient_id")
    def _compute_display_name(self):
        for answer in self:
            answer.display_name = (
                f"{answer.patient_id.name} · {answer.questionnaire_id.name}"
            )

    @api.model
    def _record(self, step, values, channel):
        """Store the answers to the questionnaire of a step, whole or not at all.

        :param step: clinic.followup.step with a questionnaire
        :param dict values: ``{question id: answer}``, ids as numbers or text
        :param str channel: ``call`` or ``link``
        :raises UserError: an answer is missing, makes no sense, or is given already
        :returns: the answer
        """
        step.ensure_one()
        step.check_access("write")
        if step.answer_ids:
            raise UserError(self.env._("This questionnaire is answered already."))
        questionnaire = step.questionnaire_id
        lines = [
            line
            for question in questionnaire.question_ids
            if (
                line := question._read_answer(
                    values.get(str(question.id), values.get(question.id))
                )
            )
        ]
        score = sum(line.get("score", 0) for line in lines)
        # sudo: clinic.followup.answer - written here only, so that nobody changes one
        answer = self.sudo().create(
            {
                "step_id": step.id,
                "questionnaire_id": questionnaire.id,
                "channel": channel,
                "user_id": step.env.uid if channel == "call" else False,
                "score": score,
                "is_alert": any(line.get("is_alert") for line in lines)
                or (0 < questionnaire.alert_score <= score),
                "line_ids": [Command.create(line) for line in lines],
            }
        )
        answer._after_recorded()
        return answer.with_env(step.env)

    def _after_recorded(self):
        """Tell the practitioner what must not wait. Extension point."""
        for answer in self.filtered("is_alert"):
            followup = answer.followup_id
            practitioner = followup.practitioner_id.user_id
            user = practitioner or followup.owner_id
            if user:
                # sudo: mail.activity - who asks need not write to the practitioner
                answer.sudo().activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("An answer in the follow-up needs a look"),
                    user_id=user.id,
                )

    def action_seen(self):
        """Somebody looked at it; a repeat changes nothing."""
        self.check_access("read")
        unseen = self.filtered(lambda answer: not answer.seen_on)
        # sudo: clinic.followup.answer - answers are not written by hand otherwise
        unseen.sudo().write({"seen_by_id": self.env.uid, "seen_on": clock.now()})
        unseen.sudo().activity_feedback(["mail.mail_activity_data_todo"])
