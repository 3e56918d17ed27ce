from odoo import models

from odoo.addons.clinic_agenda.lib.states import HERE

#: States after which a deal may stand elsewhere.
MOVING = ("booked", "rescheduled", "confirmed", "arrived", "no_show", "cancelled")


class ClinicAppointment(models.Model):
    """What happens to a visit is a cause of automatic moves of the patient's deals."""

    _inherit = "clinic.appointment"

    def _after_changes(self, changes):
        result = super()._after_changes(changes)
        self._move_deals(changes)
        return result

    def _move_deals(self, changes):
        """Write the causes in the same transaction as the history, one statement."""
        rows = []
        for change in changes:
            old, new = change.before and change.before.state, change.after.state
            if change.history or new not in MOVING:
                continue
            if not (change.created or change.state_changed or change.moved_anything):
                continue
            if (new == "arrived" and old in HERE) or (
                new == "cancelled" and old in (None, "held")
            ):
                continue
            rows.append(
                {
                    "kind": "visit",
                    "patient_id": change.after.patient,
                    "appointment_id": change.visit,
                    "old_state": old,
                    "new_state": new,
                }
            )
        if rows:
            self.env["clinic.pipeline.cause"]._record(rows)

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
