from odoo import models
from odoo.tools import SQL

#: The system parameter that says how many reports of one provider may wait.
WAITING = "clinic_message.webhook_waiting"
#: Reports of one provider that may wait when nothing else is set.
DEFAULT = 12_000


class ClinicMessageProvider(models.Model):
    """How much a provider may report before it is told to come later."""

    _inherit = "clinic.message.provider"

    def _may_report(self):
        """Whether there is room for one more report of this provider.

        What was taken in counts no more: a provider that repeats a day's receipts at
        once is heard as fast as they are worked off. It is asked on the connection of
        the request: a burst of reports must not need two for each.
        """
        self.ensure_one()
        # sudo: ir.config_parameter - a number
        parameters = self.env["ir.config_parameter"].sudo()
        most = int(parameters.get_param(WAITING, DEFAULT) or DEFAULT)
        full = self.env.execute_query(
            SQL(
                "SELECT FROM clinic_message_heard WHERE provider_id = %s"
                " LIMIT 1 OFFSET %s",
                self.id,
                most - 1,
            )
        )
        return not full
