from odoo import api, models
from odoo.tools import SQL

from ..lib.states import FINISHED


class ClinicCheckupPerson(models.Model):
    """Who came for treatment after a check-up, from the visits."""

    _inherit = "clinic.checkup.person"

    @api.model
    def _came(self, people):
        """The first finished visit after the check-up; one statement."""
        self.flush_model()
        self.env["clinic.checkup.campaign"].flush_model(["follow_days"])
        self.env["clinic.appointment"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id, MIN(a.local_day)
                  FROM clinic_checkup_person p
                  JOIN clinic_checkup_campaign c ON c.id = p.campaign_id
                  JOIN clinic_appointment a
                    ON a.patient_id = p.patient_id AND a.state IN %s
                   AND a.local_day > p.examined_on
                   AND a.local_day <= p.examined_on + c.follow_days
                 WHERE p.id = ANY(%s)
                 GROUP BY p.id
                """,
                FINISHED,
                people.ids,
            )
        )
        return super()._came(people) | {self.browse(id_): day for id_, day in rows}
