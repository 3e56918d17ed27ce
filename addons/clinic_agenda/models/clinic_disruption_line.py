from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import Said

from .clinic_appointment_allocation import SlotTaken

#: Somebody still has to do or to answer something.
UNSETTLED = ("open", "offered", "called")


class ClinicDisruptionLine(models.Model):
    """One visit that cannot take place as booked, until it is settled."""

    _name = "clinic.disruption.line"
    _description = "Visit to settle"
    _inherit = ["clinic.gate", "clinic.signed.link"]
    _order = "start, id"
    _rec_name = "appointment_id"
    _link_base = "/clinic/other-time"
    _link_hours = 24 * 30

    disruption_id = fields.Many2one(
        "clinic.disruption", required=True, index=True, ondelete="cascade"
    )
    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, index=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(related="appointment_id.patient_id")
    phone = fields.Char(related="appointment_id.patient_id.phone")
    service_id = fields.Many2one(related="appointment_id.service_id")
    location_id = fields.Many2one("clinic.location", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="location_id.company_id", store=True)
    start = fields.Datetime(required=True, help="When the visit was to be.")
    local_start = fields.Char(string="Booked for", compute="_compute_local_start")
    short_start = fields.Char(string="Was to be", compute="_compute_local_start")
    now_at = fields.Char(string="Is now", compute="_compute_local_start")
    option_ids = fields.One2many("clinic.disruption.option", "line_id")
    proposal = fields.Char(compute="_compute_proposal")
    short_proposal = fields.Char(string="Proposed", compute="_compute_proposal")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("offered", "Asked by message"),
            ("called", "Called, not decided"),
            ("moved", "Moved"),
            ("cancelled", "Cancelled"),
            ("kept", "Kept as it is"),
        ],
        required=True,
        readonly=True,
        default="open",
        group_expand=True,
    )
    to_call = fields.Boolean(
        string="Call",
        readonly=True,
        help="No message could be sent, no time was found, or the patient said no.",
    )
    settled_at = fields.Datetime(readonly=True)

    _once = models.Constraint(
        "UNIQUE (disruption_id, appointment_id)", "This visit is listed already."
    )
    _unsettled = models.Index(
        "(appointment_id) WHERE state IN ('open', 'offered', 'called')"
    )

    @api.depends("start", "appointment_id.start", "state")
    @api.depends_context("lang")
    def _compute_local_start(self):
        for line in self:
            visit = line.appointment_id
            line.local_start = line.location_id._speak_time(line.start)
            line.short_start = line.location_id._speak_short(line.start)
            line.now_at = visit.local_start if line.state == "moved" else False

    @api.depends("option_ids")
    @api.depends_context("lang")
    def _compute_proposal(self):
        for line in self:
            first = line.option_ids[:1]
            line.proposal = first.display_name if first else False
            line.short_proposal = first and ", ".join(
                (
                    first.location_id._speak_short(first.start),
                    first.practitioner_id.display_name,
                )
            )

    # ------------------------------------------------------------
    # Actions of the desk
    # ------------------------------------------------------------

    def action_offer(self):
        """Write to the patients of open visits; a repeat writes nothing twice.

        Who cannot be written to, or has no other time to choose, is to be called.
        """
        self.check_access("write")
        for line in self.filtered(lambda each: each.state == "open"):
            messages = self.env["clinic.message"]
            if line.option_ids and line.appointment_id._is_to_come():
                messages = line._tell()
            if any(message.state == "queued" for message in messages.sudo()):
                line._ours().state = "offered"
            else:
                line._ours().to_call = True

    def action_called(self):
        """The patient knows by telephone and still thinks about it."""
        self.check_access("write")
        unsettled = self.filtered(lambda line: line.state in UNSETTLED)
        unsettled._ours().write({"state": "called", "to_call": False})

    def action_keep(self):
        """The visit takes place as booked."""
        self.check_access("write")
        self._settle("kept")

    def action_take_proposal(self):
        """Move the visits to the first of their proposals that is still free.

        Of several visits those without such a time are marked to be called.

        :raises UserError: one visit, and no proposal is free
        """
        self.check_access("write")
        for line in self.filtered(lambda each: each.state in UNSETTLED):
            if line._take_first():
                continue
            if len(self) == 1:
                raise UserError(
                    self.env._("No proposal is free: choose another time yourself.")
                )
            line._ours().to_call = True

    def action_other_time(self):
        """Choose any other free time."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move the visit"),
            "res_model": "clinic.appointment.reschedule",
            "view_mode": "form",
            "target": "new",
            "context": {"default_appointment_id": self.appointment_id.id},
        }

    def action_cancel_visit(self):
        """Cancel the visit with a reason."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel the visit"),
            "res_model": "clinic.appointment.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_appointment_id": self.appointment_id.id,
                "default_usual_reason": "practitioner_away",
                "active_id": self.appointment_id.id,
                "active_ids": self.appointment_id.ids,
                "active_model": "clinic.appointment",
            },
        }

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    def _settle(self, state):
        """Nothing is left to do about these visits; a repeat changes nothing."""
        lines = self.filtered(lambda line: line.state in UNSETTLED)
        lines._ours().write(
            {"state": state, "to_call": False, "settled_at": clock.now()}
        )
        self.env["clinic.message"]._cancel_of(lines, ["practitioner_ill"], state)

    def _take(self, option, actor=None, channel="website"):
        """Move the visit to a proposed time, as long as it is free.

        :param option: ``clinic.disruption.option`` of this line
        :param actor: ``res.partner`` who chose it
        :raises SlotTaken: somebody was faster; the visit stays as it was
        :raises UserError: the visit is settled already
        """
        self.ensure_one()
        visit = self.appointment_id
        if self.state not in UNSETTLED or not visit._is_to_come():
            raise UserError(self.env._("This visit has been settled already."))
        if option.line_id != self:
            raise UserError(self.env._("Choose one of the proposed times."))
        slots = self.env["clinic.slot"].search_slots(
            visit.service_id.id,
            option.start,
            fields.Datetime.add(option.start, seconds=1),
            practitioner_ids=option.practitioner_id.ids,
            location_ids=option.location_id.ids,
            regime=visit.regime,
        )
        if not slots:
            raise SlotTaken(
                self.env._("This time was just taken. Choose another one."),
                "practitioner",
            )
        context = {
            "clinic_channel": Said(channel),
            "clinic_actor_id": Said(actor.id if actor else False),
        }
        self.env["clinic.booking"]._move_to(visit.with_context(**context), slots[0])
        self._settle("moved")

    def _take_first(self):
        """Take the first proposal that is free.

        :returns: whether there was one
        """
        self.ensure_one()
        for option in self.option_ids:
            try:
                with self.env.cr.savepoint():
                    self._take(option, channel="desk")
                return True
            except SlotTaken:
                continue
        return False

    def _give_up(self):
        """The patient wants none of the proposals: somebody calls."""
        self.filtered(lambda line: line.state in UNSETTLED)._ours().write(
            {"state": "open", "to_call": True}
        )

    def _tell(self):
        """Write to the patient, or to the guardians of a minor."""
        self.ensure_one()
        # The clinic writes, whoever clicks: see clinic.appointment._queue_message.
        context = clean_context(self.env.context)
        messages = self.env(user=SUPERUSER_ID, context=context)["clinic.message"]
        return messages._queue(
            "practitioner_ill",
            self.patient_id,
            origin=self,
            step="ask",
            location=self.location_id,
            company=self.company_id,
            expires_at=self.start,
        )

    def _message_values(self, lang, message):
        """Values for the names in the texts: the visit as it was, and a proposal."""
        self.ensure_one()
        # sudo: clinic.disruption.line - the text goes to the patient's own people
        line = self.sudo().with_context(lang=lang)
        values = line.appointment_id._message_values(lang, message)
        location = line.location_id
        return values | {
            "visit_time": location._speak_time(line.start, lang),
            "practitioner": line.disruption_id.practitioner_id.display_name,
            "proposal": line.proposal or "",
            "offer_link": line.get_base_url()
            + line._link_path(message.recipient_id or line.patient_id),
        }

    def _message_awaits_answer(self, message):
        """Whether a proposal is open; see ``clinic.message._awaits_answer``."""
        return not self._message_is_obsolete(message)

    def _message_is_obsolete(self, message):
        """Whether a waiting message asks about what is settled."""
        self.ensure_one()
        return self.state not in UNSETTLED or not self.option_ids
