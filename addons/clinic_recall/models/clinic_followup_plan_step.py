from odoo import api, fields, models
from odoo.exceptions import ValidationError

STEP_KINDS = [
    ("message", "Message"),
    ("call", "Telephone call"),
    ("questionnaire", "Questionnaire"),
    ("visit", "Visit to book"),
]
STEP_ICONS = {
    "message": "fa-envelope-o",
    "call": "fa-phone",
    "questionnaire": "fa-list-alt",
    "visit": "fa-calendar-plus-o",
}
#: Kinds that a person does, on the follower's desk.
BY_HAND = ("call", "questionnaire", "visit")


class ClinicFollowupPlanStep(models.Model):
    """One thing to do on one day of a follow-up plan.

    FHIR R4 ``PlanDefinition.action``. A day is counted on the location's calendar
    from the day of the cause, which is day 0.
    """

    _name = "clinic.followup.plan.step"
    _description = "Step of a follow-up plan"
    _order = "plan_id, day, hour, id"

    plan_id = fields.Many2one(
        "clinic.followup.plan", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(required=True, translate=True)
    day = fields.Integer(required=True, default=1, help="Days after the cause.")
    hour = fields.Float(
        required=True, default=10.0, help="Hour of the day, by the location's clock."
    )
    kind = fields.Selection(STEP_KINDS, required=True, default="call")
    script = fields.Html(
        translate=True, help="What the follower says and asks; shown during the call."
    )
    questionnaire_id = fields.Many2one(
        "clinic.followup.questionnaire", ondelete="restrict", index="btree_not_null"
    )
    skip_when_booked = fields.Boolean(
        string="Skip when a visit is booked",
        help="Not needed once the patient has a visit ahead.",
    )
    max_attempts = fields.Integer(
        string="Attempts",
        default=3,
        help="So many calls without an answer, then the patient counts as unreachable.",
    )

    _day_valid = models.Constraint(
        "CHECK (day BETWEEN 0 AND 3650)",
        "A step is on the day of the cause or at most ten years later.",
    )
    _hour_valid = models.Constraint(
        "CHECK (hour >= 0 AND hour < 24)", "Write an hour of the day, such as 10:30."
    )
    _attempts_valid = models.Constraint(
        "CHECK (max_attempts BETWEEN 1 AND 20)", "Allow 1 to 20 attempts."
    )

    @api.constrains("kind", "questionnaire_id")
    def _check_questionnaire(self):
        for step in self:
            if step.kind == "questionnaire" and not step.questionnaire_id:
                raise ValidationError(
                    self.env._(
                        "Choose the questionnaire of the step “%(name)s”.",
                        name=step.name,
                    )
                )
