from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS

from .clinic_complaint_category import SEVERITIES

#: Where a complaint may go from each state.
TRANSITIONS = {
    "new": {"in_progress", "resolved"},
    "in_progress": {"new", "resolved"},
    "resolved": {"closed", "in_progress"},
    "closed": {"in_progress"},
}
OPEN = ("new", "in_progress")
#: Ways in which nobody of the staff wrote the words down.
OUTSIDE = ("portal", "website", "survey", "review", "message", "email")
WORDS = frozenset({"title", "description"})
#: How much earlier than its category says a grave complaint is to be answered.
HURRY = {"high": 2, "critical": 4}


class ClinicComplaint(models.Model):
    """A complaint, from wherever it came, until it is answered and understood."""

    _name = "clinic.complaint"
    _description = "Complaint"
    _inherit = ["clinic.gate", "portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_names_search = ["name", "title", "patient_id"]
    _check_company_auto = True
    _clinic_sealed = frozenset({"received_on", "channel"})
    #: Patients ask about the complaints they made.
    _mail_post_access = "read"

    name = fields.Char(string="Number", readonly=True, copy=False)
    title = fields.Char(required=True, tracking=True)
    description = fields.Text(help="In the words of who complains.")
    patient_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        domain=[("is_patient", "=", True)],
        ondelete="set null",
        tracking=True,
        check_company=True,
        help="Empty: nobody who is known here.",
    )
    contact = fields.Char(
        string="Who complains",
        groups=STAFF_GROUPS,
        help="Name and number or address, when it is not the patient.",
    )
    complainant_id = fields.Many2one(
        "res.partner",
        string="Made in the portal by",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    visit_id = fields.Many2one(
        "clinic.appointment",
        index="btree_not_null",
        ondelete="set null",
        domain="[('patient_id', '=', patient_id)]",
        groups=STAFF_GROUPS,
    )
    practitioner_id = fields.Many2one(
        "clinic.practitioner",
        compute="_compute_practitioner_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        groups=STAFF_GROUPS,
        help="Of the visit, or whom the complaint is about.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    channel = fields.Selection(
        [
            ("desk", "At the desk"),
            ("phone", "By telephone"),
            ("email", "By e-mail"),
            ("letter", "By letter"),
            ("message", "By message"),
            ("portal", "In the portal"),
            ("website", "On the website"),
            ("survey", "In a survey"),
            ("review", "In a public review"),
            ("other", "Otherwise"),
        ],
        required=True,
        default="desk",
    )
    category_id = fields.Many2one(
        "clinic.complaint.category", required=True, tracking=True, ondelete="restrict"
    )
    severity = fields.Selection(
        SEVERITIES,
        compute="_compute_from_category",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        groups=STAFF_GROUPS,
    )
    responsible_id = fields.Many2one(
        "res.users",
        compute="_compute_from_category",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        domain="[('share', '=', False)]",
        tracking=True,
        groups=STAFF_GROUPS,
    )
    concerned_id = fields.Many2one(
        "res.users",
        string="About",
        domain="[('share', '=', False)]",
        index="btree_not_null",
        groups=STAFF_GROUPS,
        help="The practitioner or colleague whom the complaint is about.",
    )
    state = fields.Selection(
        [
            ("new", "New"),
            ("in_progress", "In progress"),
            ("resolved", "Resolved"),
            ("closed", "Closed"),
        ],
        required=True,
        default="new",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    received_on = fields.Datetime(
        string="Received", required=True, default=fields.Datetime.now
    )
    deadline = fields.Date(
        compute="_compute_deadline",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        groups=STAFF_GROUPS,
    )
    is_late = fields.Boolean(
        string="Late",
        compute="_compute_is_late",
        compute_sudo=True,
        search="_search_is_late",
    )
    escalated_at = fields.Datetime(
        string="Escalated", readonly=True, copy=False, groups=STAFF_GROUPS
    )
    resolution = fields.Text(
        help="The answer to the patient: what was found and what is done about it.",
        copy=False,
    )
    cause_id = fields.Many2one(
        "clinic.complaint.cause",
        string="Root cause",
        ondelete="restrict",
        copy=False,
        tracking=True,
        groups=STAFF_GROUPS,
    )
    prevention = fields.Text(
        string="So that it does not happen again", copy=False, groups=STAFF_GROUPS
    )
    is_justified = fields.Selection(
        [("yes", "Yes"), ("partly", "Partly"), ("no", "No")],
        string="Justified",
        copy=False,
        groups=STAFF_GROUPS,
    )
    resolved_on = fields.Datetime(string="Resolved", readonly=True, copy=False)
    days_to_resolve = fields.Float(
        compute="_compute_days_to_resolve",
        store=True,
        aggregator="avg",
        groups=STAFF_GROUPS,
    )

    _open_deadline = models.Index(
        "(deadline) WHERE state IN ('new', 'in_progress') AND escalated_at IS NULL"
    )
    _resolved_whole = models.Constraint(
        "CHECK (state IN ('new', 'in_progress')"
        " OR (resolution > '' AND resolved_on IS NOT NULL))",
        "A resolved complaint needs the answer that was given.",
    )

    # ------------------------------------------------------------
    # Computed fields
    # ------------------------------------------------------------

    @api.depends("category_id")
    def _compute_from_category(self):
        for complaint in self:
            category = complaint.category_id
            complaint.severity = category.severity or complaint.severity or "medium"
            complaint.responsible_id = (
                category.responsible_id or complaint.responsible_id
            )

    @api.depends("category_id", "severity", "received_on")
    def _compute_deadline(self):
        for complaint in self:
            days = complaint.category_id.days or 7
            days = max(1, days // HURRY.get(complaint.severity, 1))
            received = complaint.received_on or clock.now()
            day = fields.Datetime.context_timestamp(complaint, received).date()
            complaint.deadline = day + timedelta(days=days)

    @api.depends("deadline", "state")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for complaint in self:
            complaint.is_late = complaint.state in OPEN and bool(
                complaint.deadline and complaint.deadline < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "in", OPEN) & Domain("deadline", "<", "today")
        return late if True in value else ~late

    @api.depends("received_on", "resolved_on")
    def _compute_days_to_resolve(self):
        for complaint in self:
            took = complaint.resolved_on and (
                complaint.resolved_on - complaint.received_on
            )
            complaint.days_to_resolve = took.total_seconds() / 86400 if took else 0

    @api.depends("visit_id")
    def _compute_practitioner_id(self):
        for complaint in self:
            # sudo: clinic.appointment - the desk of another location names nobody else
            visit = complaint.visit_id.sudo()
            complaint.practitioner_id = (
                visit.practitioner_id or complaint.practitioner_id
            )

    @api.depends("name", "title")
    def _compute_display_name(self):
        for complaint in self:
            complaint.display_name = " · ".join(
                filter(None, (complaint.name, complaint.title))
            )

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for complaint in self:
            complaint.access_url = f"/my/complaints/{complaint.id}"
        return result

    @api.constrains("visit_id", "patient_id")
    def _check_visit(self):
        for complaint in self:
            # sudo: clinic.appointment - whose visit it is
            visit = complaint.visit_id.sudo()
            if visit and visit.patient_id != complaint.patient_id:
                raise ValidationError(
                    self.env._("The visit is of another patient: choose one of this.")
                )

    # ------------------------------------------------------------
    # Creating and writing
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Number each complaint and tell who is to answer it."""
        self._check_given(vals_list)
        for vals in vals_list:
            if not vals.get("name"):
                # sudo: ir.sequence - whoever may make a complaint may number it
                sequence = self.env["ir.sequence"].sudo()
                vals["name"] = sequence.next_by_code("clinic.complaint")
        complaints = super(ClinicComplaint, self._ours()).create(vals_list)
        complaints = complaints.with_env(self.env)
        complaints._plan_answer()
        return complaints

    def _sealed_fields(self):
        """When it came and by which way stands; so do the words of who complained."""
        words = any(each.channel in OUTSIDE or each.state != "new" for each in self)
        return super()._sealed_fields() | (WORDS if words else set())

    def write(self, vals):
        """Guard the states.

        :raises UserError: this state cannot follow, or the answer is missing
        """
        if "state" in vals:
            self._check_transition(vals)
            if vals["state"] == "resolved":
                vals = dict(vals, resolved_on=clock.now())
            elif vals["state"] in OPEN:
                vals = dict(vals, resolved_on=False, escalated_at=False)
        before = {complaint.id: complaint.responsible_id for complaint in self}
        result = super().write(vals)
        if vals.get("state") in ("resolved", "closed"):
            self.activity_unlink(["mail.mail_activity_data_todo"])
        elif "responsible_id" in vals or "category_id" in vals:
            changed = self.filtered(
                lambda complaint: (
                    complaint.state in OPEN
                    and before[complaint.id] != complaint.responsible_id
                )
            )
            changed.activity_unlink(["mail.mail_activity_data_todo"])
            changed._plan_answer()
        return result

    def _check_transition(self, vals):
        names = dict(self._fields["state"]._description_selection(self.env))
        new = vals["state"]
        for complaint in self:
            if new != complaint.state and new not in TRANSITIONS[complaint.state]:
                raise UserError(
                    self.env._(
                        "A complaint that is “%(old)s” cannot become “%(new)s”.",
                        old=names[complaint.state],
                        new=names[new],
                    )
                )
            answer = vals.get("resolution", complaint.resolution)
            if new == "resolved" and not (answer or "").strip():
                raise UserError(
                    self.env._(
                        "Write the answer first: what was found, and what is done "
                        "about it."
                    )
                )

    def _plan_answer(self):
        """Plan the answer for who is responsible, until the deadline."""
        for complaint in self:
            if complaint.responsible_id and complaint.state in OPEN:
                # sudo: clinic.complaint - the task follows, whoever took the complaint
                complaint.sudo().activity_schedule(
                    "mail.mail_activity_data_todo",
                    complaint.deadline,
                    summary=self.env._("Answer the complaint"),
                    user_id=complaint.responsible_id.id,
                )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_begin(self):
        """Take the complaint; who is nobody's becomes one's own."""
        for complaint in self:
            vals = {"state": "in_progress"}
            if not complaint.responsible_id:
                vals["responsible_id"] = self.env.uid
            complaint._ours().write(vals)
        return True

    def action_resolve(self):
        """Say that it was answered."""
        self._ours().write({"state": "resolved"})
        return True

    def action_close(self):
        """Say that nothing more comes."""
        self._ours().write({"state": "closed"})
        return True

    def action_reopen(self):
        """The patient is not content, or more came up."""
        self._ours().write({"state": "in_progress"})
        return True

    def _get_portal_return_action(self):
        """Where staff come back to from the portal page."""
        self.ensure_one()
        return self.env.ref("clinic_complaint.clinic_complaint_action")

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_escalate(self):
        """Tell who stands above that the time for an answer is over, once."""
        late = self.search(
            [
                ("state", "in", OPEN),
                ("deadline", "<", fields.Date.context_today(self)),
                ("escalated_at", "=", False),
            ],
            limit=200,
        )
        managers = self.env.ref("clinic_patient.group_clinic_manager").all_user_ids
        for complaint in late:
            users = complaint.category_id.escalate_to_id or managers.filtered(
                lambda user, company=complaint.company_id: (
                    company in user.company_ids
                    and not user.share
                    and user.active
                    and user.id != 1
                )
            )
            for user in users[:3]:
                complaint.activity_schedule(
                    "mail.mail_activity_data_todo",
                    fields.Date.context_today(self),
                    summary=self.env._("The complaint is late"),
                    user_id=user.id,
                )
        late._ours().escalated_at = clock.now()
