from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib import opening
from .clinic_session import REGIMES

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class ClinicScheduleBlock(models.Model):
    """One line of a weekly schedule: these hours of this weekday, under these rules."""

    _name = "clinic.schedule.block"
    _description = "Schedule block"
    _order = "weekday, hour_from, id"

    schedule_id = fields.Many2one(
        "clinic.schedule", required=True, index=True, ondelete="cascade"
    )
    weekday = fields.Selection(WEEKDAYS, required=True, default="0")
    week_parity = fields.Selection(
        [("all", "Every week"), ("odd", "Odd weeks"), ("even", "Even weeks")],
        required=True,
        default="all",
        help="By the ISO week number of the year.",
    )
    hour_from = fields.Float(string="From", required=True, default=9.0)
    hour_to = fields.Float(string="To", required=True, default=13.0)
    break_from = fields.Float(string="Break from")
    break_to = fields.Float(string="Break to")
    room_id = fields.Many2one("clinic.room", ondelete="restrict")
    regime = fields.Selection(REGIMES, required=True, default="any")
    service_ids = fields.Many2many(
        "product.template",
        "clinic_schedule_block_service_rel",
        "block_id",
        "service_id",
        string="Only these services",
        domain=[("is_healthcare_service", "=", True)],
    )
    online_share = fields.Integer(
        string="Online share (%)",
        required=True,
        default=100,
        help="How much of the time may be booked on the website; the rest is kept "
        "for the desk.",
    )

    _hours = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_to <= 24 AND hour_from < hour_to)",
        "The hours of a schedule lie between 00:00 and 24:00, the end after the start.",
    )
    _break_hours = models.Constraint(
        "CHECK (COALESCE(break_from, 0) = COALESCE(break_to, 0)"
        " OR (break_from < break_to AND break_from > hour_from"
        " AND break_to < hour_to))",
        "The break must lie within the hours and end after it starts.",
    )
    _online_share_percent = models.Constraint(
        "CHECK (online_share BETWEEN 0 AND 100)",
        "The online share is a percentage between 0 and 100.",
    )

    @api.depends("weekday", "hour_from", "hour_to")
    def _compute_display_name(self):
        names = dict(self._fields["weekday"]._description_selection(self.env))
        for block in self:
            block.display_name = (
                f"{names.get(block.weekday, '')} {_clock(block.hour_from)}"
                f"–{_clock(block.hour_to)}"
            )

    @api.constrains("room_id", "schedule_id")
    def _check_room(self):
        for block in self:
            location = block.schedule_id.location_id
            if block.room_id and block.room_id.location_id != location:
                raise ValidationError(
                    self.env._(
                        "Room %(room)s is not at %(location)s: choose a room of the "
                        "schedule's location.",
                        room=block.room_id.name,
                        location=location.name,
                    )
                )

    def _openings_of(self, day, location, closures):
        """The openings this block gives on a day on which it applies.

        :param date day: local day
        :param location: ``clinic.location`` of the schedule
        :param closures: ``clinic.schedule.exception`` records that close it
        :returns: list of ``opening.Opening``
        """
        self.ensure_one()
        span = opening.local_span(day, self.hour_from, self.hour_to, location.tz)
        if not span:
            return []
        holes = [closure._span_on(day, location.tz) for closure in closures]
        if self.break_to:
            holes.append(
                opening.local_span(day, self.break_from, self.break_to, location.tz)
            )
        return [
            opening.Opening(
                start=start,
                stop=stop,
                location_id=location.id,
                room_id=self.room_id.id or None,
                regime=self.regime,
                online_share=self.online_share,
                block_id=self.id,
                exception_id=None,
                service_restricted=bool(self.service_ids),
            )
            for start, stop in opening.subtract(span, filter(None, holes))
        ]

    @api.model_create_multi
    def create(self, vals_list):
        """The sessions follow at once."""
        blocks = super().create(vals_list)
        blocks.schedule_id._rebuild_sessions()
        return blocks

    def write(self, vals):
        """The sessions follow at once, also of a schedule the block has left."""
        schedules = self.schedule_id
        result = super().write(vals)
        (schedules | self.schedule_id)._rebuild_sessions()
        return result

    def unlink(self):
        """The sessions go with their block; other blocks keep theirs."""
        schedules = self.schedule_id
        result = super().unlink()
        schedules.exists()._rebuild_sessions()
        return result


def _clock(hour):
    minutes = round(hour * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
