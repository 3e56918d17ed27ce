from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_patient.models.clinic_patient_facts import FactsSource

from ..lib.states import FINISHED_SQL, NEVER_BOOKED, PLANNED_SQL

#: Facts that the agenda fills, in the order of the query below.
COLUMNS = (
    "visit_count",
    "first_visit_date",
    "last_visit_date",
    "visit_value",
    "visit_interval",
    "year_visit_count",
    "next_visit_start",
    "planned_until",
    "no_show_count",
    "year_no_show_count",
    "last_no_show_date",
    "cancel_count",
    "year_cancel_count",
)


class ClinicPatientFacts(models.Model):
    """What the visits of the agenda say about a patient."""

    _inherit = "clinic.patient.facts"

    visit_interval = fields.Integer(
        string="Days between visits", readonly=True, aggregator="avg"
    )
    year_visit_count = fields.Integer(string="Visits in 12 months", readonly=True)
    next_visit_start = fields.Datetime(
        string="Next visit", readonly=True, index="btree_not_null"
    )
    planned_until = fields.Datetime(
        readonly=True,
        index="btree_not_null",
        help="Start of the last visit that still stands: the patient has a next visit "
        "as long as this lies ahead, whenever it was worked out.",
    )
    no_show_count = fields.Integer(string="No-shows", readonly=True)
    year_no_show_count = fields.Integer(string="No-shows in 12 months", readonly=True)
    last_no_show_date = fields.Date(string="Last no-show", readonly=True)
    cancel_count = fields.Integer(string="Cancelled visits", readonly=True)
    year_cancel_count = fields.Integer(
        string="Cancelled visits in 12 months", readonly=True
    )

    # What most segments ask for: patients who were here and have nothing planned.
    _lapsed = models.Index("(last_visit_date) INCLUDE (id, planned_until, visit_count)")
    _no_shows = models.Index("(no_show_count) WHERE no_show_count > 0")

    @api.model
    def _facts_sources(self):
        main = self.env.ref("base.main_company")
        return [
            *super()._facts_sources(),
            FactsSource(
                "visits",
                COLUMNS,
                SQL(
                    """
                    SELECT v.patient_id,
                           COUNT(*) FILTER (WHERE finished) AS visit_count,
                           MIN(day) FILTER (WHERE finished) AS first_visit_date,
                           MAX(day) FILTER (WHERE finished) AS last_visit_date,
                           SUM(price) FILTER (WHERE finished AND same_currency)
                               AS visit_value,
                           (MAX(day) FILTER (WHERE finished)
                               - MIN(day) FILTER (WHERE finished))
                               / NULLIF(COUNT(*) FILTER (WHERE finished) - 1, 0)
                               AS visit_interval,
                           COUNT(*) FILTER (WHERE finished AND recent)
                               AS year_visit_count,
                           MIN(start) FILTER (WHERE planned AND start > %(now)s)
                               AS next_visit_start,
                           MAX(start) FILTER (WHERE planned) AS planned_until,
                           COUNT(*) FILTER (WHERE state = 'no_show') AS no_show_count,
                           COUNT(*) FILTER (WHERE state = 'no_show' AND recent)
                               AS year_no_show_count,
                           MAX(day) FILTER (WHERE state = 'no_show')
                               AS last_no_show_date,
                           COUNT(*) FILTER (WHERE state = 'cancelled') AS cancel_count,
                           COUNT(*) FILTER (WHERE state = 'cancelled' AND recent)
                               AS year_cancel_count,
                           LEAST(MIN(start) FILTER (WHERE planned AND start > %(now)s),
                                 MIN(leaves) FILTER (WHERE recent)) AS stale_from
                      FROM (SELECT a.patient_id, a.state, a.start, a.local_day AS day,
                                   a.price,
                                   c.currency_id = COALESCE(own.currency_id, %(main)s)
                                       AS same_currency,
                                   a.state IN %(finished)s AS finished,
                                   a.state IN %(planned)s AS planned,
                                   a.local_day + interval '1 year' AS leaves,
                                   a.local_day + interval '1 year' > %(now)s
                                       AND (a.state IN ('no_show', 'cancelled')
                                            OR a.state IN %(finished)s) AS recent
                              FROM wanted
                              JOIN res_partner p ON p.id = wanted.id
                              JOIN clinic_appointment a ON a.patient_id = wanted.id
                              JOIN res_company c ON c.id = a.company_id
                              LEFT JOIN res_company own ON own.id = p.company_id
                             WHERE a.state NOT IN %(never_booked)s) v
                     GROUP BY v.patient_id
                    """,
                    now=clock.now(),
                    main=main.currency_id.id,
                    finished=SQL(FINISHED_SQL),
                    never_booked=NEVER_BOOKED,
                    planned=SQL(PLANNED_SQL),
                ),
            ),
        ]
