from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock

from .clinic_followup_plan_step import STEP_ICONS, STEP_KINDS

STEP_STATES = [
    ("planned", "Planned"),
    ("open", "To do"),
    ("done", "Done"),
    ("skipped", "Skipped"),
    ("cancelled", "Taken back"),
]
RESULTS = [
    ("reached", "Spoken to"),
    ("sent", "Sent"),
    ("answered", "Answered"),
    ("booked", "Visit booked"),
    ("refused", "Wants no visit"),
    ("unreachable", "Not reached"),
    ("suppressed", "Not sent"),
]
SKIP_REASONS = [
    ("booked", "A visit is booked"),
    ("late", "Its day was over when the plan began"),
    ("hand", "Taken out by hand"),
]


class ClinicFollowupStep(models.Model):
    """One step of the follow-up of one patient, with its moment.

    FHIR R4 ``Task``. A step of a plan is laid out once for each follow-up: the
    database sees to it. Messages leave by themselves; what a person does is *to do*
    from its moment on.
    """

    _name = "clinic.followup.step"
    _description = "Step of a follow-up"
    _inherit = ["clinic.gate"]
    _order = "due, id"

    followup_id = fields.Many2one(
        "clinic.followup", required=True, index=True, ondelete="cascade"
    )
    plan_step_id = fields.Many2one(
        "clinic.followup.plan.step", index="btree_not_null", ondelete="set null"
    )
    patient_id = fields.Many2one(
        "res.partner",
        related="followup_id.patient_id",
        store=True,
        precompute=True,
        index=True,
    )
    company_id = fields.Many2one(
        related="followup_id.company_id", store=True, precompute=True
    )
    name = fields.Char(required=True)
    kind = fields.Selection(STEP_KINDS, required=True, default="call")
    due = fields.Datetime(
        string="Due on",
        required=True,
        default=fields.Datetime.now,
        help="Not before this moment.",
    )
    planned_due = fields.Datetime(
        string="First due", readonly=True, help="Before it was put off."
    )
    state = fields.Selection(
        STEP_STATES, required=True, default="planned", readonly=True, copy=False
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Follower",
        domain="[('share', '=', False)]",
        ondelete="set null",
    )
    script = fields.Html(compute="_compute_script")
    questionnaire_id = fields.Many2one(
        "clinic.followup.questionnaire", ondelete="restrict", index="btree_not_null"
    )
    skip_when_booked = fields.Boolean()
    max_attempts = fields.Integer(default=3)
    attempts = fields.Integer(readonly=True, copy=False)
    result = fields.Selection(RESULTS, readonly=True, copy=False)
    skip_reason = fields.Selection(SKIP_REASONS, readonly=True, copy=False)
    note = fields.Text()
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    done_on = fields.Datetime(readonly=True, copy=False)
    answer_ids = fields.One2many("clinic.followup.answer", "step_id")
    followup_state = fields.Selection(
        related="followup_id.state", string="State of the follow-up"
    )

    _once = models.UniqueIndex(
        "(followup_id, plan_step_id) WHERE plan_step_id IS NOT NULL",
        "This step is in the follow-up already.",
    )
    _waiting = models.Index("(due, id) WHERE state = 'planned'")
    _desk = models.Index("(owner_id, due) WHERE state = 'open'")
    _patient_due = models.Index("(patient_id, due DESC)")
    _done_whole = models.Constraint(
        "CHECK (state <> 'done' OR done_on IS NOT NULL)",
        "A step that is done has the time when it was.",
    )

    @api.depends("plan_step_id.script")
    def _compute_script(self):
        for step in self:
            step.script = step.plan_step_id.script

    @api.depends("name", "followup_id")
    def _compute_display_name(self):
        for step in self:
            step.display_name = f"{step.patient_id.name} · {step.name}"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_given(vals_list)
        for vals in vals_list:
            vals.setdefault("planned_due", vals.get("due") or clock.now())
        steps = super(ClinicFollowupStep, self._ours()).create(vals_list)
        steps = steps.with_env(self.env)
        for step in steps:
            if not step.owner_id:
                step.owner_id = step.followup_id.owner_id
        return steps

    def _sealed_fields(self):
        """A step that was done, or began, keeps its day."""
        begun = any(step.state != "planned" for step in self)
        return super()._sealed_fields() | ({"due"} if begun else set())

    def write(self, vals):
        """What changes on a desk changes on the open ones too."""
        result = super().write(vals)
        if {"state", "due", "owner_id"} & vals.keys():
            self.env["clinic.follower.desk"]._announce()
        return result

    def _icon(self):
        """The icon of the kind."""
        self.ensure_one()
        return STEP_ICONS[self.kind]

    def _check_open(self):
        """Refuse to work on a step that is over.

        :raises UserError: somebody was quicker, or the plan was stopped
        """
        for step in self:
            if step.state not in ("planned", "open"):
                raise UserError(
                    self.env._(
                        "“%(name)s” is over already: somebody was quicker, or the "
                        "follow-up was stopped.",
                        name=step.name,
                    )
                )

    def _finish(self, result, note=None):
        """A person did it.

        :param str result: of :data:`RESULTS`
        :param str note: what was said, for the staff
        :raises UserError: it is over already
        """
        self.check_access("write")
        self._check_open()
        vals = {
            "state": "done",
            "result": result,
            "done_by_id": self.env.uid,
            "done_on": clock.now(),
        }
        if note:
            vals["note"] = note
        self._ours().write(vals)
        self.followup_id._finish_if_over()

    def _no_answer(self, next_try):
        """Nobody answered: it comes back, or counts as unreachable.

        :param datetime next_try: naive UTC
        """
        self.check_access("write")
        self._check_open()
        for step in self._ours():
            step.attempts += 1
            if step.attempts >= step.max_attempts:
                step._finish("unreachable")
            else:
                step.write({"due": next_try})

    def _put_off(self, moment):
        """Later, without counting as an attempt.

        :param datetime moment: naive UTC
        """
        self.check_access("write")
        self._check_open()
        self._ours().write({"due": moment})

    def _skip(self, reason):
        """It is not needed.

        :param str reason: of :data:`SKIP_REASONS`
        """
        waiting = self.filtered(lambda step: step.state in ("planned", "open"))
        waiting._ours().write({"state": "skipped", "skip_reason": reason})
        waiting.followup_id._finish_if_over()

    def action_done(self):
        """Done, from a list."""
        self._finish("reached")

    def action_skip(self):
        """Take it out of the plan of this patient."""
        self.check_access("write")
        self._skip("hand")
