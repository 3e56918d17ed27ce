from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.clinic_base.lib import clock

#: As many free times as fit on a screen; the next search begins later.
SHOWN = 40


class ClinicAppointmentReschedule(models.TransientModel):
    """Lists free times for a visit that has to move, and moves it to the chosen one."""

    _name = "clinic.appointment.reschedule"
    _description = "Move an appointment"

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, readonly=True, ondelete="cascade"
    )
    location_id = fields.Many2one(related="appointment_id.location_id")
    service_id = fields.Many2one(related="appointment_id.service_id")
    practitioner_id = fields.Many2one(
        "clinic.practitioner",
        string="With",
        domain="[('offer_ids.service_id', '=', service_id),"
        " ('offer_ids.location_id', '=', location_id)]",
        help="Empty: with anybody who offers the service here.",
    )
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    time_band = fields.Selection(
        [
            ("morning", "Morning"),
            ("afternoon", "Afternoon"),
            ("evening", "Evening"),
        ],
        string="Time of day",
    )
    line_ids = fields.One2many(
        "clinic.appointment.reschedule.line", "wizard_id", readonly=True
    )

    @api.model
    def default_get(self, fields):
        """Begin with the same practitioner, two weeks from today or the visit's day."""
        values = super().default_get(fields)
        visit = self.env["clinic.appointment"].browse(values.get("appointment_id"))
        if visit:
            today = visit.location_id._local_time(clock.now()).date()
            values.setdefault("practitioner_id", visit.practitioner_id.id)
            values.setdefault("date_from", today)
            values.setdefault(
                "date_to", max(visit.local_day, today) + timedelta(days=14)
            )
        return values

    def action_search(self):
        """List the free times for what was asked."""
        self.ensure_one()
        self.line_ids.unlink()
        if self.date_to < self.date_from:
            raise ValidationError(
                self.env._("Give a period that ends after it starts.")
            )
        visit = self.appointment_id
        slots = self.env["clinic.slot"].search_slots(
            visit.service_id.id,
            fields.Datetime.to_datetime(self.date_from) - timedelta(hours=14),
            fields.Datetime.to_datetime(self.date_to) + timedelta(hours=38),
            practitioner_ids=self.practitioner_id.ids or None,
            location_ids=visit.location_id.ids,
            regime=visit.regime,
        )
        self.line_ids = [
            (
                0,
                0,
                {
                    "start": slot["start"],
                    "practitioner_id": slot["practitioner_id"],
                    "price": slot["price"],
                },
            )
            for slot in self._wanted(slots)
        ]
        return self._reopen()

    def _wanted(self, slots):
        """Those of the period and time of day, by the clock of the location."""
        hours = {"morning": (0, 13), "afternoon": (13, 18), "evening": (18, 24)}
        first, last = hours.get(self.time_band, (0, 24))
        wanted = []
        for slot in slots:
            local = self.location_id._local_time(slot["start"])
            if (
                self.date_from <= local.date() <= self.date_to
                and first <= local.hour < last
            ):
                wanted.append(slot)
            if len(wanted) == SHOWN:
                break
        return wanted

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move the visit"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class ClinicAppointmentRescheduleLine(models.TransientModel):
    """One free time that the visit may move to."""

    _name = "clinic.appointment.reschedule.line"
    _description = "Free time to move an appointment to"
    _order = "start, id"

    wizard_id = fields.Many2one(
        "clinic.appointment.reschedule", required=True, ondelete="cascade"
    )
    start = fields.Datetime(required=True)
    local_start = fields.Char(string="When", compute="_compute_local_start")
    practitioner_id = fields.Many2one("clinic.practitioner", required=True)
    price = fields.Monetary()
    currency_id = fields.Many2one(related="wizard_id.appointment_id.currency_id")

    @api.depends("start")
    @api.depends_context("lang")
    def _compute_local_start(self):
        for line in self:
            line.local_start = line.wizard_id.location_id._speak_time(line.start)

    def action_choose(self):
        """Move the visit to this time.

        :raises ValidationError: somebody was faster; names what is in the way
        """
        self.ensure_one()
        self.env["clinic.day.sheet"].move(
            self.wizard_id.appointment_id.id, str(self.start), self.practitioner_id.id
        )
        return {"type": "ir.actions.act_window_close"}
