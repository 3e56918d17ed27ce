from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

#: Results that are asked a reason for.
WITH_REASON = ("declined", "close")
#: Reasons that only fit recalls of some triggers.
SPECIAL = {"no_show": "missed", "cancelled": "missed", "enquiry": "not_booked"}


class ClinicRecallOutcome(models.TransientModel):
    """Asks what goes with the result of a call: a reason, a day, a word."""

    _name = "clinic.recall.outcome"
    _description = "Result of a call"

    recall_ids = fields.Many2many("clinic.recall", required=True)
    result = fields.Selection(
        [
            ("no_answer", "No answer"),
            ("wrong_number", "Wrong number"),
            ("later", "Asked to be called later"),
            ("declined", "Does not want to come"),
            ("close", "No recall is needed any more"),
        ],
        required=True,
        default="no_answer",
    )
    kind = fields.Selection(
        [("call", "Call"), ("desk", "At the desk"), ("message", "Message")],
        string="How",
        required=True,
        default="call",
    )
    reason_id = fields.Many2one("clinic.recall.reason", string="Why")
    allowed_reason_ids = fields.Many2many(
        "clinic.recall.reason", compute="_compute_allowed_reason_ids"
    )
    later_on = fields.Date(
        string="Call on",
        default=lambda self: fields.Date.context_today(self) + timedelta(days=7),
    )
    note = fields.Char(help="In the patient's words.")

    @api.depends("result", "recall_ids")
    def _compute_allowed_reason_ids(self):
        for outcome in self:
            kinds = {"close"}
            if outcome.result == "declined":
                triggers = outcome.recall_ids.mapped("trigger")
                kinds = {"decline"} | {
                    SPECIAL[trigger] for trigger in triggers if trigger in SPECIAL
                }
            outcome.allowed_reason_ids = outcome.reason_id.search(
                [("kind", "in", sorted(kinds))]
            )

    @api.onchange("result")
    def _onchange_result(self):
        if self.reason_id not in self.allowed_reason_ids:
            self.reason_id = False

    def action_save(self):
        """Write the attempt down, or close.

        :raises UserError: a reason or a day is missing
        """
        self.ensure_one()
        if self.result in WITH_REASON and not self.reason_id:
            raise UserError(self.env._("Choose why: the reasons are counted."))
        if self.result == "close":
            self.recall_ids._close(self.reason_id, self.note)
            return {"type": "ir.actions.act_window_close"}
        later = self.later_on if self.result == "later" else False
        if self.result == "later" and (
            not later or later < fields.Date.context_today(self)
        ):
            raise UserError(
                self.env._("Write the day on which the patient wants to be called.")
            )
        self.recall_ids._attempted(
            self.result, self.kind, later, self.reason_id, self.note
        )
        return {"type": "ir.actions.act_window_close"}
