from odoo import models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

#: The system parameter that says how many reports of one provider a minute takes.
PER_MINUTE = "clinic_message.webhook_per_minute"
#: Reports of one provider in a minute when nothing else is set.
DEFAULT = 12_000


class ClinicMessageProvider(models.Model):
    """How often a provider may report, counted for all workers together."""

    _inherit = "clinic.message.provider"

    def _may_report(self):
        """Count one report; whether it is still within the minute's number.

        Counted on a connection of its own and committed at once, so that it holds
        whatever becomes of the report.
        """
        self.ensure_one()
        # sudo: ir.config_parameter - a number
        parameters = self.env["ir.config_parameter"].sudo()
        most = int(parameters.get_param(PER_MINUTE, DEFAULT) or DEFAULT)
        query = SQL(
            """
            INSERT INTO clinic_message_report_count AS counter
                   (provider_id, minute, hits)
            VALUES (%(provider)s, date_trunc('minute', %(now)s::timestamp), 1)
                ON CONFLICT (provider_id) DO UPDATE
               SET hits = CASE WHEN counter.minute = EXCLUDED.minute
                               THEN counter.hits + 1 ELSE 1 END,
                   minute = EXCLUDED.minute
         RETURNING hits
            """,
            provider=self.id,
            now=clock.now(),
        )
        with self.env["clinic.rate.limit"]._own_cursor() as cr:
            cr.execute(query)
            return cr.fetchone()[0] <= most
