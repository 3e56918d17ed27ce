from odoo import api, fields, models
from odoo.exceptions import ValidationError

TRIGGERS = [
    ("manual", "By hand only"),
    ("service", "A visit is done"),
    ("condition", "A diagnosis is signed"),
    ("discharge", "The patient goes home"),
]


class ClinicFollowupPlan(models.Model):
    """What is done for a patient after a treatment, day by day.

    FHIR R4 ``PlanDefinition``. A record of the library; ``clinic.followup`` is the
    plan on one patient. Plans begin by hand, in batch, or by the cause named here.
    """

    _name = "clinic.followup.plan"
    _description = "Follow-up plan"
    _order = "sequence, name, id"

    name = fields.Char(
        required=True, translate=True, help="For the staff: patients do not read it."
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(
        translate=True, help="For whom it is, and what to look out for."
    )
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: every clinic uses it."
    )
    field_of_care = fields.Char(
        string="Field", translate=True, help="To group the library, such as Surgery."
    )
    trigger = fields.Selection(
        TRIGGERS,
        string="Begins when",
        required=True,
        default="manual",
        help="The patient goes home: a visit is done whose service says that it ends "
        "with a discharge.",
    )
    service_ids = fields.Many2many(
        "product.template",
        "clinic_followup_plan_service_rel",
        "plan_id",
        "service_id",
        string="Services",
        domain=[("is_healthcare_service", "=", True)],
        help="Empty: any service.",
    )
    specialty_ids = fields.Many2many(
        "clinic.specialty",
        "clinic_followup_plan_specialty_rel",
        "plan_id",
        "specialty_id",
        string="Departments",
        help="Empty: any department.",
    )
    location_ids = fields.Many2many(
        "clinic.location",
        "clinic_followup_plan_location_rel",
        "plan_id",
        "location_id",
        string="Locations",
        help="Empty: every location.",
    )
    condition_ids = fields.Many2many(
        "clinic.condition",
        "clinic_followup_plan_condition_rel",
        "plan_id",
        "condition_id",
        string="Diagnoses",
        help="A code stands for all finer ones: E11 also for E11.9.",
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Follower",
        domain="[('share', '=', False)]",
        ondelete="set null",
        help="Who makes the calls. Empty: who is responsible for the patient, or "
        "whoever is free.",
    )
    stop_on_reply = fields.Boolean(
        string="Stop when the patient answers",
        help="Nothing more is sent, and the answer is put before the follower.",
    )
    stop_on_complaint = fields.Boolean(
        string="Stop when the patient complains", default=True
    )
    stop_on_withdrawal = fields.Boolean(
        string="Stop when a consent is withdrawn", default=True
    )
    step_ids = fields.One2many("clinic.followup.plan.step", "plan_id", copy=True)
    step_count = fields.Integer(compute="_compute_step_count")
    day_count = fields.Integer(string="Days", compute="_compute_step_count")
    followup_ids = fields.One2many("clinic.followup", "plan_id")
    running_count = fields.Integer(
        string="Patients now", compute="_compute_running_count"
    )

    @api.depends("step_ids.day")
    def _compute_step_count(self):
        for plan in self:
            plan.step_count = len(plan.step_ids)
            plan.day_count = max(plan.step_ids.mapped("day"), default=0)

    def _compute_running_count(self):
        counts = dict(
            self.env["clinic.followup"]._read_group(
                [("plan_id", "in", self.ids), ("state", "in", ("active", "paused"))],
                ["plan_id"],
                ["__count"],
            )
        )
        for plan in self:
            plan.running_count = counts.get(plan, 0)

    @api.constrains("trigger", "condition_ids", "service_ids", "specialty_ids")
    def _check_trigger(self):
        for plan in self:
            if plan.trigger == "condition" and not plan.condition_ids:
                raise ValidationError(
                    self.env._("Choose the diagnoses after which “%s” begins.")
                    % plan.name
                )
            if plan.trigger == "service" and not (
                plan.service_ids or plan.specialty_ids
            ):
                raise ValidationError(
                    self.env._(
                        "Choose the services or departments after which “%s” begins."
                    )
                    % plan.name
                )

    def copy_data(self, default=None):
        return [
            dict(vals, name=self.env._("%(name)s (copy)", name=plan.name))
            for plan, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def action_open_followups(self):
        """The patients on this plan."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_followup_action"
            ),
            domain=[("plan_id", "=", self.id)],
            context={"default_plan_id": self.id, "search_default_running": 1},
        )

    def action_assign(self):
        """Put patients on this plan: a list or a segment."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_followup_assign_action"
            ),
            context={"default_plan_id": self.id},
        )
