from odoo import api, fields, models

from odoo.addons.clinic_patient.lib.roles import CARE_GROUPS, MONEY_GROUPS

STATES = [
    ("active", "Running"),
    ("paused", "Paused"),
    ("done", "Finished"),
    ("stopped", "Stopped"),
]
STOP_REASONS = [
    ("reply", "The patient answered"),
    ("complaint", "The patient complained"),
    ("withdrawal", "A consent was withdrawn"),
    ("booked", "A visit is booked"),
    ("request", "The patient asked to stop"),
    ("unreachable", "The patient cannot be reached"),
    ("clinic", "No longer needed"),
]


class ClinicFollowup(models.Model):
    """A follow-up plan on one patient, after one cause.

    FHIR R4 ``CarePlan`` of category follow-up. Unique per plan, patient and cause, so
    that a rule may look at the same visit any number of times. Without a plan it is an
    ad-hoc follow-up, whose steps the follower writes.
    """

    _name = "clinic.followup"
    _description = "Follow-up"
    _inherit = ["clinic.gate", "mail.thread", "mail.activity.mixin"]
    _clinic_sealed = frozenset({"appointment_id", "patient_id", "plan_id"})
    _order = "id desc"
    _rec_names_search = ["patient_id", "name"]

    name = fields.Char(required=True, string="Subject")
    plan_id = fields.Many2one(
        "clinic.followup.plan", index="btree_not_null", ondelete="restrict"
    )
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        domain=[("is_patient", "=", True)],
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    owner_id = fields.Many2one(
        "res.users",
        string="Follower",
        domain="[('share', '=', False)]",
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        help="Empty: the steps are on everybody's desk.",
    )
    cause_key = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: f"hand:{fields.Date.context_today(self)}",
        help="What it follows, so that it begins once.",
    )
    anchor_date = fields.Date(
        string="Day 0",
        required=True,
        default=fields.Date.context_today,
        help="The day from which the days of the plan are counted.",
    )
    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        index="btree_not_null",
        ondelete="set null",
        help="The visit it follows; when the visit moves, so do the steps.",
    )
    location_id = fields.Many2one(
        "clinic.location", ondelete="set null", help="By whose clock the steps are."
    )
    practitioner_id = fields.Many2one("clinic.practitioner", ondelete="set null")
    specialty_id = fields.Many2one(
        "clinic.specialty", string="Department", ondelete="set null"
    )
    service_id = fields.Many2one("product.template", ondelete="set null")
    condition_id = fields.Many2one(
        "clinic.condition",
        string="Diagnosis",
        ondelete="set null",
        index="btree_not_null",
        groups=CARE_GROUPS,
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="active",
        copy=False,
        tracking=True,
        group_expand=True,
    )
    stop_reason = fields.Selection(
        STOP_REASONS, readonly=True, copy=False, tracking=True
    )
    stop_note = fields.Char(readonly=True, copy=False)
    started_on = fields.Datetime(
        required=True, readonly=True, copy=False, default=fields.Datetime.now
    )
    paused_on = fields.Date(readonly=True, copy=False)
    ended_on = fields.Datetime(readonly=True, copy=False)
    replied_on = fields.Datetime(
        readonly=True, copy=False, help="The first answer of the patient."
    )
    booked_visit_id = fields.Many2one(
        "clinic.appointment",
        string="Booked visit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The first visit booked while the follow-up ran.",
    )
    booked_value = fields.Monetary(
        string="Value of the booked visit",
        readonly=True,
        copy=False,
        groups=MONEY_GROUPS,
    )
    step_ids = fields.One2many("clinic.followup.step", "followup_id")
    step_count = fields.Integer(compute="_compute_progress")
    done_count = fields.Integer(string="Steps over", compute="_compute_progress")
    progress = fields.Float(compute="_compute_progress")
    next_due = fields.Datetime(string="Next step", compute="_compute_progress")
    next_step_id = fields.Many2one("clinic.followup.step", compute="_compute_progress")

    _once = models.UniqueIndex(
        "(plan_id, patient_id, cause_key) WHERE plan_id IS NOT NULL",
        "The patient is on this plan already, for the same cause.",
    )
    _patient_state = models.Index("(patient_id, state)")

    @api.depends("step_ids.state", "step_ids.due")
    def _compute_progress(self):
        for followup in self:
            steps = followup.step_ids.sorted(lambda step: (step.due, step.id))
            left = steps.filtered(lambda step: step.state in ("planned", "open"))
            followup.step_count = len(steps)
            followup.done_count = len(steps) - len(left)
            followup.progress = 100 * followup.done_count / len(steps) if steps else 0
            followup.next_step_id = left[:1]
            followup.next_due = left[:1].due

    @api.depends("name", "patient_id")
    def _compute_display_name(self):
        for followup in self:
            followup.display_name = f"{followup.patient_id.name} · {followup.name}"

    @api.onchange("plan_id")
    def _onchange_plan_id(self):
        if self.plan_id:
            self.name = self.plan_id.name
            self.owner_id = self.plan_id.owner_id or self.patient_id.responsible_id

    @api.constrains("patient_id")
    def _check_patient(self):
        self.patient_id._check_is_patient()

    @api.model_create_multi
    def create(self, vals_list):
        """Begin follow-ups by hand; the steps of the plan are laid out at once."""
        self._check_given(vals_list)
        plans = self.env["clinic.followup.plan"]
        for vals in vals_list:
            plan = plans.browse(vals.get("plan_id"))
            if plan and not vals.get("name"):
                vals["name"] = plan.name
            if "owner_id" not in vals:
                patient = self.env["res.partner"].browse(vals.get("patient_id"))
                vals["owner_id"] = (plan.owner_id or patient.responsible_id).id
            visit = self.env["clinic.appointment"].browse(vals.get("appointment_id"))
            if visit:
                for name in (
                    "location_id",
                    "practitioner_id",
                    "specialty_id",
                    "service_id",
                ):
                    vals.setdefault(name, visit[name].id)
                vals.setdefault("cause_key", f"visit:{visit.id}")
                if not vals.get("anchor_date"):
                    vals["anchor_date"] = visit.local_day
        followups = super(ClinicFollowup, self._ours()).create(vals_list)
        followups = followups.with_env(self.env)
        followups._lay_out()
        return followups

    def _sealed_fields(self):
        """Day 0 of what rests or is over stays."""
        over = any(followup.state != "active" for followup in self)
        return super()._sealed_fields() | ({"anchor_date"} if over else set())

    def write(self, vals):
        """Another day 0 or location moves what is still to come."""
        result = super().write(vals)
        if {"anchor_date", "location_id"} & vals.keys():
            self._replan()
        if "owner_id" in vals:
            # sudo: clinic.followup.step - the steps follow their follow-up
            self.step_ids.filtered(
                lambda step: step.state in ("planned", "open")
            ).sudo().owner_id = vals["owner_id"]
        return result
