from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.clinic_patient.lib.roles import CARE_GROUPS

from ..lib.care_plan_life import EDITABLE, OPEN, STATES, TRANSITIONS

CHIEF_DOCTOR = "clinic_patient.group_clinic_chief_doctor"
#: Who treats, who draws the plan up with them, and the patient: neither the desk nor
#: the cashier, who need services and amounts.
DIAGNOSIS_GROUPS = (
    f"{CARE_GROUPS},clinic_patient.group_clinic_coordinator,base.group_portal"
)


class ClinicCarePlan(models.Model):
    """A treatment plan: what the clinic proposes, in which steps, at what price.

    FHIR R4 ``CarePlan``. The chief doctor approves it, the patient (or guardian) reads,
    accepts and signs it in the portal. What was approved is not rewritten: a change is
    a new version that replaces the old one.
    """

    _name = "clinic.care.plan"
    _description = "Treatment plan"
    _inherit = ["clinic.gate", "portal.mixin", "mail.thread", "mail.activity.mixin"]
    _clinic_kept = frozenset({"signature"})
    _order = "id desc"
    _rec_names_search = ["name", "patient_id"]
    _check_company_auto = True
    #: Patients ask questions about the plans they see.
    _mail_post_access = "read"

    name = fields.Char(string="Number", readonly=True, copy=False)
    title = fields.Char(required=True, help="What the patient reads above the plan.")
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        domain=[("is_patient", "=", True)],
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    doctor_id = fields.Many2one(
        "res.users", default=lambda self: self._default_doctor()
    )
    doctor_name = fields.Char(string="Doctor's name", compute="_compute_doctor_name")
    responsible_id = fields.Many2one(
        "res.users",
        string="Coordinator",
        default=lambda self: self.env.user,
        tracking=True,
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "clinic.care.plan",
        string="Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    next_ids = fields.One2many("clinic.care.plan", "previous_id", string="Replaced by")
    diagnosis = fields.Char(
        groups=DIAGNOSIS_GROUPS,
        help="In words for the patient; codes stand on the outpatient card.",
    )
    description = fields.Html(
        string="What the patient should know", sanitize_attributes=True
    )
    valid_until = fields.Date(tracking=True)
    stage_ids = fields.One2many("clinic.care.plan.stage", "plan_id", copy=True)
    line_ids = fields.One2many("clinic.care.plan.line", "plan_id", copy=True)
    instalment_ids = fields.One2many("clinic.care.plan.instalment", "plan_id")
    amount_total = fields.Monetary(
        string="Total", compute="_compute_amounts", store=True
    )
    amount_accepted = fields.Monetary(
        string="Accepted", compute="_compute_amounts", store=True
    )
    progress = fields.Float(
        compute="_compute_progress", help="Part of the accepted services that is done."
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)
    presented_on = fields.Datetime(readonly=True, copy=False)
    refusal_reason = fields.Char(readonly=True, copy=False)
    refused_on = fields.Datetime(readonly=True, copy=False)
    offer_again_on = fields.Date(
        readonly=True,
        copy=False,
        help="When the coordinator was reminded to offer a refused plan again.",
    )
    signature = fields.Image(
        copy=False, attachment=True, max_width=1024, max_height=1024
    )
    signed_by = fields.Char(readonly=True, copy=False)
    signed_by_id = fields.Many2one(
        "res.partner", string="Signer", readonly=True, copy=False
    )
    signed_on = fields.Datetime(readonly=True, copy=False)
    signed_digest = fields.Char(
        string="Digest of what was signed",
        readonly=True,
        copy=False,
        help="SHA-256 of services, choices, prices and payments as they were signed.",
    )

    _signed_whole = models.Constraint(
        "CHECK (state NOT IN ('signed', 'done')"
        " OR (signed_by IS NOT NULL AND signed_on IS NOT NULL))",
        "A signed plan needs the name of who signed and the time.",
    )
    _approved_whole = models.Constraint(
        "CHECK (state IN ('draft', 'submitted', 'replaced')"
        " OR approved_by_id IS NOT NULL)",
        "A plan is shown to a patient only when the chief doctor has approved it.",
    )
    _one_next_version = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "This plan has a newer version already.",
    )

    @api.model
    def _default_doctor(self):
        """Who begins the plan, if that is a doctor and not who draws it up for one."""
        user = self.env.user
        treats = user.has_group("clinic_patient.group_clinic_practitioner")
        return user if treats else self.env["res.users"]

    @api.depends("doctor_id")
    def _compute_doctor_name(self):
        for plan in self:
            # sudo: res.users - patients read who treats them
            plan.doctor_name = plan.sudo().doctor_id.name

    @api.depends("line_ids.subtotal", "line_ids.accepted")
    def _compute_amounts(self):
        for plan in self:
            plan.amount_total = sum(plan.line_ids.mapped("subtotal"))
            plan.amount_accepted = sum(
                plan.line_ids.filtered("accepted").mapped("subtotal")
            )

    @api.depends("line_ids.done_quantity", "line_ids.quantity", "line_ids.accepted")
    def _compute_progress(self):
        for plan in self:
            lines = plan.line_ids.filtered("accepted")
            wanted = sum(lines.mapped("quantity"))
            done = sum(min(line.done_quantity, line.quantity) for line in lines)
            plan.progress = done / wanted if wanted else 0

    @api.depends("name", "title", "version")
    def _compute_display_name(self):
        for plan in self:
            words = [plan.name or self.env._("New plan")]
            if plan.version > 1:
                words.append(self.env._("version %(number)s", number=plan.version))
            plan.display_name = f"{', '.join(words)} · {plan.title or ''}"

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for plan in self:
            plan.access_url = f"/my/care-plans/{plan.id}"
        return result

    @api.constrains("patient_id")
    def _check_patient(self):
        self.patient_id._check_is_patient()

    @api.model_create_multi
    def create(self, vals_list):
        """Give each plan its number; a new version keeps that of the first."""
        self._check_given(vals_list)
        for vals in vals_list:
            if not vals.get("name"):
                # sudo: ir.sequence - whoever may write a plan may number it
                sequence = self.env["ir.sequence"].sudo()
                vals["name"] = sequence.next_by_code("clinic.care.plan")
        plans = super(ClinicCarePlan, self._ours()).create(vals_list)
        plans = plans.with_env(self.env)
        for plan in plans:
            people = plan.responsible_id | plan.doctor_id
            plan.message_subscribe(people.partner_id.ids)
        plans._tell_pipeline()
        return plans

    def write(self, vals):
        """Guard the states and what was approved.

        :raises UserError: this state cannot follow, or the plan is not a draft any more
        """
        self.check_access("write")
        if "state" in vals:
            self._check_transition(vals["state"])
        frozen = {
            "title",
            "patient_id",
            "diagnosis",
            "description",
            "stage_ids",
            "company_id",
        } & vals.keys()
        if frozen:
            self._check_editable()
        if "valid_until" in vals and not self._is_ours():
            self._check_unsigned()
        return super().write(vals)

    def _check_editable(self):
        """Whether what the patient is offered may still be written.

        :raises UserError: it was sent for approval, or approved
        """
        for plan in self:
            if plan.state not in EDITABLE:
                raise UserError(
                    self.env._(
                        "%(plan)s is not a draft any more: make a new version to "
                        "change it.",
                        plan=plan.name,
                    )
                )

    def _check_unsigned(self):
        """Refuse what would change a contract.

        :raises UserError: one of the plans is signed
        """
        for plan in self:
            if plan.signed_on:
                raise UserError(
                    self.env._(
                        "%(plan)s is signed and stays as it was signed: make a new "
                        "version to change it.",
                        plan=plan.name,
                    )
                )

    def _check_transition(self, new):
        names = dict(self._fields["state"]._description_selection(self.env))
        for plan in self:
            if new != plan.state and new not in TRANSITIONS[plan.state]:
                raise UserError(
                    self.env._(
                        "A plan that is “%(old)s” cannot become “%(new)s”.",
                        old=names[plan.state],
                        new=names[new],
                    )
                )
        if new == "approved" and not (
            self.env.su or self.env.user.has_group(CHIEF_DOCTOR)
        ):
            raise AccessError(self.env._("Only the chief doctor approves plans."))

    def _enter(self, state, **vals):
        """Put plans into a state and tell whoever follows it (:meth:`_after_state`)."""
        for plan in self:
            old = plan.state
            plan._ours().write({"state": state, **vals})
            plan._after_state(old)

    def _after_state(self, old):
        """Extension point: the state of this plan changed in this transaction.

        :param str old: the state before
        """
        if self.state == "signed":
            # sudo: res.partner - the flag follows the contract, whoever signed
            self.patient_id.sudo().on_treatment = True
        elif old == "signed" and not self._other_contract():
            self.patient_id.sudo().on_treatment = False
        self._tell_pipeline()

    def _tell_pipeline(self):
        """Each step of a plan is a cause of automatic moves."""
        self.env["clinic.pipeline.cause"]._record(
            [
                {
                    "kind": "plan",
                    "patient_id": plan.patient_id.id,
                    "plan_id": plan.id,
                    "plan_state": plan.state,
                }
                for plan in self
            ]
        )

    def _other_contract(self):
        """Whether another signed plan of the patient goes on."""
        return self.sudo().search_count(
            [
                ("patient_id", "=", self.patient_id.id),
                ("state", "=", "signed"),
                ("id", "not in", self.ids),
            ],
            limit=1,
        )

    def _is_open(self):
        """Whether the patient may accept, sign or refuse it now."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        return self.state in OPEN and (
            not self.valid_until or self.valid_until >= today
        )

    def _get_portal_return_action(self):
        """Where staff come back to from the portal page."""
        self.ensure_one()
        return self.env.ref("clinic_care_plan.clinic_care_plan_action")

    def action_open_portal(self):
        """The plan as the patient sees it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "target": "self",
            "url": self.access_url,
        }
