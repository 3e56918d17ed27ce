from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.clinic_patient.lib.roles import MONEY_GROUPS

from ..lib.channels import CHANNELS
from ..lib.states import GONE, LOST, REACHED, REASONS, STATES


class ClinicMessageReport(models.Model):
    """How messages do: sent, delivered, failed and what they cost; one row a message.

    It names no person. Rates are of the messages that were handed to a provider or
    given up: what waits or was held back says nothing about the way it would have gone.
    """

    _name = "clinic.message.report"
    _description = "Report of messages"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "kind_id"

    date = fields.Datetime(readonly=True)
    direction = fields.Selection(
        [("out", "To patients"), ("in", "From patients")], readonly=True
    )
    channel = fields.Selection(CHANNELS, readonly=True)
    kind_id = fields.Many2one("clinic.message.kind", readonly=True)
    purpose = fields.Selection(
        lambda self: self.env["clinic.message.kind"]._fields["purpose"].selection,
        readonly=True,
    )
    state = fields.Selection(STATES, string="Status", readonly=True)
    suppress_reason = fields.Selection(REASONS, string="Held back", readonly=True)
    failure_type = fields.Char(string="Kind of failure", readonly=True)
    provider_id = fields.Many2one("clinic.message.provider", readonly=True)
    campaign_id = fields.Many2one(
        "clinic.message.campaign", string="Bulk sending", readonly=True
    )
    template_id = fields.Many2one(
        "clinic.message.template", string="Text", readonly=True
    )
    place = fields.Char(string="Location", readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    sent = fields.Integer(readonly=True, help="Taken by the provider.")
    delivered = fields.Integer(readonly=True, help="Delivered, read or answered.")
    seen = fields.Integer(string="Read", readonly=True, help="Read or answered.")
    answered = fields.Integer(readonly=True)
    failed = fields.Integer(readonly=True, help="Refused, bounced or too late.")
    held = fields.Integer(string="Held back or taken back", readonly=True)
    sent_rate = fields.Float(
        string="Sent (%)",
        readonly=True,
        aggregator="avg",
        help="Of what was tried: taken by the provider, and not refused afterwards.",
    )
    delivery_rate = fields.Float(
        string="Delivery confirmed (%)",
        readonly=True,
        aggregator="avg",
        help="Of what was tried: the provider told that it arrived. Servers of e-mail "
        "tell it only when somebody answers.",
    )
    segments = fields.Integer(string="SMS parts", readonly=True)
    cost = fields.Monetary(readonly=True, groups=MONEY_GROUPS)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT message.id, message.queued_at AS date, message.direction,
                   message.channel, message.kind_id, message.purpose, message.state,
                   message.suppress_reason, message.failure_type, message.provider_id,
                   message.campaign_id, message.template_id, message.place,
                   message.lang, message.company_id, company.currency_id,
                   fate.gone::int AS sent, fate.reached::int AS delivered,
                   (message.state IN ('read', 'replied'))::int AS seen,
                   (message.state = 'replied')::int AS answered,
                   fate.lost::int AS failed,
                   (message.state IN ('suppressed', 'cancelled'))::int AS held,
                   CASE WHEN fate.gone OR fate.lost
                        THEN 100.0 * fate.gone::int END AS sent_rate,
                   CASE WHEN fate.gone OR fate.lost
                        THEN 100.0 * fate.reached::int END AS delivery_rate,
                   message.segments, message.cost
              FROM clinic_message message
              JOIN res_company company ON company.id = message.company_id
             CROSS JOIN LATERAL (
                   SELECT message.state IN %(gone)s AS gone,
                          message.state IN %(reached)s AS reached,
                          message.state IN %(lost)s AS lost) fate
            """,
            gone=GONE,
            reached=REACHED,
            lost=LOST,
        )

    def action_open_message(self):
        """Open the message that a line is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.message",
            "res_id": self.id,
            "views": [(False, "form")],
        }
