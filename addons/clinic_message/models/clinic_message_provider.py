import secrets

from odoo import fields, models

from ..lib.channels import CHANNELS
from ..lib.port import usable


class ClinicMessageProvider(models.Model):
    """Who carries messages of one channel: a record of a small port.

    An adapter adds its word to ``kind`` and a method ``_send_<kind>(items)``, which
    takes :class:`~..lib.port.Item` s and returns one ``Outcome`` for each, in order;
    for a provider that can be asked also ``_poll_<kind>(messages)``: what was heard,
    and the words of what kept it from answering.
    """

    _name = "clinic.message.provider"
    _description = "Message provider"
    _order = "channel, sequence, id"

    name = fields.Char(required=True)
    channel = fields.Selection(CHANNELS, required=True)
    kind = fields.Selection([], string="Connection", required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: carries for all clinics."
    )
    country_ids = fields.Many2many(
        "res.country",
        string="Countries",
        help="Only numbers of these countries. Empty: of all.",
    )
    excluded_country_ids = fields.Many2many(
        "res.country",
        "clinic_message_provider_excluded_country_rel",
        string="Not in",
        help="Countries in which this channel is blocked or not allowed.",
    )
    base_url = fields.Char(string="Address of the service")
    sender = fields.Char(help="Name or number that the patient sees.")
    secret_path = fields.Char(
        default=lambda self: secrets.token_urlsafe(24),
        required=True,
        copy=False,
        groups="base.group_system",
        help="Part of the address to which the provider reports.",
    )
    lost_reply = fields.Selection(
        [
            ("same_key", "Send again with the same key: the provider knows repeats"),
            ("poll", "Ask the provider what became of it"),
            ("again", "Send again: it may arrive twice"),
            ("leave", "Leave it, and show it to the staff"),
        ],
        string="When the answer is lost",
        required=True,
        default="leave",
    )
    senders = fields.Integer(
        default=2, help="How many workers send through it at the same time."
    )
    parallel = fields.Integer(
        string="Calls at once", default=8, help="Of one worker, to the provider."
    )
    timeout = fields.Float(string="Patience (seconds)", default=10.0)
    rate = fields.Float(
        string="Messages a second", help="What the contract allows. 0: no limit."
    )
    lease_seconds = fields.Integer(
        default=300,
        help="A message that a worker took and did not finish is looked at again "
        "after this time.",
    )
    price = fields.Float(
        string="Price of one", digits=(12, 5), help="Used when the provider names none."
    )
    cron_ids = fields.One2many(
        "ir.cron", "clinic_provider_id", groups="base.group_system"
    )

    _senders = models.Constraint(
        "CHECK (senders BETWEEN 1 AND 16 AND parallel BETWEEN 1 AND 64)",
        "Between 1 and 16 workers send, each with 1 to 64 calls at once.",
    )
    _patience = models.Constraint(
        "CHECK (timeout > 0 AND lease_seconds > 0 AND rate >= 0)",
        "Times must be positive.",
    )
    _secret_path_unique = models.UniqueIndex("(secret_path)")

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            self._hand_over()
        return result

    def _hand_over(self):
        """Give what waits for providers that were switched off to the next ones."""
        for provider in self:
            waiting = self.env["clinic.message"].search(
                [("provider_id", "=", provider.id), ("state", "=", "queued")]
            )
            waiting._choose_provider()

    def _send(self, items):
        """Hand items to the adapter.

        :param list items: of :class:`~..lib.port.Item`
        :returns: list of ``Outcome``, one for each, with nothing in them that a
            database does not take
        """
        self.ensure_one()
        outcomes = getattr(self, f"_send_{self.kind}")(items)
        if len(outcomes) != len(items):
            raise ValueError(f"{self.kind} answered {len(outcomes)} of {len(items)}")
        return [usable(outcome) for outcome in outcomes]

    def _can_poll(self):
        """Whether this provider can be asked what became of messages."""
        self.ensure_one()
        return hasattr(self, f"_poll_{self.kind}")

    def _poll(self, messages):
        """Ask the provider what became of messages.

        A provider that does not answer is noted in its health; nothing is heard then.

        :returns: list of ``(provider_uid, state, error)``
        """
        self.ensure_one()
        if not messages:
            return []
        heard, fault = getattr(self, f"_poll_{self.kind}")(messages)
        if fault:
            self._note_failure(fault)
        return heard
