from odoo import api, models
from odoo.tools import SQL

from ..lib.states import FINISHED


class ClinicReferral(models.Model):
    """Who came after a referral, and for how much, from the visits."""

    _inherit = "clinic.referral"

    @api.model
    def _came_query(self):
        self.env["clinic.appointment"].flush_model()
        return SQL(
            """
            SELECT r.id, MIN(a.local_day) AS came_on
              FROM clinic_referral r
              JOIN clinic_appointment a
                ON a.patient_id = r.patient_id AND a.state IN %s
               AND a.local_day >= r.date
             WHERE r.came_on IS NULL
             GROUP BY r.id
            """,
            FINISHED,
        )

    @api.model
    def _values(self, rules_days):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id, SUM(a.price)
                  FROM unnest(%s::int[], %s::int[]) asked(id, days)
                  JOIN clinic_referral r ON r.id = asked.id
                  JOIN clinic_appointment a
                    ON a.patient_id = r.patient_id AND a.state IN %s
                   AND a.local_day BETWEEN r.date AND r.date + asked.days
                   AND a.company_id = r.company_id
                 GROUP BY r.id
                """,
                list(rules_days),
                list(rules_days.values()),
                FINISHED,
            )
        )
        return super()._values(rules_days) | {
            id_: float(value or 0) for id_, value in rows
        }
