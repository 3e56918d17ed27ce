import uuid

from odoo import api, fields, models

from odoo.addons.clinic_patient.lib.roles import ENQUIRY_TEXT_GROUPS

from ..lib.recall_life import CLOSE_REASONS, RESULTS, STATES

#: What the state follows from: writing one of these works the recall out again.
CAUSES = {
    "due_date",
    "anchor_date",
    "paused_until",
    "later_on",
    "declined_on",
    "last_attempt_on",
    "steps_done",
    "close_reason",
    "service_id",
    "rule_id",
}


class ClinicRecall(models.Model):
    """A patient who is to come back: why, when, who sees to it, what became of it.

    Made by rules (``clinic.recall.rule``) or by hand. The state, the visit and the
    next attempt are never set by anybody: they follow from the visits on the agenda,
    whoever booked them and where, from the attempts and from the day
    (:meth:`_refresh`).
    """

    _name = "clinic.recall"
    _description = "Recall"
    _inherit = ["clinic.gate", "mail.thread", "mail.activity.mixin"]
    _clinic_kept = frozenset({"attempt_ids"})
    _clinic_sealed = frozenset({"patient_id", "rule_id"})
    _order = "due_date, id"
    _rec_names_search = ["patient_id", "rule_id"]

    rule_id = fields.Many2one(
        "clinic.recall.rule",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.ref(
            "clinic_recall.rule_hand", raise_if_not_found=False
        ),
    )
    trigger = fields.Selection(related="rule_id.trigger", string="Because")
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        domain=[("is_patient", "=", True)],
        ondelete="cascade",
        tracking=True,
    )
    cause = fields.Char(required=True, readonly=True, copy=False)
    cause_at = fields.Datetime(
        required=True,
        default=fields.Datetime.now,
        readonly=True,
        help="Only visits after this moment fulfil the recall.",
    )
    cause_date = fields.Date(string="Since", readonly=True)
    cause_visit_id = fields.Many2one(
        "clinic.appointment",
        string="Caused by the visit",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    service_id = fields.Many2one(
        "product.template",
        string="To be booked",
        domain=[("is_healthcare_service", "=", True)],
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    specialty_id = fields.Many2one("clinic.specialty", ondelete="restrict")
    practitioner_id = fields.Many2one("clinic.practitioner", ondelete="restrict")
    location_id = fields.Many2one(
        "clinic.location", index="btree_not_null", ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        readonly=False,
        index="btree_not_null",
    )
    responsible_id = fields.Many2one(
        "res.users",
        string="Who calls",
        domain=[("share", "=", False)],
        index="btree_not_null",
        tracking=True,
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="later",
        copy=False,
        group_expand=True,
        tracking=True,
    )
    due_date = fields.Date(
        required=True, default=fields.Date.context_today, tracking=True
    )
    anchor_date = fields.Date(
        readonly=True,
        copy=False,
        help="The day from which attempts are counted: the due date, or the day the "
        "recall was opened again.",
    )
    paused_until = fields.Date(
        tracking=True, help="No attempt before this day; then it goes on by itself."
    )
    next_attempt_on = fields.Date(string="Next attempt", readonly=True, copy=False)
    next_action = fields.Selection(
        [("message", "Message"), ("call", "Call")], readonly=True, copy=False
    )
    on_hold = fields.Boolean(
        readonly=True,
        copy=False,
        help="No message for now: something is to be settled at the desk first.",
    )
    steps_done = fields.Integer(readonly=True, copy=False, default=0)
    attempt_ids = fields.One2many("clinic.recall.attempt", "recall_id", copy=False)
    attempt_count = fields.Integer(
        string="Attempts", readonly=True, copy=False, default=0
    )
    last_attempt_on = fields.Date(string="Last attempt", readonly=True, copy=False)
    last_result = fields.Selection(RESULTS, readonly=True, copy=False)
    contacted_on = fields.Date(string="First attempt", readonly=True, copy=False)
    reached_on = fields.Date(string="Reached", readonly=True, copy=False)
    later_on = fields.Date(string="To be called on", readonly=True, copy=False)
    declined_on = fields.Date(string="Declined", readonly=True, copy=False)
    reason_id = fields.Many2one(
        "clinic.recall.reason",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="Why the patient did not come, did not book, or declines.",
    )
    note = fields.Char(groups=ENQUIRY_TEXT_GROUPS, help="What to know before calling.")
    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    visit_when = fields.Char(string="When", related="appointment_id.local_start")
    booked_on = fields.Date(string="Booked on", readonly=True, copy=False)
    came_on = fields.Date(string="Came on", readonly=True, copy=False)
    lost_visit_id = fields.Many2one(
        "clinic.appointment",
        string="Visit that fell through",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    reopened_because = fields.Selection(
        [("no_show", "Did not come"), ("cancelled", "Cancelled the visit")],
        readonly=True,
        copy=False,
    )
    closed_on = fields.Date(readonly=True, copy=False)
    close_reason = fields.Selection(CLOSE_REASONS, readonly=True, copy=False)

    _cause_unique = models.UniqueIndex(
        "(rule_id, patient_id, cause)", "This recall is there already."
    )
    _board = models.Index("(state, next_attempt_on, due_date)")
    # What the hourly job looks at; closed ones are most of them.
    _unfinished = models.Index("(id) WHERE state <> 'closed'")

    @api.depends("patient_id.company_id")
    def _compute_company_id(self):
        """That of the card, which may come to a company later; a shared card leaves
        the recall with the clinic that calls."""
        for recall in self:
            recall.company_id = recall.patient_id.company_id or recall.company_id

    @api.depends("patient_id", "rule_id")
    def _compute_display_name(self):
        for recall in self:
            recall.display_name = " · ".join(
                filter(None, [recall.patient_id.name, recall.rule_id.name])
            )

    @api.constrains("patient_id")
    def _check_patient(self):
        self.patient_id._check_is_patient()

    @api.onchange("service_id")
    def _onchange_service(self):
        self.specialty_id = self.service_id.specialty_id

    @api.model_create_multi
    def create(self, vals_list):
        """A recall by hand: its cause is itself, and attempts count from its day."""
        self._check_given(vals_list)
        for vals in vals_list:
            vals.setdefault("cause", f"hand:{uuid.uuid4().hex}")
            vals.setdefault(
                "due_date", fields.Date.to_string(fields.Date.context_today(self))
            )
            vals.setdefault("anchor_date", vals["due_date"])
            if vals.get("service_id") and "specialty_id" not in vals:
                service = self.env["product.template"].browse(vals["service_id"])
                vals["specialty_id"] = service.specialty_id.id
            if "responsible_id" not in vals:
                vals["responsible_id"] = self._default_responsible(vals)
        recalls = super(ClinicRecall, self._ours()).create(vals_list)
        recalls = recalls.with_env(self.env)
        recalls._refresh_these()
        return recalls

    @api.model
    def _default_responsible(self, vals):
        rule = self.env["clinic.recall.rule"].browse(vals.get("rule_id"))
        patient = self.env["res.partner"].browse(vals.get("patient_id"))
        return (rule.responsible_id or patient.responsible_id or self.env.user).id

    def write(self, vals):
        """Another due date begins the attempts anew from that day."""
        result = super().write(vals)
        if "due_date" in vals and "anchor_date" not in vals:
            anew = {"anchor_date": vals["due_date"], "steps_done": 0}
            super(ClinicRecall, self._ours()).write(anew)
        if CAUSES & vals.keys():
            self._refresh_these()
        return result
