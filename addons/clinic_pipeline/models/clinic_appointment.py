from odoo import models

from odoo.addons.clinic_agenda.lib.states import AHEAD, HERE

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
            if change.patient_changed:
                rows += self._rows_of_another_patient(change)
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

    def _rows_of_another_patient(self, change):
        """Causes for both cards: the visit is gone from one and new on the other."""
        old, new = change.before, change.after
        common = {"kind": "visit", "appointment_id": change.visit}
        states = {"old_state": old.state, "new_state": new.state}
        rows = [{**common, **states, "patient_id": old.patient}]
        if new.state != "cancelled":
            states = {
                "old_state": None,
                "new_state": "booked" if new.state in AHEAD else new.state,
            }
            rows.append({**common, **states, "patient_id": new.patient})
        return rows

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
