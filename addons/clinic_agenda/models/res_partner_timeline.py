from odoo import models
from odoo.tools import SQL

from odoo.addons.clinic_patient.models.res_partner_timeline import TimelineKind

#: Colours of the states a reader looks for.
BADGES = {
    "done": "success",
    "closed": "success",
    "no_show": "danger",
    "cancelled": "secondary",
    "confirmed": "primary",
    "arrived": "warning",
    "in_room": "warning",
}


class ResPartner(models.Model):
    """What the agenda puts on the timeline: visits, and what happened to them."""

    _inherit = "res.partner"

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        visits = self.env["clinic.appointment"]
        events = self.env["clinic.appointment.event"]
        if visits.has_access("read"):
            kinds.insert(
                0,
                TimelineKind(
                    "visit",
                    self.env._("Visits"),
                    "fa-calendar",
                    "primary",
                    visits._search(
                        [("patient_id", "=", self.id), ("state", "!=", "expired")]
                    ),
                    SQL.identifier("clinic_appointment", "start"),
                    self._describe_visits,
                ),
            )
        if events.has_access("read"):
            kinds.append(
                TimelineKind(
                    "visit_event",
                    self.env._("History of visits"),
                    "fa-history",
                    "secondary",
                    events._search([("appointment_id.patient_id", "=", self.id)]),
                    SQL.identifier("clinic_appointment_event", "date"),
                    self._describe_visit_events,
                )
            )
        return kinds

    def _describe_visits(self, ids):
        visits = self.env["clinic.appointment"].browse(ids)
        states = dict(visits._fields["state"]._description_selection(self.env))
        return {
            visit.id: {
                "title": visit.service_id.name,
                "text": " · ".join(
                    filter(
                        None,
                        [
                            visit.practitioner_id.name,
                            visit.location_id.name,
                            visit.cancel_reason,
                        ],
                    )
                ),
                "when": visit.local_start,
                "badge": states[visit.state],
                "badge_color": BADGES.get(visit.state, "info"),
                "open": {"model": "clinic.appointment", "id": visit.id},
            }
            for visit in visits
        }

    def _describe_visit_events(self, ids):
        events = self.env["clinic.appointment.event"].browse(ids)
        kinds = dict(events._fields["kind"]._description_selection(self.env))
        states = dict(events._fields["new_state"]._description_selection(self.env))
        described = {}
        for event in events:
            visit = event.appointment_id
            moved = event.kind == "moved" and f"{event.local_old_start} → "
            described[event.id] = {
                "title": f"{kinds[event.kind]}: {visit.service_id.name}",
                "text": " · ".join(
                    filter(
                        None,
                        [
                            f"{moved or ''}{event.local_new_start or ''}",
                            event.reason,
                        ],
                    )
                ),
                "author": event.partner_id.name or event.user_id.name,
                "badge": states.get(event.new_state),
                "badge_color": BADGES.get(event.new_state, "info"),
                "open": {"model": "clinic.appointment", "id": visit.id},
            }
        return described
