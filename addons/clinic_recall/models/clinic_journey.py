from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.clinic_base.lib import clock

from .journey_domain import check_domain, read_domain

TRIGGERS = [
    ("segment", "Enters a segment"),
    ("visit_booked", "A visit is booked"),
    ("visit_done", "A visit is done"),
    ("no_show", "The patient does not come"),
    ("enquiry", "Asks a question"),
    ("birthday", "Has a birthday"),
    ("date", "A date of the card"),
    ("plan_accepted", "Signs a treatment plan"),
    ("replied", "Writes to the clinic"),
]
GOALS = [
    ("none", "None"),
    ("visit_booked", "A visit is booked"),
    ("visit_done", "A visit is done"),
    ("plan_accepted", "A treatment plan is signed"),
    ("replied", "The patient writes"),
    ("domain", "A condition on the card"),
]


class ClinicJourney(models.Model):
    """What happens to patients by itself, from a trigger to a goal, step by step.

    A graph without circles: each node is passed once by each entry, which the database
    sees to. Conditions are domains and never code; they are worked out with the rights
    of the owner, who is whoever started the journey.
    """

    _name = "clinic.journey"
    _description = "Journey"
    _inherit = ["clinic.gate", "mail.thread"]
    _order = "state, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    description = fields.Text()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        help="With whose rights conditions are worked out: who started it.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("ended", "Ended"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
        group_expand=True,
    )
    started_at = fields.Datetime(readonly=True, copy=False)
    trigger = fields.Selection(
        TRIGGERS, string="Begins when a patient", required=True, default="segment"
    )
    segment_id = fields.Many2one(
        "clinic.segment",
        ondelete="restrict",
        index="btree_not_null",
        help="Begins for whoever enters it; for other triggers: only for its patients.",
    )
    include_present = fields.Boolean(
        string="Also who is in the segment already", default=True
    )
    service_ids = fields.Many2many(
        "product.template",
        "clinic_journey_service_rel",
        "journey_id",
        "service_id",
        string="Services",
        domain=[("is_healthcare_service", "=", True)],
        help="Only visits of these; empty: any.",
    )
    date_field = fields.Selection(
        [
            ("last_visit_date", "Last visit"),
            ("next_visit_start", "Next visit"),
            ("last_no_show_date", "Last no-show"),
        ],
        string="Date",
    )
    date_offset = fields.Integer(
        string="Days after", help="Negative: so many days before."
    )
    reentry = fields.Selection(
        [
            ("never", "Once only"),
            ("after", "Again after some days"),
            ("always", "Whenever it is over"),
        ],
        string="Same patient again",
        required=True,
        default="never",
    )
    reentry_days = fields.Integer(string="Days between", default=180)
    cap_per_day = fields.Integer(
        string="At most a day", help="New patients in one day; 0: no limit."
    )
    purpose = fields.Selection(
        [("care", "Care"), ("marketing", "News and offers")],
        required=True,
        default="marketing",
        help="News and offers go only to patients who agreed to get them.",
    )
    goal = fields.Selection(GOALS, required=True, default="visit_booked")
    goal_domain = fields.Char(default="[]")
    has_exit_rule = fields.Boolean(string="Some leave early")
    exit_domain = fields.Char(
        string="Leave when", default="[]", help="Patients for whom this holds leave."
    )
    first_id = fields.Many2one(
        "clinic.journey.node",
        readonly=True,
        copy=False,
        ondelete="set null",
        string="First step",
    )
    node_ids = fields.One2many("clinic.journey.node", "journey_id")
    entry_ids = fields.One2many("clinic.journey.entry", "journey_id")
    inside_count = fields.Integer(string="Inside now", compute="_compute_counts")
    entry_count = fields.Integer(string="Entered", compute="_compute_counts")
    goal_count = fields.Integer(string="Reached the goal", compute="_compute_counts")
    goal_rate = fields.Float(string="Goal rate", compute="_compute_counts")

    _reentry_valid = models.Constraint(
        "CHECK (reentry <> 'after' OR reentry_days > 0)",
        "Say after how many days a patient may enter again.",
    )
    _cap_valid = models.Constraint(
        "CHECK (cap_per_day >= 0)", "The limit for a day is never negative."
    )

    def _compute_counts(self):
        rows = self.env["clinic.journey.entry"]._read_group(
            [("journey_id", "in", self.ids), ("state", "!=", "skipped")],
            ["journey_id", "state"],
            ["__count"],
        )
        found = {}
        for journey, state, count in rows:
            found.setdefault(journey.id, {})[state] = count
        for journey in self:
            counts = found.get(journey._origin.id, {})
            journey.inside_count = counts.get("active", 0)
            journey.entry_count = sum(counts.values())
            journey.goal_count = counts.get("goal", 0)
            journey.goal_rate = (
                journey.goal_count / journey.entry_count if journey.entry_count else 0
            )

    @api.constrains("goal_domain", "exit_domain", "goal")
    def _check_domains(self):
        for journey in self:
            check_domain(journey, journey.goal_domain)
            check_domain(journey, journey.exit_domain)
            if journey.goal == "domain" and not read_domain(
                journey, journey.goal_domain
            ):
                raise ValidationError(
                    self.env._("Say by which condition the goal is reached.")
                )

    @api.constrains("trigger", "segment_id", "date_field")
    def _check_trigger(self):
        for journey in self:
            if journey.trigger == "segment" and not journey.segment_id:
                raise ValidationError(
                    self.env._("Choose the segment that begins “%s”.", journey.name)
                )
            if journey.trigger == "date" and not journey.date_field:
                raise ValidationError(
                    self.env._("Choose the date that begins “%s”.", journey.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_owner_untouched(vals)
        return super().create(vals_list)

    def _check_owner_untouched(self, vals):
        """Conditions are worked out with the owner's rights: only a start sets it.

        :raises AccessError: somebody names another owner
        """
        if vals.get("owner_id", self.env.uid) != self.env.uid and not self.env.su:
            raise AccessError(
                self.env._("The owner of a journey is who starts it, nobody else.")
            )

    def _check_conditions_own(self):
        """Let only the owner change what is worked out with the owner's rights.

        :raises UserError: it runs with the rights of somebody else
        """
        for journey in self:
            if journey.state == "running" and journey.owner_id != self.env.user:
                raise UserError(
                    self.env._(
                        "“%(journey)s” runs with the rights of %(owner)s. Pause it, "
                        "change the conditions, and start it yourself.",
                        journey=journey.name,
                        owner=journey.owner_id.name,
                    )
                )

    def write(self, vals):
        """What decides who enters is not changed while it runs."""
        self._check_owner_untouched(vals)
        if not self.env.su and {"goal", "goal_domain", "exit_domain"} & vals.keys():
            self._check_conditions_own()
        fixed = {"trigger", "segment_id", "date_field", "reentry"} & vals.keys()
        if fixed and any(journey.state == "running" for journey in self):
            raise UserError(
                self.env._("Pause the journey before you change who enters it.")
            )
        return super().write(vals)

    def copy(self, default=None):
        """A copy has the same graph, of nodes of its own."""
        copies = super().copy(default)
        for old, new in zip(self, copies, strict=True):
            old._copy_graph(new)
        return copies

    def copy_data(self, default=None):
        return [
            dict(
                {name: value for name, value in vals.items() if name != "owner_id"},
                name=self.env._("%(name)s (copy)", name=journey.name),
            )
            for journey, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _copy_graph(self, target):
        self.ensure_one()
        twins = {
            node: node.copy({"journey_id": target.id, "next_id": False})
            for node in self.node_ids
        }
        for node, twin in twins.items():
            twin.write(
                {
                    "next_id": twins[node.next_id].id if node.next_id else False,
                    "else_id": twins[node.else_id].id if node.else_id else False,
                    "message_node_id": twins[node.message_node_id].id
                    if node.message_node_id
                    else False,
                }
            )
        if self.first_id:
            target._ours().first_id = twins[self.first_id]

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_start(self):
        """Patients enter from now on; causes that lie back begin nothing."""
        self.check_access("write")
        for journey in self:
            if journey.state == "ended":
                raise UserError(self.env._("An ended journey does not begin again."))
            if not journey.first_id:
                raise UserError(self.env._("Add a first step, then start it."))
            journey.node_ids._check_complete()
            first = not journey.started_at
            journey._ours().write(
                {
                    "state": "running",
                    "owner_id": self.env.uid,
                    "started_at": journey.started_at or clock.now(),
                }
            )
            journey._check_domains()
            journey.node_ids._check_domain()
            if journey.segment_id:
                # Whoever starts it may use the segment, whoever chose it.
                journey.segment_id._patients_query()
            if first and journey.trigger == "segment" and not journey.include_present:
                journey._mark_present()
        self.env["ir.cron"]._set_off("clinic_recall.ir_cron_journey")

    def action_pause(self):
        """Nobody enters and nothing happens until it is started again."""
        self.filtered(lambda one: one.state == "running")._ours().state = "paused"

    def action_end(self):
        """For good: who is inside leaves."""
        self._ours().write({"state": "ended"})
        # sudo: clinic.journey.entry - who is inside leaves with the end
        self.env["clinic.journey.entry"].sudo().search(
            [("journey_id", "in", self.ids), ("state", "=", "active")]
        )._leave("exited", "ended")

    def action_open_entries(self):
        """The patients of this journey."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_journey_entry_action"
            ),
            domain=[("journey_id", "=", self.id), ("state", "!=", "skipped")],
        )
