from odoo import fields, models, tools
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import FINISHED
from odoo.addons.clinic_message.lib.channels import CHANNELS
from odoo.addons.clinic_message.lib.states import GONE, REACHED

#: Steps of the funnel: name, and the condition on a result.
STAGES = [
    ("1_recipients", "Chosen", "TRUE"),
    ("2_sent", "Sent", "sent"),
    ("3_reached", "Reached", "reached"),
    ("4_answered", "Answered", "answered"),
    ("5_booked", "Booked", "booked"),
    ("6_came", "Came", "came"),
]


class ClinicRecallCampaignResult(models.Model):
    """What a mass recall led to, patient by patient.

    A booking counts when it was made within the days of the campaign after the message
    was sent, of the service of the campaign if it has one; the first one counts.
    """

    _name = "clinic.recall.campaign.result"
    _description = "Result of a mass recall"
    _auto = False
    _order = "id desc"
    _rec_name = "patient_id"

    campaign_id = fields.Many2one("clinic.recall.campaign", readonly=True)
    patient_id = fields.Many2one("res.partner", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    channel = fields.Selection(CHANNELS, readonly=True)
    sent_on = fields.Datetime(string="Sent at", readonly=True)
    sent = fields.Boolean(readonly=True)
    reached = fields.Boolean(readonly=True)
    answered = fields.Boolean(readonly=True)
    appointment_id = fields.Many2one(
        "clinic.appointment", string="Visit", readonly=True
    )
    booked = fields.Boolean(readonly=True)
    came = fields.Boolean(readonly=True)
    sent_count = fields.Integer(string="Messages sent", readonly=True)
    reached_count = fields.Integer(string="Were reached", readonly=True)
    booked_count = fields.Integer(string="Bookings", readonly=True)
    came_count = fields.Integer(string="Patients who came", readonly=True)
    revenue = fields.Monetary(readonly=True, groups="clinic_patient.group_clinic_money")

    def init(self):
        """The view: one row for each campaign and patient who was written to."""
        tools.drop_view_if_exists(self.env.cr, "clinic_recall_campaign_funnel")
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            SQL(
                """
                CREATE VIEW clinic_recall_campaign_result AS
                SELECT written.id, written.campaign_id, written.patient_id,
                       written.company_id, written.channel, written.sent_on,
                       written.sent, written.reached, written.answered,
                       visit.id AS appointment_id, visit.id IS NOT NULL AS booked,
                       COALESCE(visit.came, FALSE) AS came,
                       written.sent::int AS sent_count,
                       written.reached::int AS reached_count,
                       (visit.id IS NOT NULL)::int AS booked_count,
                       COALESCE(visit.came, FALSE)::int AS came_count,
                       CASE WHEN visit.came THEN visit.price END AS revenue
                  FROM (SELECT MIN(m.id) AS id, c.id AS campaign_id, m.patient_id,
                               c.company_id, c.service_id, c.attribution_days,
                               MIN(m.channel) AS channel, MIN(m.sent_at) AS sent_on,
                               bool_or(m.state IN %(gone)s) AS sent,
                               bool_or(m.state IN %(reached)s) AS reached,
                               bool_or(m.state = 'replied') AS answered
                          FROM clinic_recall_campaign c
                          JOIN clinic_message m ON m.campaign_id = c.bulk_id
                         GROUP BY c.id, m.patient_id) AS written
                  LEFT JOIN LATERAL (
                       SELECT a.id, a.price, a.state IN %(finished)s AS came
                         FROM clinic_appointment a
                        WHERE a.patient_id = written.patient_id AND written.sent
                          AND a.create_date >= written.sent_on
                          AND a.create_date < written.sent_on
                              + make_interval(days => written.attribution_days)
                          AND a.state NOT IN ('held', 'expired', 'cancelled')
                          AND (written.service_id IS NULL
                               OR a.service_id = written.service_id)
                        ORDER BY a.create_date, a.id LIMIT 1) visit ON TRUE
                """,
                gone=GONE,
                reached=REACHED,
                finished=FINISHED,
            )
        )


class ClinicRecallCampaignFunnel(models.Model):
    """The same as a funnel: how many got how far."""

    _name = "clinic.recall.campaign.funnel"
    _description = "Funnel of a mass recall"
    _auto = False
    _order = "campaign_id, stage"
    _rec_name = "stage"

    campaign_id = fields.Many2one("clinic.recall.campaign", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    stage = fields.Selection(
        [(name, label) for name, label, _condition in STAGES], readonly=True
    )
    patient_count = fields.Integer(string="Patients", readonly=True)

    def init(self):
        """The view: one row for each campaign and step."""
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            SQL(
                "CREATE VIEW clinic_recall_campaign_funnel AS %s",
                SQL(" UNION ALL ").join(
                    SQL(
                        "SELECT campaign_id * 10 + %s AS id, campaign_id, company_id,"
                        " %s::varchar AS stage, COUNT(*) FILTER (WHERE %s)"
                        " AS patient_count FROM clinic_recall_campaign_result"
                        " GROUP BY campaign_id, company_id",
                        number,
                        name,
                        SQL(condition),
                    )
                    for number, (name, _label, condition) in enumerate(STAGES)
                ),
            )
        )
