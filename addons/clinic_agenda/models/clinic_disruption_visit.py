from odoo import models

from ..lib.states import UPCOMING
from .clinic_disruption_line import UNSETTLED


class ClinicAppointment(models.Model):
    """Whatever way a visit is moved or cancelled, it is settled on the worklist."""

    _inherit = "clinic.appointment"

    def _record_changes(self, before):
        result = super()._record_changes(before)
        # sudo: clinic.disruption.line - who moves a visit need not see the worklist
        lines = self.env["clinic.disruption.line"].sudo()
        for visit in self:
            old = before[visit.id]
            state = "cancelled" if visit.state == "cancelled" else "moved"
            if old["state"] in UPCOMING[1:] and (
                state == "cancelled"
                or (old["start"], old["practitioner_id"])
                != (visit.start, visit.practitioner_id.id)
            ):
                lines.search(
                    [("appointment_id", "=", visit.id), ("state", "in", UNSETTLED)]
                )._settle(state)
        return result

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
