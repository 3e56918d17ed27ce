from datetime import timedelta

from odoo import api, models

from odoo.addons.clinic_base.lib import clock

#: (priority, source, what is said of the wish)
WISHES = (
    ("0", "desk", {"hour_from": 15.0, "hour_to": 20.0}),
    ("2", "desk", {}),
    ("0", "portal", {"saturday": True, "sunday": False}),
    ("1", "desk", {"hour_to": 12.0}),
    ("0", "desk", {"monday": False, "friday": False}),
    ("0", "portal", {}),
)


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    @api.model
    def _make_waiting(self):
        """Wishes of who waits, and a practitioner who is ill, half settled."""
        self = self.with_context(tracking_disable=True, mail_notrack=True)
        visits = self.env["clinic.appointment"].search(
            [
                ("state", "in", ("booked", "confirmed")),
                ("start", ">", clock.now() + timedelta(days=4)),
                ("patient_id", "!=", False),
            ],
            order="start, id",
            limit=400,
        )
        people = self.env["res.partner"]
        for (priority, source, wish), visit in zip(WISHES, visits[::23], strict=False):
            if visit.patient_id in people:
                continue
            people |= visit.patient_id
            self.env["clinic.wait.list"].create(
                {
                    "patient_id": visit.patient_id.id,
                    "service_id": visit.service_id.id,
                    "appointment_id": visit.id if priority != "0" else False,
                    "practitioner_ids": [(6, 0, visit.practitioner_id.ids)],
                    "location_ids": [(6, 0, visit.location_id.ids)],
                    "priority": priority,
                    "source": source,
                    **wish,
                }
            ).waiting_since = clock.now() - timedelta(days=3 + len(people))
        self._make_disruption(visits)

    def _make_disruption(self, visits):
        """The busiest practitioner of a day is ill; half of the visits are settled."""
        days = visits.grouped(lambda each: (each.practitioner_id, each.local_day))
        if not days:
            return
        (practitioner, day), _theirs = max(days.items(), key=lambda item: len(item[1]))
        away = self.env["clinic.disruption"].create(
            {
                "practitioner_id": practitioner.id,
                "reason": "Influenza",
                "date_from": day,
                "date_to": day,
            }
        )
        away.action_begin()
        lines = away.line_ids
        for line in lines.filtered("option_ids")[: len(lines) // 2]:
            line.action_take_proposal()
        open_lines = lines.filtered(lambda line: line.state == "open")
        open_lines[:1].action_called()
