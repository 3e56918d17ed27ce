from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.clinic_base.lib import clock

from ..lib.states import AHEAD

WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
WHO = frozenset({"patient_id", "service_id"})
#: States in which a time may be offered.
ACTIVE = ("waiting", "offered")


class ClinicWaitList(models.Model):
    """A patient who waits for a time: for any, or for an earlier one than is booked.

    FHIR R4 ``Appointment`` with status ``waitlist``. Times that become free are
    offered by ``clinic.wait.freed``; the answers are in ``clinic.wait.offer``.
    """

    _name = "clinic.wait.list"
    _description = "Wait list"
    _inherit = ["clinic.gate", "mail.thread", "mail.activity.mixin"]
    _order = "priority desc, waiting_since, id"
    _rec_names_search = ["patient_id", "service_id"]
    _check_company_auto = True

    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_patient", "=", True)],
        check_company=True,
    )
    service_id = fields.Many2one(
        "product.template",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_healthcare_service", "=", True)],
    )
    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Booked visit",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The patient has this visit and wants an earlier time.",
    )
    kind = fields.Selection(
        [("new", "No visit yet"), ("earlier", "Earlier time")],
        compute="_compute_kind",
        store=True,
        precompute=True,
    )
    practitioner_ids = fields.Many2many(
        "clinic.practitioner",
        "clinic_wait_list_practitioner_rel",
        "wait_id",
        "practitioner_id",
        help="Empty: any practitioner.",
    )
    location_ids = fields.Many2many(
        "clinic.location",
        "clinic_wait_list_location_rel",
        "wait_id",
        "location_id",
        help="Empty: any location.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_until = fields.Date(string="Until", help="Empty: as long as it takes.")
    monday = fields.Boolean(default=True)
    tuesday = fields.Boolean(default=True)
    wednesday = fields.Boolean(default=True)
    thursday = fields.Boolean(default=True)
    friday = fields.Boolean(default=True)
    saturday = fields.Boolean(default=True)
    sunday = fields.Boolean(default=True)
    hour_from = fields.Float(string="From hour", default=0.0)
    hour_to = fields.Float(string="To hour", default=24.0)
    priority = fields.Selection(
        [("0", "Normal"), ("1", "High"), ("2", "Urgent")],
        required=True,
        default="0",
        help="Whoever is urgent is asked first; then who has waited longest.",
    )
    waiting_since = fields.Datetime(
        required=True, readonly=True, copy=False, default=fields.Datetime.now
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("offered", "Offered"),
            ("booked", "Booked"),
            ("expired", "Expired"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="waiting",
        tracking=True,
    )
    source = fields.Selection(
        [
            ("desk", "Reception desk"),
            ("website", "Website"),
            ("portal", "Patient portal"),
        ],
        required=True,
        readonly=True,
        default="desk",
    )
    note = fields.Text(help="For the staff; patients do not see it.")
    guest_card = fields.Json(
        string="As the guest wrote it",
        readonly=True,
        copy=False,
        groups="clinic_patient.group_clinic_user",
        help="The patient is this guest by likeness only: staff confirm it on the "
        "visit that follows.",
    )
    guest_words = fields.Text(
        string="Written by a guest",
        copy=False,
        groups="clinic_patient.group_clinic_user",
        help="Somebody with the name, birth date and phone of this patient wrote this "
        "on the website. The wish was not changed: ask who it was, then empty this.",
    )
    offer_ids = fields.One2many("clinic.wait.offer", "wait_id")
    offer_count = fields.Integer(compute="_compute_offer_count")
    booked_id = fields.Many2one(
        "clinic.appointment",
        string="Visit booked",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )

    _one_active = models.UniqueIndex(
        "(patient_id, service_id) WHERE state IN ('waiting', 'offered')",
        "This patient is already on the wait list for this service.",
    )
    _hours = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_to <= 24 AND hour_from < hour_to)",
        "Hours lie between 00:00 and 24:00, the end after the start.",
    )
    _period = models.Constraint(
        "CHECK (date_until IS NULL OR date_from <= date_until)",
        "The last day must not be before the first.",
    )
    _some_day = models.Constraint(
        f"CHECK ({' OR '.join(WEEKDAYS)})", "Choose at least one day of the week."
    )
    _order_of_turns = models.Index(
        "(service_id, priority DESC, waiting_since) WHERE state = 'waiting'"
    )

    @api.depends("appointment_id")
    def _compute_kind(self):
        for entry in self:
            # Once it was about a booked visit, it stays so in the history.
            if entry.appointment_id or not entry.kind:
                entry.kind = "earlier" if entry.appointment_id else "new"

    @api.depends("offer_ids")
    def _compute_offer_count(self):
        counts = dict(
            self.env["clinic.wait.offer"]._read_group(
                [("wait_id", "in", self.ids)], ["wait_id"], ["__count"]
            )
        )
        for entry in self:
            entry.offer_count = counts.get(entry, 0)

    @api.depends("patient_id", "service_id")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = " · ".join(
                filter(None, [entry.patient_id.name, entry.service_id.name])
            )

    def _sealed_fields(self):
        """Who waits for what stays once a time was offered."""
        offered = any(entry.state != "waiting" for entry in self)
        return super()._sealed_fields() | (WHO if offered else set())

    @api.onchange("appointment_id")
    def _onchange_appointment_id(self):
        """A visit that is to be earlier says who waits and for what."""
        visit = self.appointment_id
        if visit:
            self.patient_id = visit.patient_id
            self.service_id = visit.service_id
            self.practitioner_ids = visit.practitioner_id
            self.location_ids = visit.location_id

    @api.constrains("patient_id", "service_id", "appointment_id")
    def _check_appointment(self):
        for entry in self:
            visit = entry.appointment_id
            if not entry.patient_id.is_patient:
                raise ValidationError(
                    self.env._("Only a patient can be put on the wait list.")
                )
            _field, problem = entry.service_id._person_problem(
                entry.patient_id.birth_date,
                entry.patient_id.sex,
                fields.Date.context_today(entry),
            )
            if problem:
                raise ValidationError(problem)
            if visit and (visit.patient_id, visit.service_id) != (
                entry.patient_id,
                entry.service_id,
            ):
                raise ValidationError(
                    self.env._(
                        "The booked visit must be of the same patient and service."
                    )
                )

    def action_withdraw(self):
        """The patient does not wait any more; times that are held become free."""
        self.check_access("write")
        self._close("withdrawn")

    def action_wait_again(self):
        """Put a withdrawn or expired wish back, at the end of the queue."""
        closed = self.filtered(lambda entry: entry.state in ("withdrawn", "expired"))
        today = fields.Date.context_today(self)
        for entry in closed:
            if entry.date_until and entry.date_until < today:
                raise UserError(
                    self.env._("The last day has passed: choose a later one first.")
                )
        closed._ours().write({"state": "waiting", "waiting_since": clock.now()})

    def action_view_offers(self):
        """Open the times that were offered."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.wait.offer",
            "view_mode": "list,form",
            "domain": [("wait_id", "=", self.id)],
            "name": self.env._("Offered times"),
        }

    def _close(self, state, visit=None):
        """End the waiting; a repeat changes nothing.

        :param str state: ``booked``, ``expired`` or ``withdrawn``
        :param visit: ``clinic.appointment`` that ended it
        """
        # sudo: clinic.wait.offer - who may end the waiting gives held times back
        active = self.sudo().filtered(lambda entry: entry.state in ACTIVE)
        active.write({"state": state, "booked_id": visit.id if visit else False})
        # The patient may be put on the list again in this very transaction.
        active.flush_recordset(["state"])
        active.offer_ids._end("withdrawn")

    def _wants(self, moment, location):
        """Whether a start suits the wishes of day and hour, on the location's clock.

        :param datetime moment: naive UTC
        :param location: ``clinic.location``
        """
        self.ensure_one()
        local = location._local_time(moment)
        day, hour = local.date(), local.hour + local.minute / 60
        return (
            self[WEEKDAYS[day.weekday()]]
            and self.hour_from <= hour < self.hour_to
            and self.date_from <= day
            and (not self.date_until or day <= self.date_until)
            and (not self.appointment_id or moment < self.appointment_id.start)
        )

    def _still_waits(self):
        """Whether a time may be offered: an earlier time needs a visit to come."""
        self.ensure_one()
        if self.kind == "earlier":
            visit = self.appointment_id
            return visit.state in AHEAD and visit.start > clock.now()
        return True

    @api.model
    def _expire(self):
        """End the waiting of those whose last day has passed."""
        yesterday = fields.Date.subtract(fields.Date.today(), days=1)
        self.search(
            [("state", "in", ACTIVE), ("date_until", "<", yesterday)], limit=1000
        )._close("expired")
