from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib import opening
from .clinic_session import REGIMES


class ClinicScheduleException(models.Model):
    """A departure from the weekly rules: leave, closure, or extra opening.

    Hours are local to the location and hold on each day of the period.
    """

    _name = "clinic.schedule.exception"
    _description = "Schedule exception"
    _order = "date_from desc, id desc"

    name = fields.Char(string="Reason", required=True)
    kind = fields.Selection(
        [
            ("leave", "Practitioner is away"),
            ("closure", "Location is closed"),
            ("extra", "Extra opening"),
        ],
        required=True,
        default="leave",
    )
    practitioner_id = fields.Many2one(
        "clinic.practitioner", index=True, ondelete="cascade"
    )
    location_id = fields.Many2one("clinic.location", index=True, ondelete="cascade")
    date_from = fields.Date(required=True, default=fields.Date.context_today)
    date_to = fields.Date(required=True, default=fields.Date.context_today)
    all_day = fields.Boolean(default=True)
    hour_from = fields.Float(string="From hour")
    hour_to = fields.Float(string="To hour", default=24.0)
    room_id = fields.Many2one("clinic.room", ondelete="set null")
    regime = fields.Selection(REGIMES, required=True, default="any")
    service_ids = fields.Many2many(
        "product.template",
        "clinic_schedule_exception_service_rel",
        "exception_id",
        "service_id",
        string="Only these services",
        domain=[("is_healthcare_service", "=", True)],
    )
    online_share = fields.Integer(string="Online share (%)", default=100, required=True)

    _period = models.Constraint(
        "CHECK (date_from <= date_to)", "The last day must not be before the first."
    )
    _hours = models.Constraint(
        "CHECK (all_day OR (hour_from >= 0 AND hour_to <= 24 AND hour_from < hour_to))",
        "Hours lie between 00:00 and 24:00, the end after the start.",
    )
    _online_share_percent = models.Constraint(
        "CHECK (online_share BETWEEN 0 AND 100)",
        "The online share is a percentage between 0 and 100.",
    )
    _lookup = models.Index("(date_to, date_from)")

    @api.constrains("kind", "practitioner_id", "location_id", "all_day", "room_id")
    def _check_subject(self):
        for exception in self:
            if exception.kind == "leave" and not exception.practitioner_id:
                raise ValidationError(
                    self.env._("Choose the practitioner who is away.")
                )
            if exception.kind == "closure" and not exception.location_id:
                raise ValidationError(self.env._("Choose the location that is closed."))
            if exception.kind == "extra":
                if not (exception.practitioner_id and exception.location_id):
                    raise ValidationError(
                        self.env._(
                            "An extra opening needs a practitioner and a location."
                        )
                    )
                if exception.all_day:
                    raise ValidationError(
                        self.env._("Give the hours of the extra opening.")
                    )
            room = exception.room_id
            if room and room.location_id != exception.location_id:
                raise ValidationError(
                    self.env._(
                        "Room %(room)s is not at the location of the extra opening.",
                        room=room.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """The sessions follow at once."""
        exceptions = super().create(vals_list)
        exceptions._affected_practitioners()._rebuild_sessions()
        return exceptions

    def write(self, vals):
        """The sessions follow, before and after the change."""
        practitioners = self._affected_practitioners()
        result = super().write(vals)
        (practitioners | self._affected_practitioners())._rebuild_sessions()
        return result

    def unlink(self):
        """The ordinary hours return."""
        practitioners = self._affected_practitioners()
        result = super().unlink()
        practitioners._rebuild_sessions()
        return result

    def _closes(self, practitioner, location):
        """Whether this leave or closure concerns a practitioner at a location."""
        return (not self.practitioner_id or self.practitioner_id == practitioner) and (
            not self.location_id or self.location_id == location
        )

    def _span_on(self, day, tz):
        """The UTC span this exception covers on a local day, or ``None``."""
        if not self.date_from <= day <= self.date_to:
            return None
        if self.all_day:
            return opening.local_span(day, 0, 24, tz)
        return opening.local_span(day, self.hour_from, self.hour_to, tz)

    def _openings_of(self, day):
        """The extra opening on a day of the period, as a list of none or one."""
        span = self._span_on(day, self.location_id.tz)
        if not span:
            return []
        return [
            opening.Opening(
                start=span[0],
                stop=span[1],
                location_id=self.location_id.id,
                room_id=self.room_id.id or None,
                regime=self.regime,
                online_share=self.online_share,
                block_id=None,
                exception_id=self.id,
                service_restricted=bool(self.service_ids),
            )
        ]

    def _affected_practitioners(self):
        named = self.practitioner_id
        closed = self.filtered(lambda exception: not exception.practitioner_id)
        if closed:
            named |= (
                self.env["clinic.schedule"]
                .search([("location_id", "in", closed.location_id.ids)])
                .practitioner_id
            )
        return named
