from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..lib.channels import CHANNELS
from ..lib.states import GONE, REACHED
from .clinic_message_template import THEMES


class ClinicMessageCampaign(models.Model):
    """Many messages of one kind at once: seen, paused, resumed, stopped together.

    What was written to whom are ordinary messages; a crash in the middle loses and
    repeats none of them.
    """

    _name = "clinic.message.campaign"
    _inherit = "clinic.gate"
    _description = "Bulk sending"
    _order = "id desc"
    #: Who sends it is who made it; the state follows from the buttons.
    _clinic_kept = frozenset({"user_id"})

    name = fields.Char(required=True)
    kind_id = fields.Many2one(
        "clinic.message.kind",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.ref(
            "clinic_message.kind_news", raise_if_not_found=False
        ),
    )
    channel = fields.Selection(CHANNELS, help="Empty: as the switchboard says.")
    template_id = fields.Many2one(
        "clinic.message.template",
        string="Text",
        domain="[('kind_id', '=', kind_id), ('category', 'in', theme and [theme] or"
        " ['visit', 'before', 'after', 'recall', 'greeting', 'tip', 'offer', 'service'"
        "])]",
        ondelete="restrict",
        index="btree_not_null",
    )
    theme = fields.Selection(
        [each for each in THEMES if each[0] in ("greeting", "tip", "offer")],
        help="Texts of the library. Empty: all texts of the kind.",
    )
    example = fields.Text(
        string="As it reads", compute="_compute_example", help="In your language."
    )
    segment_id = fields.Many2one(
        "clinic.segment", string="To whom", ondelete="restrict", index="btree_not_null"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", string="By", required=True, default=lambda self: self.env.user
    )
    date_start = fields.Datetime(
        string="Not before", help="Empty: as soon as it is started."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("stopped", "Stopped"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    message_ids = fields.One2many("clinic.message", "campaign_id", readonly=True)
    total = fields.Integer(compute="_compute_counts")
    waiting_count = fields.Integer(string="Waiting", compute="_compute_counts")
    gone_count = fields.Integer(string="Sent", compute="_compute_counts")
    reached_count = fields.Integer(string="Reached", compute="_compute_counts")
    failed_count = fields.Integer(string="Failed", compute="_compute_counts")
    held_count = fields.Integer(string="Held back", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")
    cost = fields.Float(
        compute="_compute_counts", groups="clinic_patient.group_clinic_money"
    )

    def _sealed_fields(self):
        """What has begun stays as it is sent; a new name spoils nothing."""
        # sudo: clinic.message.campaign - whether it has begun, whoever writes
        if all(each.state == "draft" for each in self.sudo()):
            return super()._sealed_fields()
        return frozenset(self._fields) - {"name"}

    @api.constrains("kind_id", "template_id")
    def _check_kind(self):
        """News never go out as what a person asked for, which not even STOP stops."""
        for campaign in self:
            template = campaign.template_id
            if campaign.kind_id.purpose == "service":
                raise ValidationError(
                    self.env._(
                        "“%s” answers what a person asked for: it is not sent in bulk.",
                        campaign.kind_id.name,
                    )
                )
            if template and template.kind_id != campaign.kind_id:
                raise ValidationError(
                    self.env._("The text is for another kind of message.")
                )

    @api.depends("message_ids.state")
    def _compute_counts(self):
        counts = {campaign.id: {} for campaign in self}
        costs = dict.fromkeys(self.ids, 0.0)
        for campaign, state, count, cost in self._states_of_people():
            counts[campaign][state] = count
            costs[campaign] += cost or 0
        for campaign in self:
            found = counts.get(campaign.id, {})
            total = sum(found.values())
            campaign.total = total
            campaign.waiting_count = found.get("queued", 0) + found.get("claimed", 0)
            campaign.gone_count = sum(found.get(state, 0) for state in GONE)
            campaign.reached_count = sum(found.get(state, 0) for state in REACHED)
            campaign.failed_count = sum(
                found.get(state, 0) for state in ("failed", "bounced", "expired")
            )
            campaign.held_count = found.get("suppressed", 0) + found.get("cancelled", 0)
            campaign.progress = (
                100 * (total - campaign.waiting_count) / total if total else 0
            )
            campaign.cost = costs.get(campaign.id, 0)

    def _states_of_people(self):
        """How far the messages of these sendings came.

        A person counts once, by the attempt that came furthest. Who was tried more than
        once are few: only they are looked at one by one.

        :returns: list of ``(campaign id, state, people, cost of all attempts)``
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                WITH again AS (
                     SELECT DISTINCT campaign_id, patient_id, recipient_id
                       FROM clinic_message
                      WHERE campaign_id = ANY(%(ids)s) AND attempt IS NOT NULL),
                     tried AS (
                     SELECT m.* FROM clinic_message m
                       JOIN again USING (campaign_id, patient_id, recipient_id)),
                     furthest AS (
                     SELECT DISTINCT ON (campaign_id, patient_id, recipient_id)
                            campaign_id, state
                       FROM tried
                      ORDER BY campaign_id, patient_id, recipient_id,
                            state IN %(reached)s DESC, state IN %(gone)s DESC,
                            state IN ('queued', 'claimed') DESC, id DESC)
                SELECT campaign_id, state, SUM(people)::int, SUM(cost)
                  FROM (SELECT campaign_id, state, COUNT(*) AS people,
                               SUM(cost) AS cost
                          FROM clinic_message WHERE campaign_id = ANY(%(ids)s)
                         GROUP BY campaign_id, state
                         UNION ALL
                        SELECT campaign_id, state, -COUNT(*), 0 FROM tried
                         GROUP BY campaign_id, state
                         UNION ALL
                        SELECT campaign_id, state, COUNT(*), 0 FROM furthest
                         GROUP BY campaign_id, state) AS parts
                 GROUP BY campaign_id, state
                """,
                ids=self.ids,
                reached=REACHED,
                gone=GONE,
            )
        )

    @api.depends("template_id")
    @api.depends_context("lang")
    def _compute_example(self):
        for campaign in self:
            text = campaign.template_id
            campaign.example = text._example()[1] if text else False

    @api.onchange("theme")
    def _onchange_theme(self):
        """A theme says what it is; a text of another one is put away."""
        if self.theme:
            code = "greeting" if self.theme == "greeting" else "news"
            self.kind_id = self.env["clinic.message.kind"]._by_code(code).sudo(False)
            if self.template_id.category != self.theme:
                self.template_id = False

    @api.onchange("template_id")
    def _onchange_template_id(self):
        # A text for one channel goes by no other.
        self.channel = self.template_id.channel or self.channel

    def action_start(self):
        """Write the messages and begin to send; a second click changes nothing."""
        self.check_access("write")
        for campaign in self:
            campaign._start()

    def _start(self):
        self.ensure_one()
        self.lock_for_update()
        if self.state != "draft":
            return
        if not self.segment_id or not self.template_id:
            raise UserError(
                self.env._("Choose to whom and which text before you start.")
            )
        # sudo: clinic.message.campaign - the state is written by the buttons only
        self.sudo().state = "running"
        patients = self.segment_id._patients_query()
        query = SQL(
            "SELECT id AS patient_id, %s::int AS origin_id FROM (%s) AS segment",
            self.id,
            patients.select(),
        )
        # sudo: clinic.message - the rights on the segment were asked for above
        self.env["clinic.message"].sudo()._queue_query(
            self.kind_id.code,
            query,
            self._name,
            due=self.date_start,
            channel=self.channel or None,
            template=self.template_id,
            campaign=self,
            company=self.company_id,
        )

    def action_pause(self):
        """Send nothing more for now; what is being sent this second goes out."""
        self.check_access("write")
        # sudo: clinic.message.campaign - the right was asked for
        self.sudo().filtered(lambda each: each.state == "running").state = "paused"
        self._set_paused(True)

    def action_resume(self):
        """Go on where it was paused."""
        self.check_access("write")
        # sudo: clinic.message.campaign - the right was asked for
        self.sudo().filtered(lambda each: each.state == "paused").state = "running"
        self._set_paused(False)
        self._begin_sending()

    def _begin_sending(self):
        """Have the senders look at once whether messages of these are due, not when
        their minute comes round."""
        # sudo: clinic.message - their providers, whoever may read the messages
        groups = (
            self.env["clinic.message"]
            .sudo()
            ._read_group(
                [("campaign_id", "in", self.ids), ("state", "=", "queued")],
                ["provider_id"],
            )
        )
        for [provider] in groups:
            provider._wake()

    def _set_paused(self, paused):
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_message SET is_paused = %s WHERE campaign_id = ANY(%s)"
                " AND state IN ('queued', 'claimed') AND is_paused <> %s",
                paused,
                self.ids,
                paused,
            )
        )
        self.env["clinic.message"].invalidate_model()

    def action_stop(self):
        """Take back what was not sent yet, for good."""
        self.check_access("write")
        # sudo: clinic.message - the right on the campaign was asked for
        waiting = self.sudo().message_ids.filtered(lambda each: each.state == "queued")
        waiting._cancel_queued(self.env._("The sending was stopped."))
        self.sudo().state = "stopped"

    def action_open_messages(self):
        """Show the messages of this sending, one line a recipient."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_message.clinic_message_action"
        )
        return dict(action, domain=[("campaign_id", "=", self.id)], context={})
