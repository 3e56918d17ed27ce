import calendar
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

MONTHS = [
    ("1", "January"),
    ("2", "February"),
    ("3", "March"),
    ("4", "April"),
    ("5", "May"),
    ("6", "June"),
    ("7", "July"),
    ("8", "August"),
    ("9", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]


class ClinicMessageGreeting(models.Model):
    """A day on which the clinic greets: birthdays, holidays; all off until switched on.

    Everybody is greeted once a year at most, however often the scheduled action runs.
    Greetings are of the kind *Birthdays and holidays*: while that is for news and
    offers, only who agreed to get those is greeted.
    """

    _name = "clinic.message.greeting"
    _description = "Greeting day"
    _order = "is_on desc, occasion, month_order, day, id"

    name = fields.Char(required=True, translate=True)
    is_on = fields.Boolean(string="Switched on", default=False)
    occasion = fields.Selection(
        [
            ("birthday", "Birthday of the patient"),
            ("yearly", "Every year on the same day"),
            ("once", "On one date"),
        ],
        required=True,
        default="yearly",
        help="Feasts that move from year to year get their date each year.",
    )
    month = fields.Selection(MONTHS)
    month_order = fields.Integer(compute="_compute_month_order", store=True)
    day = fields.Integer()
    date = fields.Date()
    hour = fields.Float(string="At (hour)", default=10.0, help="On the clinic's clock.")
    template_id = fields.Many2one(
        "clinic.message.template",
        string="Text",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('kind_id.code', '=', 'greeting')]",
    )
    segment_id = fields.Many2one(
        "clinic.segment",
        string="To whom",
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: all patients.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    next_on = fields.Date(string="Next", compute="_compute_next_on")

    _hour_of_a_day = models.Constraint(
        "CHECK (hour >= 0 AND hour < 24)", "The hour lies between 00:00 and 23:59."
    )

    @api.depends("month")
    def _compute_month_order(self):
        for greeting in self:
            greeting.month_order = int(greeting.month or 0)

    @api.depends("occasion", "month", "day", "date")
    def _compute_next_on(self):
        today = self.env["res.partner"]._clinic_today()
        for greeting in self:
            following = False
            if greeting.occasion == "once":
                following = greeting.date
                if following and following < today:
                    following = False
            elif greeting.occasion == "yearly" and greeting.month and greeting.day:
                following = min(
                    each
                    for year in (today.year, today.year + 1)
                    if (each := greeting._day_in(year)) >= today
                )
            greeting.next_on = following

    @api.constrains("occasion", "month", "day", "date")
    def _check_day(self):
        for greeting in self:
            if greeting.occasion == "once" and not greeting.date:
                raise ValidationError(
                    self.env._("Enter the date of “%s”.", greeting.name)
                )
            # Of a leap year.
            most = calendar.monthrange(2024, int(greeting.month or 1))[1]
            right = greeting.month and 1 <= greeting.day <= most
            if greeting.occasion == "yearly" and not right:
                raise ValidationError(
                    self.env._("Enter month and day of “%s”.", greeting.name)
                )

    @api.constrains("template_id")
    def _check_template(self):
        for greeting in self:
            if greeting.template_id.kind_id.code != "greeting":
                raise ValidationError(
                    self.env._("Choose a text of the kind “Birthdays and holidays”.")
                )

    def _day_in(self, year):
        """The day in a year; the 29th of February is the 28th where there is none."""
        month = int(self.month)
        return date(year, month, min(self.day, calendar.monthrange(year, month)[1]))

    def _is_today(self, today):
        self.ensure_one()
        if self.occasion == "birthday":
            return True
        if self.occasion == "once":
            return self.date == today
        return self._day_in(today.year) == today

    @api.model
    def _cron_greet(self):
        """Scheduled action: write today's greetings, to be sent at their hour."""
        for greeting in self.search([("is_on", "=", True)]):
            self.env["clinic.trouble"]._each(
                greeting.with_company(greeting.company_id),
                "Greetings of the day",
                lambda one: one._greet(),
            )
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _greet(self):
        """Write the greetings of today; again on the same day changes nothing.

        :returns: number of messages written
        """
        self.ensure_one()
        today = self.env["res.partner"]._clinic_today()
        if not self._is_today(today):
            return 0
        zone = ZoneInfo(self.env["res.partner"]._clinic_tz())
        minutes = timedelta(minutes=round(self.hour * 60))
        local = datetime.combine(today, time(), zone) + minutes
        due = local.astimezone(timezone.utc).replace(tzinfo=None)
        now = clock.now()
        midnight = datetime.combine(today + timedelta(days=1), time(), zone)
        end = midnight.astimezone(timezone.utc).replace(tzinfo=None)
        if now >= end:
            return 0
        # sudo: clinic.message - written by the clinic, not by who switched it on
        return (
            self.env["clinic.message"]
            .sudo()
            ._queue_query(
                "greeting",
                self._people_query(today),
                self._name,
                step=str(today.year),
                due=max(due, now),
                # A greeting is worth nothing on the next day.
                expires_at=end,
                template=self.template_id,
                company=self.company_id,
            )
        )

    def _people_query(self, today):
        """Query of whom to greet today."""
        conditions = [
            SQL("p.is_patient AND p.active AND p.erased_at IS NULL"),
            SQL("(p.company_id IS NULL OR p.company_id = %s)", self.company_id.id),
        ]
        if self.segment_id:
            # sudo: clinic.segment - the clinic greets, not who switched it on
            segment = self.sudo().segment_id._patients_query()
            conditions.append(SQL("p.id IN %s", segment.subselect()))
        if self.occasion == "birthday":
            days = [(today.month, today.day)]
            if (today.month, today.day) == (2, 28) and not calendar.isleap(today.year):
                days.append((2, 29))
            # A child's birthday would greet its parents by their own names.
            adult = self.env["clinic.message"]._adult_born_until()
            conditions.append(
                SQL(
                    "p.birth_date <= %s AND (EXTRACT(MONTH FROM p.birth_date)::int,"
                    " EXTRACT(DAY FROM p.birth_date)::int) IN %s",
                    adult,
                    tuple(days),
                )
            )
        if self.template_id.kind_id.purpose == "marketing":
            # Who did not agree would only fill the log with messages held back.
            consent = self.env["clinic.consent.kind"]._by_code("marketing")
            conditions.append(
                SQL(
                    "(SELECT c.decision FROM clinic_consent c"
                    " WHERE c.patient_id = p.id AND c.kind_id = %s"
                    " AND c.set_aside IS NOT TRUE"
                    " ORDER BY c.date DESC, c.id DESC LIMIT 1) = 'given'",
                    consent.id or 0,
                )
            )
        return SQL(
            "SELECT p.id AS patient_id, %s::int AS origin_id FROM res_partner p"
            " WHERE %s",
            self.id,
            SQL(" AND ").join(conditions),
        )

    def _message_is_obsolete(self, message):
        """A greeting that was switched off is not sent any more."""
        return not self.is_on
