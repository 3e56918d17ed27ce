from odoo import api, fields, models

from odoo.addons.base.models.res_partner import _tz_get


class ClinicLocation(models.Model):
    """A site of the clinic: where visits happen and which clock they follow.

    FHIR R4 ``Location``. Every time shown to a person is spoken in the zone of the
    visit's location, whatever the zone of the reader (see ``_local_time``).
    """

    _name = "clinic.location"
    _description = "Clinic location"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner", string="Address", check_company=True, ondelete="restrict"
    )
    country_id = fields.Many2one(
        "res.country",
        help="Decides which public holidays close this location.",
        default=lambda self: self.env.company.country_id,
    )
    tz = fields.Selection(
        _tz_get,
        string="Time zone",
        required=True,
        help="All hours of this location's schedules, pages and messages are in "
        "this zone.",
    )
    color = fields.Integer()
    phone = fields.Char()
    room_ids = fields.One2many("clinic.room", "location_id")
    equipment_ids = fields.One2many("clinic.equipment", "location_id")
    pricelist_id = fields.Many2one(
        "product.pricelist",
        check_company=True,
        help="Prices of visits at this location. Empty: the prices of the services.",
    )
    online_bookable = fields.Boolean(string="Booking on the website", default=True)
    notice_minutes = fields.Integer(
        string="Shortest notice (minutes)",
        default=60,
        help="A visit cannot be booked online later than this before it starts.",
    )
    horizon_days = fields.Integer(
        string="Booking horizon (days)",
        default=90,
        help="A visit cannot be booked online further ahead than this.",
    )
    change_notice_hours = fields.Integer(
        string="Last change (hours before)",
        default=24,
        help="Until when a patient may move or cancel a visit without calling.",
    )
    hold_minutes = fields.Integer(
        default=10,
        help="How long a time stays reserved while a patient fills in the form.",
    )
    tell_desk_visits = fields.Boolean(
        string="Tell the patient by e-mail about visits booked at the desk",
        default=True,
        help="Confirmation, new time and cancellation, as after a booking online. The "
        "mails leave two minutes later, so that a correction or an undo is not heard.",
    )

    _notice_not_negative = models.Constraint(
        "CHECK (notice_minutes >= 0 AND change_notice_hours >= 0)",
        "Notice periods cannot be negative: use 0 for no notice.",
    )
    _horizon_positive = models.Constraint(
        "CHECK (horizon_days BETWEEN 1 AND 730)",
        "The booking horizon must be between 1 and 730 days.",
    )
    _hold_positive = models.Constraint(
        "CHECK (hold_minutes BETWEEN 1 AND 60)",
        "A time can be held between 1 and 60 minutes.",
    )

    @api.model
    def default_get(self, fields):
        """Propose the zone of the user, who most often sits at the location."""
        values = super().default_get(fields)
        if "tz" in fields and not values.get("tz"):
            values["tz"] = self.env.user.tz
        return values

    @api.depends("name")
    @api.depends_context("clinic_show_zone")
    def _compute_display_name(self):
        if not self.env.context.get("clinic_show_zone"):
            return super()._compute_display_name()
        for location in self:
            location.display_name = f"{location.name} ({location.tz})"
        return None

    def write(self, vals):
        """Sessions are written in UTC: another zone means other sessions."""
        result = super().write(vals)
        if {"tz", "country_id", "active"} & vals.keys():
            self.env["clinic.schedule"].with_context(active_test=False).search(
                [("location_id", "in", self.ids)]
            )._rebuild_sessions()
        return result
