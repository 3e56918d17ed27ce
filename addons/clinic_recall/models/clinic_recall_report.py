from odoo import fields, models, tools
from odoo.tools import SQL

from odoo.addons.clinic_patient.lib.roles import CARE_GROUPS

from ..lib.recall_life import STATES, TRIGGERS


class ClinicRecallReport(models.Model):
    """Recalls as figures: due, contacted, reached, booked, came, revenue.

    One row a recall; those that a newer one replaced, or whose cause was undone, are
    no recalls and left out. Averages of the percentages are rates.
    """

    _name = "clinic.recall.report"
    _description = "Analysis of recalls"
    _auto = False
    _order = "due_date desc, id desc"
    _rec_name = "patient_id"

    rule_id = fields.Many2one("clinic.recall.rule", readonly=True)
    trigger = fields.Selection(TRIGGERS, string="Because", readonly=True)
    patient_id = fields.Many2one("res.partner", readonly=True)
    service_id = fields.Many2one("product.template", readonly=True)
    specialty_id = fields.Many2one(
        "clinic.specialty", string="Department", readonly=True
    )
    practitioner_id = fields.Many2one("clinic.practitioner", readonly=True)
    location_id = fields.Many2one("clinic.location", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    responsible_id = fields.Many2one("res.users", string="Employee", readonly=True)
    condition_id = fields.Many2one(
        "clinic.condition",
        string="Condition of the rule",
        readonly=True,
        groups=CARE_GROUPS,
    )
    reason_id = fields.Many2one("clinic.recall.reason", readonly=True)
    state = fields.Selection(STATES, readonly=True)
    due_date = fields.Date(readonly=True)
    recall_count = fields.Integer(string="Recalls", readonly=True)
    due_count = fields.Integer(string="Came due", readonly=True)
    contacted_count = fields.Integer(string="Contacted", readonly=True)
    reached_count = fields.Integer(string="Reached", readonly=True)
    booked_count = fields.Integer(string="Booked", readonly=True)
    after_contact_count = fields.Integer(string="Booked after contact", readonly=True)
    came_count = fields.Integer(string="Came", readonly=True)
    attempt_count = fields.Integer(string="Attempts", readonly=True)
    response_rate = fields.Float(
        string="Response (%)",
        readonly=True,
        aggregator="avg",
        digits=(5, 1),
        help="Of those who were contacted, who could be spoken to or wrote back.",
    )
    booked_rate = fields.Float(
        string="Booked (%)", readonly=True, aggregator="avg", digits=(5, 1)
    )
    came_rate = fields.Float(
        string="Came (%)", readonly=True, aggregator="avg", digits=(5, 1)
    )
    revenue = fields.Monetary(readonly=True, groups="clinic_patient.group_clinic_money")

    def init(self):
        """The view over recalls and the visits that fulfilled them."""
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            SQL(
                """
                CREATE VIEW clinic_recall_report AS
                SELECT c.id, c.rule_id, r.trigger, c.patient_id, c.service_id,
                       c.specialty_id, c.practitioner_id, c.location_id, c.company_id,
                       company.currency_id, c.responsible_id, c.reason_id, c.state,
                       c.due_date, 1 AS recall_count,
                       (SELECT MIN(condition_id) FROM clinic_recall_rule_condition_rel
                         WHERE rule_id = c.rule_id) AS condition_id,
                       (c.state <> 'later' OR c.due_date <=
                           (now() AT TIME ZONE COALESCE(here.tz, 'UTC'))::date)::int
                           AS due_count,
                       (c.contacted_on IS NOT NULL)::int AS contacted_count,
                       (c.reached_on IS NOT NULL)::int AS reached_count,
                       (c.appointment_id IS NOT NULL)::int AS booked_count,
                       (c.appointment_id IS NOT NULL
                           AND c.contacted_on IS NOT NULL
                           AND c.booked_on >= c.contacted_on)::int
                           AS after_contact_count,
                       (c.close_reason IS NOT DISTINCT FROM 'came')::int
                           AS came_count,
                       c.attempt_count,
                       CASE WHEN c.contacted_on IS NOT NULL
                            THEN 100 * (c.reached_on IS NOT NULL)::int END
                           AS response_rate,
                       CASE WHEN c.appointment_id IS NOT NULL THEN 100 ELSE 0 END
                           AS booked_rate,
                       CASE WHEN c.close_reason = 'came' THEN 100 ELSE 0 END
                           AS came_rate,
                       CASE WHEN c.close_reason = 'came' THEN visit.price END
                           AS revenue
                  FROM clinic_recall c
                  JOIN clinic_recall_rule r ON r.id = c.rule_id
                  LEFT JOIN clinic_appointment visit ON visit.id = c.appointment_id
                  LEFT JOIN res_company company
                         ON company.id = COALESCE(visit.company_id, c.company_id)
                  LEFT JOIN res_partner here ON here.id = company.partner_id
                 WHERE c.close_reason IS NULL
                    OR c.close_reason NOT IN ('superseded', 'cause_gone')
                """
            )
        )
