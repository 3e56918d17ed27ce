from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.clinic_patient.lib.roles import CARE_GROUPS, MONEY_GROUPS

from .clinic_followup import STATES


class ClinicFollowupAnalysis(models.Model):
    """What follow-ups led to: answers, bookings, revenue; one row a follow-up.

    A patient *responded* who was spoken to, answered questions or wrote back.
    """

    _name = "clinic.followup.analysis"
    _description = "Analysis of follow-ups"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "plan_id"

    date = fields.Date(string="Begun on", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    plan_id = fields.Many2one("clinic.followup.plan", readonly=True)
    patient_id = fields.Many2one("res.partner", readonly=True)
    specialty_id = fields.Many2one(
        "clinic.specialty", string="Department", readonly=True
    )
    practitioner_id = fields.Many2one("clinic.practitioner", readonly=True)
    location_id = fields.Many2one("clinic.location", readonly=True)
    service_id = fields.Many2one("product.template", readonly=True)
    condition_id = fields.Many2one(
        "clinic.condition", string="Diagnosis", readonly=True, groups=CARE_GROUPS
    )
    owner_id = fields.Many2one("res.users", string="Employee", readonly=True)
    state = fields.Selection(STATES, readonly=True)
    step_count = fields.Integer(string="Steps", readonly=True)
    done_count = fields.Integer(string="Steps done", readonly=True)
    call_count = fields.Integer(string="Calls made", readonly=True)
    unreachable_count = fields.Integer(string="Not reached", readonly=True)
    responded = fields.Integer(readonly=True)
    booked = fields.Integer(readonly=True)
    came = fields.Integer(readonly=True, help="The booked visit is done.")
    response_rate = fields.Float(string="Response (%)", readonly=True, aggregator="avg")
    booking_rate = fields.Float(string="Booking (%)", readonly=True, aggregator="avg")
    alerts = fields.Integer(string="Answers past a limit", readonly=True)
    revenue = fields.Monetary(
        readonly=True,
        groups=MONEY_GROUPS,
        help="Value of the booked visits that were not cancelled or missed.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT followup.id, followup.anchor_date AS date, followup.company_id,
                   company.currency_id, followup.plan_id, followup.patient_id,
                   followup.specialty_id, followup.practitioner_id,
                   followup.location_id, followup.service_id, followup.condition_id,
                   followup.owner_id, followup.state,
                   COALESCE(steps.total, 0) AS step_count,
                   COALESCE(steps.done, 0) AS done_count,
                   COALESCE(steps.calls, 0) AS call_count,
                   COALESCE(steps.unreachable, 0) AS unreachable_count,
                   outcome.responded, outcome.booked, outcome.came,
                   100.0 * outcome.responded AS response_rate,
                   100.0 * outcome.booked AS booking_rate,
                   COALESCE(answers.alerts, 0) AS alerts,
                   CASE WHEN visit.state NOT IN ('cancelled', 'no_show', 'expired')
                        THEN followup.booked_value ELSE 0 END AS revenue
              FROM clinic_followup followup
              JOIN res_company company ON company.id = followup.company_id
              LEFT JOIN clinic_appointment visit
                ON visit.id = followup.booked_visit_id
              LEFT JOIN LATERAL (
                    SELECT COUNT(*) AS total,
                           COUNT(*) FILTER (WHERE state = 'done') AS done,
                           COUNT(*) FILTER (WHERE kind = 'call' AND state = 'done')
                               AS calls,
                           COUNT(*) FILTER (WHERE result = 'unreachable')
                               AS unreachable,
                           COUNT(*) FILTER (WHERE result IN
                               ('reached', 'answered', 'booked', 'refused')) AS spoken
                      FROM clinic_followup_step step
                     WHERE step.followup_id = followup.id) steps ON TRUE
              LEFT JOIN LATERAL (
                    SELECT COUNT(*) AS total,
                           COUNT(*) FILTER (WHERE is_alert) AS alerts
                      FROM clinic_followup_answer answer
                     WHERE answer.followup_id = followup.id) answers ON TRUE
             CROSS JOIN LATERAL (
                    SELECT (followup.replied_on IS NOT NULL OR steps.spoken > 0
                            OR answers.total > 0)::int AS responded,
                           (visit.id IS NOT NULL)::int AS booked,
                           COALESCE(visit.state IN ('done', 'closed'), FALSE)::int
                               AS came) outcome
            """
        )
