from odoo import models

from ..lib.states import HERE

#: States after which a deal may stand elsewhere.
MOVING = ("booked", "rescheduled", "confirmed", "arrived", "no_show", "cancelled")


class ClinicAppointment(models.Model):
    """What happens to a visit is a cause of automatic moves of the patient's deals."""

    _inherit = "clinic.appointment"

    def _record_events(self, vals_list):
        """Write the causes in the same transaction as the history, one statement."""
        result = super()._record_events(vals_list)
        if self._is_history():
            return result
        rows = []
        for visit, vals in zip(self, vals_list, strict=True):
            old, new = vals.get("old_state") or None, visit.state
            if vals["kind"] not in ("created", "moved", "state", "overbooked"):
                continue
            if new not in MOVING or (vals["kind"] == "overbooked" and old):
                continue
            if new == "arrived" and old in HERE:
                continue
            if new == "cancelled" and old in (None, "held"):
                continue
            rows.append(
                {
                    "kind": "visit",
                    "patient_id": visit.patient_id.id,
                    "appointment_id": visit.id,
                    "old_state": old,
                    "new_state": new,
                }
            )
        if rows:
            self.env["clinic.pipeline.cause"]._record(rows)
        return result

    def _deal_facts(self):
        """What a deal shows of this visit."""
        self.ensure_one()
        return {
            "appointment_id": self.id,
            "appointment_start": self.start,
            "location_id": self.location_id.id,
            "service_id": self.service_id.id,
            "practitioner_id": self.practitioner_id.id,
            "visit_type": self.visit_type,
        }
