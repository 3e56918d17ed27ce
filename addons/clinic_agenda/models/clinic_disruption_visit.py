from odoo import models

from .clinic_disruption_line import UNSETTLED


class ClinicAppointment(models.Model):
    """Whatever way a visit is moved or cancelled, it is settled on the worklist."""

    _inherit = "clinic.appointment"

    def _settle_disruptions(self, changes):
        # sudo: clinic.disruption.line - who moves a visit need not see the worklist
        lines = self.env["clinic.disruption.line"].sudo()
        for change in changes:
            if change.freed:
                lines.search(
                    [
                        ("appointment_id", "=", change.visit),
                        ("state", "in", UNSETTLED),
                    ]
                )._settle("cancelled" if change.cancelled else "moved")

    def _message_is_obsolete(self, message):
        """Nobody is reminded of a visit that will not be as booked."""
        if super()._message_is_obsolete(message):
            return True
        if not (message.kind_id.code or "").startswith("visit_reminder"):
            return False
        # sudo: clinic.disruption.line - only the answer leaves this method
        lines = self.env["clinic.disruption.line"].sudo()
        return bool(
            lines.search_count(
                [("appointment_id", "=", self.id), ("state", "in", UNSETTLED)], limit=1
            )
        )
