from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, clean_context

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import Said
from odoo.addons.clinic_base.models.claiming import claim_waiting

from .clinic_appointment_allocation import SlotTaken

STATES = [
    ("offered", "Offered"),
    ("accepted", "Accepted"),
    ("declined", "Declined"),
    ("expired", "No answer"),
    ("lost", "Somebody was faster"),
    ("withdrawn", "Withdrawn"),
    ("unreached", "Cannot be reached"),
]


class ClinicWaitOffer(models.Model):
    """One free time, kept for a while for one who waits.

    The time is a held visit, so nobody else can book it. Several offers share a held
    visit when a location asks everybody at once: the database lets one of them have it.
    """

    _name = "clinic.wait.offer"
    _description = "Offered time"
    _inherit = ["clinic.gate"]
    _order = "id desc"
    _rec_name = "wait_id"

    wait_id = fields.Many2one(
        "clinic.wait.list", required=True, index=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(
        related="wait_id.patient_id", store=True, index=True, precompute=True
    )
    company_id = fields.Many2one(
        related="wait_id.company_id", store=True, precompute=True
    )
    hold_id = fields.Many2one(
        "clinic.appointment",
        string="Held time",
        index="btree_not_null",
        ondelete="set null",
    )
    practitioner_id = fields.Many2one(
        "clinic.practitioner", required=True, ondelete="cascade"
    )
    location_id = fields.Many2one("clinic.location", required=True, ondelete="cascade")
    start = fields.Datetime(required=True)
    local_start = fields.Char(string="When", compute="_compute_local_start")
    expires_at = fields.Datetime(string="Answer until", required=True)
    answered_at = fields.Datetime(readonly=True)
    state = fields.Selection(STATES, required=True, default="offered", readonly=True)

    _open = models.Index("(expires_at) WHERE state = 'offered'")
    _one_open = models.UniqueIndex(
        "(wait_id) WHERE state = 'offered'",
        "Somebody who waits is asked about one time after the other.",
    )

    @api.depends("start", "location_id")
    @api.depends_context("lang")
    def _compute_local_start(self):
        for offer in self:
            offer.local_start = offer.location_id._speak_time(offer.start)

    # ------------------------------------------------------------
    # Making offers
    # ------------------------------------------------------------

    @api.model
    def _make(self, entry, hold, expires):
        """Offer a held time to somebody who waits, and write the message.

        :param entry: ``clinic.wait.list``
        :param hold: held ``clinic.appointment``
        :param datetime expires: naive UTC
        :returns: the offer; empty when the patient cannot be reached by any channel
        """
        offer = self.create(
            {
                "wait_id": entry.id,
                "hold_id": hold.id,
                "practitioner_id": hold.practitioner_id.id,
                "location_id": hold.location_id.id,
                "start": hold.start,
                "expires_at": expires,
            }
        )
        messages = offer._tell("waitlist_offer", expires_at=expires)
        if not any(message.state == "queued" for message in messages):
            offer._ours().state = "unreached"
            return self.browse()
        entry._ours().state = "offered"
        return offer

    def _also_for(self, entry):
        """Offer the same held time to one more, for the rest of its minutes."""
        self.ensure_one()
        return self._make(entry, self.hold_id, self.expires_at)

    def _tell(self, kind_code, **options):
        """Write a message about the offer to the patient, or a minor's guardians."""
        self.ensure_one()
        # The clinic writes, whoever answered: see clinic.appointment._queue_message.
        context = clean_context(self.env.context)
        messages = self.env(user=SUPERUSER_ID, context=context)["clinic.message"]
        return messages._queue(
            kind_code,
            self.patient_id,
            origin=self,
            location=self.location_id,
            company=self.company_id,
            **options,
        )

    # ------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------

    def _accept(self, actor=None, channel="website"):
        """Book the offered time, exactly once; a repeat finds it booked.

        The row of the held visit is locked: of several who accept at the same moment
        one goes on, the others start again and find it gone.

        :param actor: ``res.partner`` who answers, the patient or a guardian
        :param str channel: of the booking, for the history
        :returns: the visit
        :raises SlotTaken: somebody was faster, or the minutes to answer are over
        :raises UserError: the visit that was to be earlier does not stand any more
        """
        self.ensure_one()
        hold = self.hold_id
        if self.state == "offered" and hold.state == "held":
            self.env.cr.execute(
                SQL(
                    "SELECT 1 FROM clinic_appointment WHERE id = %s FOR NO KEY UPDATE",
                    hold.id,
                )
            )
        if self.state == "accepted":
            return self.wait_id.booked_id
        if not self._is_open():
            raise SlotTaken(
                self.env._(
                    "Sorry, this time is not free any more. You stay on the wait list "
                    "and we tell you when another one becomes free."
                ),
                "practitioner",
            )
        entry, patient = self.wait_id, self.patient_id
        acting = hold.with_context(
            clinic_channel=Said(channel), clinic_actor_id=Said((actor or patient).id)
        )
        if entry.kind == "earlier":
            visit = self._move_earlier(acting)
        else:
            booked_by = actor if actor and actor != patient else None
            # Before the booking ends the waiting, which would take the offer back.
            self._answer("accepted")
            # sudo: clinic.wait.list - goes to the visit, for staff
            typed = entry.sudo().guest_card
            identity = {"identity_to_confirm": bool(typed), "guest_card": typed}
            self.env["clinic.booking"]._book_held(
                acting, patient, booked_by=booked_by, **(identity if typed else {})
            )
            visit = hold
        self._answer("accepted")
        entry._close("booked", visit)
        losers = self._of_same_hold()
        losers._answer("lost")
        losers.wait_id._back_to_waiting()
        for loser in losers:
            loser._tell("waitlist_taken")
        return visit

    def _move_earlier(self, hold):
        """Give a booked visit the held time; its old time becomes free."""
        visit = self.wait_id.appointment_id.with_context(**hold.env.context)
        if not self.wait_id._still_waits():
            raise UserError(
                self.env._("The visit that was to be earlier does not stand any more.")
            )
        start, stop = hold.start, hold.stop
        practitioner, room = hold.practitioner_id, hold.room_id
        location, devices = hold.location_id, hold.equipment_ids.ids
        hold._ours().write({"state": "expired"})
        visit._move(
            start,
            stop=stop,
            practitioner=practitioner,
            room=room,
            location_id=location.id,
            equipment_ids=[(6, 0, devices)],
        )
        return visit

    def _decline(self):
        """The patient does not want this time; the next one is asked.

        :raises UserError: it was accepted already
        """
        self.ensure_one()
        if self.state == "accepted":
            raise UserError(
                self.env._("This time is booked. To give it back, cancel the visit.")
            )
        self._end("declined")

    def _end(self, state):
        """End open offers and give their times to the next ones.

        :param str state: ``declined``, ``expired`` or ``withdrawn``
        """
        ended = self.filtered(lambda offer: offer.state == "offered")
        ended._answer(state)
        ended.wait_id._back_to_waiting()
        for hold in ended.hold_id:
            if hold.state == "held" and not hold.patient_id:
                if not self._of_hold(hold):
                    self._give_back(hold)
        return ended

    def _give_back(self, hold):
        """Free a time that nobody wanted, and have it offered to the next ones."""
        hold._ours().write({"state": "expired"})
        self.env["clinic.wait.freed"]._note(
            {
                "practitioner_id": hold.practitioner_id.id,
                "location_id": hold.location_id.id,
                "start": hold.start,
                "stop": hold.stop,
            }
        )

    def _answer(self, state):
        self._ours().write({"state": state, "answered_at": clock.now()})
        self.env["clinic.message"]._cancel_of(self, ["waitlist_offer"], state)

    def _is_open(self):
        """Whether the time is still kept for this patient."""
        self.ensure_one()
        now = clock.now()
        return (
            self.state == "offered"
            and self.expires_at > now
            and self.hold_id.state == "held"
        )

    def _of_hold(self, hold):
        return self.search([("hold_id", "=", hold.id), ("state", "=", "offered")])

    def _of_same_hold(self):
        return self._of_hold(self.hold_id) - self

    @api.model
    def _expire(self):
        """End the offers that nobody answered in time."""
        now = clock.now()
        claim_waiting(
            self, [("state", "=", "offered"), ("expires_at", "<=", now)], 500
        )._end("expired")

    def action_accept(self):
        """The patient said yes on the telephone."""
        self.check_access("write")
        for offer in self:
            # sudo: clinic.wait.offer - who may write it takes the answer down
            offer.sudo()._accept(channel="phone")

    def action_decline(self):
        """The patient said no on the telephone."""
        self.check_access("write")
        for offer in self:
            # sudo: clinic.wait.offer - as in action_accept
            offer.sudo()._decline()


class ClinicWaitList(models.Model):
    """Back in the queue after an offer that came to nothing."""

    _inherit = "clinic.wait.list"

    def _back_to_waiting(self):
        """Wait on, in the old place: nobody loses a turn by an answer."""
        self.filtered(lambda entry: entry.state == "offered")._ours().write(
            {"state": "waiting"}
        )
