from odoo import api, fields, models
from odoo.tools import SQL

from .clinic_next_step import KINDS


class ClinicNextStepDay(models.Model):
    """How many patients had which next step, day by day: written every night."""

    _name = "clinic.next.step.day"
    _description = "Next steps of a day"
    _log_access = False
    _order = "date desc, kind"
    _rec_name = "date"

    date = fields.Date(required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, string="Next step", required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    patient_count = fields.Integer(string="Patients", readonly=True)

    _day_unique = models.UniqueIndex("(date, kind, COALESCE(company_id, 0))")

    @api.model
    def _record(self, day):
        """Write down the counts of a day; a second time corrects the first.

        :param date day: the day of the clinic
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL("DELETE FROM clinic_next_step_day WHERE date = %s", day)
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_next_step_day (date, kind, company_id, patient_count)
                SELECT %(day)s::date, kind, company_id, COUNT(*) FROM clinic_next_step
                 GROUP BY kind, company_id
                 UNION ALL
                SELECT %(day)s::date, 'none', NULL, 0
                 WHERE NOT EXISTS (SELECT FROM clinic_next_step
                                    WHERE kind = 'none' AND company_id IS NULL)
                """,
                day=day,
            )
        )
        self.invalidate_model()
