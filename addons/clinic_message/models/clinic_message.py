import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_patient.lib.roles import MONEY_GROUPS

from ..lib.channels import CHANNELS
from ..lib.states import LOST, REASONS, STATES, WITHHELD

#: Why a message waits longer than it was meant to.
WAITS = [
    ("quiet", "Quiet hours"),
    ("retry", "Another try"),
    ("provider", "The provider does not answer"),
    ("rate", "The provider asked to wait"),
]


class ClinicMessage(models.Model):
    """One message to one recipient, or from one: the log of everything said.

    A message is written in the transaction of its cause and sent by scheduled actions
    (``_cron_send``). The cause is its origin, what it is for its kind and step; another
    channel that is tried, or a message that is sent again, is one more attempt at the
    same. Whether something was told is asked of all attempts (``_told_sql``). Its key
    makes it impossible to write the same one twice; its uuid, given to the provider
    with each try, makes it harmless to send it again.
    """

    _name = "clinic.message"
    _description = "Message"
    _order = "queued_at desc, id desc"
    _rec_name = "subject"
    _log_access = False

    direction = fields.Selection(
        [("out", "To the patient"), ("in", "From the patient")],
        required=True,
        default="out",
        readonly=True,
    )
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    kind_id = fields.Many2one(
        "clinic.message.kind",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    purpose = fields.Char(readonly=True, help="Of the kind, when it was queued.")
    place = fields.Char(
        string="Location",
        readonly=True,
        help="As it was called when the message was written.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    patient_id = fields.Many2one(
        "res.partner", string="About", readonly=True, ondelete="cascade"
    )
    recipient_id = fields.Many2one(
        "res.partner", string="Person", readonly=True, ondelete="cascade"
    )
    candidate_ids = fields.Many2many(
        "res.partner",
        "clinic_message_candidate_rel",
        "message_id",
        "partner_id",
        string="May be from",
        readonly=True,
        help="The number belongs to several persons: say who wrote.",
    )
    address = fields.Char(
        readonly=True, help="Looked up on the card once more when it is sent."
    )
    address_is_given = fields.Boolean(
        readonly=True,
        default=False,
        help="Named for this message alone: it is not looked up on the card.",
    )
    lang = fields.Char(readonly=True)
    zone = fields.Char(readonly=True, help="Time zone of the quiet hours.")
    subject = fields.Char(readonly=True)
    body = fields.Text(
        readonly=True,
        help="As it was sent, with names in place of links that open something.",
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Files", readonly=True)
    res_model = fields.Char(string="Origin", readonly=True)
    res_id = fields.Many2oneReference(
        string="Record of origin", model_field="res_model", readonly=True
    )
    step = fields.Char(
        readonly=True,
        help="What it is for: tells messages of one kind about one record apart, and "
        "is the same for all attempts at it.",
    )
    attempt = fields.Char(
        readonly=True,
        help="Empty: the first one. Else what it stands in for, or when it was sent "
        "again.",
    )
    key = fields.Char(readonly=True, copy=False)
    uuid = fields.Char(
        readonly=True,
        copy=False,
        default=lambda self: str(uuid.uuid4()),
        required=True,
        # An answer by e-mail that holds it counts as its receiver's.
        groups="base.group_system",
    )
    template_id = fields.Many2one(
        "clinic.message.template",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    campaign_id = fields.Many2one(
        "clinic.message.campaign",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    is_paused = fields.Boolean(readonly=True, default=False)
    provider_id = fields.Many2one(
        "clinic.message.provider", readonly=True, ondelete="restrict", index=True
    )
    provider_uid = fields.Char(
        string="Number at the provider", readonly=True, copy=False
    )
    state = fields.Selection(STATES, required=True, default="queued", readonly=True)
    suppress_reason = fields.Selection(REASONS, string="Held back", readonly=True)
    wait_reason = fields.Selection(WAITS, string="Waits for", readonly=True)
    failure_type = fields.Char(readonly=True)
    error = fields.Char(readonly=True)
    attempts = fields.Integer(readonly=True, default=0)
    due = fields.Datetime(readonly=True, default=lambda self: clock.now())
    expires_at = fields.Datetime(string="Not worth sending after", readonly=True)
    lease_until = fields.Datetime(readonly=True)
    claim = fields.Char(readonly=True, help="The worker's run that holds it.")
    tried_at = fields.Datetime(
        readonly=True, help="A call to the provider began and is not finished."
    )
    queued_at = fields.Datetime(
        string="Date", readonly=True, required=True, default=fields.Datetime.now
    )
    sent_at = fields.Datetime(readonly=True)
    delivered_at = fields.Datetime(readonly=True)
    read_at = fields.Datetime(readonly=True)
    patience_until = fields.Datetime(
        readonly=True, help="Then the next channel is tried, unless it is delivered."
    )
    segments = fields.Integer(string="SMS parts", readonly=True)
    cost = fields.Float(digits=(12, 5), readonly=True, groups=MONEY_GROUPS)
    previous_id = fields.Many2one(
        "clinic.message",
        string="Stands in for",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    digest_id = fields.Many2one(
        "clinic.message",
        string="Told in",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    reply_to_id = fields.Many2one(
        "clinic.message", readonly=True, index="btree_not_null", ondelete="set null"
    )
    reply_is_guessed = fields.Boolean(
        readonly=True,
        help="It names no message that it answers: the last one is taken for it.",
    )
    named = fields.Json(
        readonly=True,
        help="The records that an automatic answer tells of; of a question, those that "
        "each number stands for.",
    )
    user_id = fields.Many2one(
        "res.users", string="By", readonly=True, ondelete="set null"
    )
    event_ids = fields.One2many(
        "clinic.message.event", "message_id", string="History", readonly=True
    )
    inbox_state = fields.Selection(
        [("new", "New"), ("open", "Being answered"), ("done", "Done")],
        readonly=True,
        copy=False,
    )
    responsible_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    keyword = fields.Char(readonly=True)

    _key_unique = models.UniqueIndex(
        "(key) WHERE key IS NOT NULL", "This message is on its way already."
    )
    _uuid_unique = models.UniqueIndex("(uuid)")
    _provider_uid_unique = models.UniqueIndex(
        "(provider_id, provider_uid) WHERE provider_uid IS NOT NULL"
    )
    _claimable = models.Index(
        "(provider_id, due, id) WHERE state = 'queued' AND NOT is_paused"
    )
    _leased = models.Index("(provider_id, lease_until) WHERE state = 'claimed'")
    _impatient = models.Index("(patience_until) WHERE patience_until IS NOT NULL")
    _tried_again = models.Index("(campaign_id) WHERE attempt IS NOT NULL")
    _about_record = models.Index("(res_model, res_id)")
    _of_patient = models.Index("(patient_id, queued_at DESC)")
    _of_recipient = models.Index("(recipient_id, queued_at) INCLUDE (purpose, state)")
    _thread = models.Index("(address, channel, id)")
    _inbox = models.Index("(inbox_state, queued_at) WHERE inbox_state IS NOT NULL")
    _date = models.Index("(queued_at)")

    @api.depends("kind_id", "recipient_id", "direction")
    def _compute_display_name(self):
        for message in self:
            who = message.recipient_id.display_name or message.address or ""
            what = message.kind_id.name or self.env._("Message")
            message.display_name = f"{what}: {who}" if who else what

    def _record_events(self, state, source, moment=None, detail=None, applied=True):
        """Append a status to the history of these messages, in one statement.

        :param str source: ``sender``, ``provider``, ``person``, ``patient``
        """
        if not self:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_message_event
                       (message_id, date, moment, state, source, detail, applied)
                SELECT id, %(now)s, %(moment)s, %(state)s, %(source)s, %(detail)s,
                       %(applied)s
                  FROM unnest(%(ids)s) id
                """,
                now=clock.now(),
                moment=moment,
                state=state,
                source=source,
                detail=(detail or "")[:200] or None,
                applied=applied,
                ids=self.ids,
            )
        )
        self.invalidate_recordset(["event_ids"])

    @api.model
    def _told_sql(self, alias):
        """Expression: whether a message tells, or is on its way to.

        Ask it of all attempts at what is to be told, never of one of them.

        :param str alias: of ``clinic_message``
        """
        row = SQL.identifier(alias)
        return SQL(
            "(%(row)s.direction = 'out' AND (%(row)s.state NOT IN %(untold)s"
            " OR %(row)s.suppress_reason = 'digest'))",
            row=row,
            untold=LOST + WITHHELD,
        )

    def _get_origin(self):
        """The record a message is about, or ``None`` when it is gone or unknown."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env or not self.res_id:
            return None
        return self.env[self.res_model].browse(self.res_id).exists() or None

    def action_open_origin(self):
        """Open the record a message is about."""
        origin = self._get_origin()
        if not origin:
            raise UserError(self.env._("The record of this message is gone."))
        return origin.get_formview_action()
