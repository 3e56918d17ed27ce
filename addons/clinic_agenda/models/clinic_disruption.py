from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock

from ..lib.states import AHEAD
from .clinic_disruption_line import UNSETTLED

#: States of messages that nobody has got.
UNSENT = ("queued", "suppressed", "cancelled", "expired")


class ClinicDisruption(models.Model):
    """A practitioner cannot come: one worklist until every visit is settled.

    To begin writes the leave, so that nothing more is booked, and a line for every
    visit it touches. No visit is cancelled or moved by that: a person or the patient
    decides each of them.
    """

    _name = "clinic.disruption"
    _description = "Practitioner is away"
    _inherit = ["clinic.gate", "mail.thread"]
    _clinic_kept = frozenset({"line_ids"})
    #: What visits were proposed for is not changed under them.
    _WHEN = frozenset({"practitioner_id", "date_from", "date_to", "reason"})
    _order = "date_from desc, id desc"
    _rec_names_search = ["practitioner_id", "reason"]

    practitioner_id = fields.Many2one(
        "clinic.practitioner", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="practitioner_id.company_id", store=True, precompute=True
    )
    reason = fields.Char(
        required=True,
        default=lambda self: self.env._("Ill"),
        help="For the staff; patients are told only that the visit cannot take place.",
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(
        string="Until", required=True, default=fields.Date.context_today
    )
    state = fields.Selection(
        [
            ("draft", "Not begun"),
            ("open", "To settle"),
            ("settled", "Settled"),
            ("undone", "Undone"),
        ],
        compute="_compute_state",
        store=True,
        readonly=True,
    )
    begun_at = fields.Datetime(readonly=True, copy=False)
    undone_at = fields.Datetime(readonly=True, copy=False)
    exception_id = fields.Many2one(
        "clinic.schedule.exception",
        string="Leave",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )
    line_ids = fields.One2many("clinic.disruption.line", "disruption_id")
    visit_count = fields.Integer(
        string="Visits", compute="_compute_progress", store=True, compute_sudo=True
    )
    settled_count = fields.Integer(
        string="Settled visits",
        compute="_compute_progress",
        store=True,
        compute_sudo=True,
    )
    progress = fields.Float(
        compute="_compute_progress", store=True, compute_sudo=True, aggregator=False
    )
    progress_words = fields.Char(
        string="Settled so far", compute="_compute_progress_words"
    )

    _period = models.Constraint(
        "CHECK (date_from <= date_to)", "The last day must not be before the first."
    )

    @api.depends("line_ids.state")
    def _compute_progress(self):
        for disruption in self:
            lines = disruption.line_ids
            settled = lines.filtered(lambda line: line.state not in UNSETTLED)
            disruption.visit_count = len(lines)
            disruption.settled_count = len(settled)
            disruption.progress = 100 * len(settled) / len(lines) if lines else 0

    @api.depends("begun_at", "undone_at", "visit_count", "settled_count")
    def _compute_state(self):
        for disruption in self:
            if disruption.undone_at:
                disruption.state = "undone"
            elif not disruption.begun_at:
                disruption.state = "draft"
            else:
                left = disruption.visit_count - disruption.settled_count
                disruption.state = "open" if left else "settled"

    @api.depends("visit_count", "settled_count")
    def _compute_progress_words(self):
        for disruption in self:
            disruption.progress_words = self.env._(
                "%(settled)s of %(all)s settled",
                settled=disruption.settled_count,
                all=disruption.visit_count,
            )

    @api.depends("practitioner_id", "date_from")
    def _compute_display_name(self):
        for disruption in self:
            day = fields.Date.to_string(disruption.date_from) or ""
            name = disruption.practitioner_id.display_name or ""
            disruption.display_name = f"{name} · {day}"

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_begin(self):
        """Write the leave, list the visits and look for other times; once."""
        self.check_access("write")
        for disruption in self.filtered(lambda each: not each.begun_at):
            # sudo: clinic.schedule.exception, clinic.appointment - whoever may begin
            # closes the agenda, and visits at every location are listed
            disruption.sudo()._begin()
        return True

    def action_offer(self):
        """Write to the patients of all open visits that have a proposal."""
        self.check_access("write")
        lines = self.line_ids.filtered(lambda line: line.state == "open")
        if not lines:
            raise UserError(self.env._("There is nobody left to write to."))
        lines.action_offer()
        return True

    def action_propose(self):
        """Look for other times again, for the visits that are still open."""
        self.check_access("write")
        # sudo: clinic.disruption.option - as in action_begin
        lines = self.sudo().line_ids.filtered(lambda line: line.state in UNSETTLED)
        lines._propose()
        return True

    def action_undo(self):
        """Take it back: the practitioner comes after all.

        :raises UserError: a patient was told, or a visit was changed already
        """
        self.check_access("write")
        for disruption in self:
            # sudo: clinic.disruption - as in action_begin
            disruption.sudo()._undo()
        return True

    def action_view_lines(self):
        """Open the worklist."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "clinic.disruption.line",
            "view_mode": "list,kanban,form",
            "domain": [("disruption_id", "=", self.id)],
        }

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    def _sealed_fields(self):
        """Who is away and when stays as it was begun."""
        begun = any(each.begun_at for each in self)
        return super()._sealed_fields() | (self._WHEN if begun else set())

    def _begin(self):
        self.ensure_one()
        self._ours().exception_id = self.env["clinic.schedule.exception"].create(
            {
                "name": self.reason,
                "kind": "leave",
                "practitioner_id": self.practitioner_id.id,
                "date_from": self.date_from,
                "date_to": self.date_to,
            }
        )
        visits = self.env["clinic.appointment"].search(
            [
                ("practitioner_id", "=", self.practitioner_id.id),
                ("local_day", ">=", self.date_from),
                ("local_day", "<=", self.date_to),
                ("start", ">", clock.now()),
                ("state", "in", AHEAD),
            ],
            order="start, id",
        )
        lines = self.env["clinic.disruption.line"].create(
            [
                {
                    "disruption_id": self.id,
                    "appointment_id": visit.id,
                    "location_id": visit.location_id.id,
                    "start": visit.start,
                }
                for visit in visits
            ]
        )
        self._ours().begun_at = clock.now()
        lines._propose()

    def _undo(self):
        self.ensure_one()
        messages = self.env["clinic.message"].search(
            [
                ("res_model", "=", "clinic.disruption.line"),
                ("res_id", "in", self.line_ids.ids),
                ("direction", "=", "out"),
            ]
        )
        messages._cancel_queued(self.env._("Undone"))
        told = messages.filtered(lambda message: message.state not in UNSENT)
        if told or any(line.state not in ("open", "offered") for line in self.line_ids):
            raise UserError(
                self.env._(
                    "Patients were told already, or visits were changed. Settle the "
                    "others here, and end the leave under “Leave and extra openings”."
                )
            )
        self.line_ids.unlink()
        self.exception_id.unlink()
        self._ours().undone_at = clock.now()
