from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib import opening
from ..lib.states import BLOCKING_SQL
from .clinic_appointment import BUSY_SQL

#: How many visits in the way are named.
NAMED = 5


class ClinicClosure(models.Model):
    """A room or a device that cannot be used for a time: painting, repair.

    Hours are those of the location. PostgreSQL keeps the closed times of each room and
    device beside it and refuses a visit there, overbooked or not, whoever writes; and a
    closure is refused while visits stand in the way.
    """

    _name = "clinic.closure"
    _description = "Closure of a room or device"
    _inherit = ["clinic.gate"]
    _order = "start desc, id desc"
    _rec_name = "reason"

    reason = fields.Char(required=True)
    room_id = fields.Many2one("clinic.room", index=True, ondelete="cascade")
    equipment_id = fields.Many2one("clinic.equipment", index=True, ondelete="cascade")
    location_id = fields.Many2one(
        "clinic.location",
        compute="_compute_location_id",
        store=True,
        precompute=True,
        index=True,
    )
    company_id = fields.Many2one(
        related="location_id.company_id", store=True, precompute=True
    )
    day_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    hour_from = fields.Float(string="From hour", default=0.0, required=True)
    day_to = fields.Date(
        string="Until", required=True, default=fields.Date.context_today
    )
    hour_to = fields.Float(string="Until hour", default=24.0, required=True)
    start = fields.Datetime(compute="_compute_span", store=True, precompute=True)
    stop = fields.Datetime(
        string="End", compute="_compute_span", store=True, precompute=True
    )

    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(room_id, equipment_id) = 1)",
        "Close one room or one device: choose it.",
    )
    _span = models.Constraint(
        "CHECK (start < stop)", "A closure must end after it starts."
    )
    _hours = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < 24 AND hour_to > 0 AND hour_to <= 24)",
        "Hours lie between 00:00 and 24:00.",
    )
    _location_start = models.Index("(location_id, start)")

    @api.depends("room_id.location_id", "equipment_id.location_id")
    def _compute_location_id(self):
        for closure in self:
            place = closure.room_id or closure.equipment_id
            closure.location_id = place.location_id

    @api.depends("day_from", "hour_from", "day_to", "hour_to", "location_id.tz")
    def _compute_span(self):
        for closure in self:
            tz = closure.location_id.tz
            known = tz and closure.day_from and closure.day_to
            closure.start = known and opening.to_utc(
                closure.day_from, closure.hour_from, tz
            )
            closure.stop = known and opening.to_utc(closure.day_to, closure.hour_to, tz)

    @api.constrains("room_id", "equipment_id", "start", "stop")
    def _check_visits(self):
        """Say which visits stand in the way: they are moved first, then it closes."""
        for closure in self:
            ids = closure._visits_in_the_way()
            if ids:
                raise ValidationError(
                    self.env._(
                        "Visits stand in the way. Move or cancel them first:\n"
                        "%(visits)s",
                        visits=closure._describe(ids),
                    )
                )

    def _visits_in_the_way(self):
        """Ids of the visits that the closure would hit, earliest first.

        Asked with a snapshot of its own, because a booking that ended while this
        transaction waited for the room is not in the old one.
        """
        self.ensure_one()
        self.env["clinic.appointment"].flush_model()
        self.flush_recordset()
        query = self._sql_in_the_way()
        own = {row[0]: row[1] for row in self.env.execute_query(query)}
        with self.env.registry.cursor() as fresh:
            fresh.execute(query)
            others = {row[0]: row[1] for row in fresh.fetchall()}
        seen = self.env["clinic.appointment"].sudo().browse(others).exists()._ids
        found = own | {key: at for key, at in others.items() if key not in seen}
        return sorted(found, key=lambda key: (found[key], key))

    def _sql_in_the_way(self):
        if self.room_id:
            hit = SQL("room_id = %s", self.room_id.id)
        else:
            hit = SQL(
                "id IN (SELECT appointment_id FROM clinic_appointment_equipment_rel"
                " WHERE equipment_id = %s)",
                self.equipment_id.id,
            )
        return SQL(
            "SELECT id, start FROM clinic_appointment WHERE %s AND state IN %s"
            " AND (hold_expires_at IS NULL OR hold_expires_at > %s)"
            " AND %s && tsrange(%s, %s) AND start > %s AND start < %s",
            hit,
            SQL(BLOCKING_SQL),
            clock.now(),
            SQL(BUSY_SQL),
            self.start,
            self.stop,
            self.start - timedelta(hours=16),
            self.stop + timedelta(hours=4),
        )

    def _describe(self, ids):
        """Name visits as far as the user may see them."""
        visits = self.env["clinic.appointment"].search([("id", "in", ids)])
        lines = [
            self.env._(
                "%(patient)s, %(when)s, %(practitioner)s",
                patient=visit.patient_id.name or self.env._("A held time"),
                when=visit.local_start,
                practitioner=visit.practitioner_id.display_name,
            )
            for visit in visits.sorted("start")[:NAMED]
        ]
        more = len(ids) - len(lines)
        if more and lines:
            lines.append(self.env._("and %(count)s more", count=more))
        elif more:
            lines.append(self.env._("Booked just now, or not open to you"))
        return "\n".join(lines)

    # ------------------------------------------------------------
    # The sheet of the day follows
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Open day sheets show it at once."""
        closures = super().create(vals_list)
        closures._announce()
        return closures

    def write(self, vals):
        """Open day sheets follow, before and after the change."""
        self._announce()
        result = super().write(vals)
        self._announce()
        return result

    def unlink(self):
        """Open day sheets open the place again."""
        self._announce()
        return super().unlink()

    def _announce(self):
        """Tell open day sheets to read themselves again: no visit is named."""
        channel = self.env.ref("clinic_patient.group_clinic_user")
        for closure in self.filtered(lambda item: item.start and item.stop):
            location = closure.location_id
            first = location._local_time(closure.start).date()
            last = location._local_time(closure.stop).date()
            # sudo: res.groups - only the channel's name is needed
            channel.sudo()._bus_send(
                "clinic_agenda/changed",
                {
                    "location_id": location.id,
                    "appointment_ids": [],
                    "days": [str(day) for day in opening.days_between(first, last)][
                        :400
                    ],
                },
            )
