from odoo import api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.tools import format_datetime
from odoo.tools.misc import get_lang

from odoo.addons.clinic_base.lib import clock

from ..lib import spoken_day


class ClinicMarketingEvent(models.Model):
    """A lecture, an open day: where people hear of the clinic and leave their name.

    Whoever registers is an enquiry, so that what became of them is counted like that of
    all others: registered, were there, booked, came.
    """

    _name = "clinic.marketing.event"
    _description = "Marketing event"
    _inherit = ["mail.thread"]
    _order = "date_start desc, id desc"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        [
            ("lecture", "Lecture"),
            ("open_day", "Open day"),
            ("workshop", "Workshop"),
            ("webinar", "Online"),
            ("other", "Other"),
        ],
        required=True,
        default="lecture",
    )
    date_start = fields.Datetime(string="Begins", required=True)
    date_stop = fields.Datetime(string="Ends", required=True)
    place = fields.Char()
    speaker = fields.Char()
    description = fields.Html(translate=True)
    topic_id = fields.Many2one("clinic.enquiry.topic", ondelete="restrict")
    capacity = fields.Integer(help="0: as many as like.", aggregator=None)
    responsible_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True)
    called_off = fields.Boolean(tracking=True, copy=False)
    state = fields.Selection(
        [("ahead", "Ahead"), ("over", "Over"), ("called_off", "Called off")],
        compute="_compute_state",
        search="_search_state",
    )
    enquiry_ids = fields.One2many("clinic.enquiry", "event_id", string="People")
    registered_count = fields.Integer(
        string="Registered", compute="_compute_counts", compute_sudo=True
    )
    attended_count = fields.Integer(
        string="Were there", compute="_compute_counts", compute_sudo=True
    )
    booked_count = fields.Integer(
        string="Booked", compute="_compute_counts", compute_sudo=True
    )
    came_count = fields.Integer(
        string="Came", compute="_compute_counts", compute_sudo=True
    )
    places_left = fields.Integer(compute="_compute_counts", compute_sudo=True)

    _ends_after_it_begins = models.Constraint(
        "CHECK (date_stop > date_start)", "The event must end after it begins."
    )
    _sane_capacity = models.Constraint(
        "CHECK (capacity >= 0)", "Write how many people there is room for, or 0."
    )

    @api.depends("date_stop", "called_off")
    def _compute_state(self):
        now = clock.now()
        for event in self:
            event.state = (
                "called_off"
                if event.called_off
                else "over"
                if event.date_stop and event.date_stop <= now
                else "ahead"
            )

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = {
            "called_off": [("called_off", "=", True)],
            "over": [("called_off", "=", False), ("date_stop", "<=", "now")],
            "ahead": [("called_off", "=", False), ("date_stop", ">", "now")],
        }
        return fields.Domain.OR(
            fields.Domain(domains[state]) for state in value if state in domains
        )

    @api.depends("enquiry_ids.attended", "enquiry_ids.state", "capacity")
    def _compute_counts(self):
        kinds = {
            "registered_count": [],
            "attended_count": [("attended", "=", True)],
            "booked_count": [("booked_at", "!=", False)],
            "came_count": [("came_at", "!=", False)],
        }
        grouped = {
            name: dict(
                self.env["clinic.enquiry"]._read_group(
                    [("event_id", "in", self.ids), *domain], ["event_id"], ["__count"]
                )
            )
            for name, domain in kinds.items()
        }
        for event in self:
            for name, found in grouped.items():
                event[name] = found.get(event._origin, 0)
            event.places_left = max(0, event.capacity - event.registered_count)

    @api.constrains("capacity")
    def _check_capacity(self):
        for event in self:
            if event.capacity and event.registered_count > event.capacity:
                raise ValidationError(
                    self.env._(
                        "%(count)s people are registered already: choose a larger "
                        "number of places.",
                        count=event.registered_count,
                    )
                )

    def _zone(self):
        """The time zone in which the event takes place; addons know the location."""
        self.ensure_one()
        # sudo: res.users - the zone of who organises it
        return self.sudo().responsible_id.tz or self.env.user.tz or "UTC"

    def _when(self):
        """When it begins, in words, in the time of the place and with its zone."""
        self.ensure_one()
        language = get_lang(self.env).code
        day, hour = (
            format_datetime(self.env, self.date_start, tz=self._zone(), dt_format=form)
            for form in (spoken_day.pattern(spoken_day.FULL, language), "HH:mm")
        )
        return spoken_day.with_hour(day, f"{hour} ({self._zone()})", language)

    def _where(self):
        """The place, in words."""
        self.ensure_one()
        return self.place or ""

    # ------------------------------------------------------------
    # Registering
    # ------------------------------------------------------------

    def _lock_for_registration(self):
        """Let people register one after the other, so that no place is given twice.

        :raises UserError: the event is not there any more
        """
        self.ensure_one()
        try:
            self.lock_for_update()
        except LockError:
            raise UserError(
                self.env._("Many people are registering just now. Please try again.")
            ) from None
        self.invalidate_recordset()
        self.enquiry_ids.invalidate_recordset()

    def _check_open(self):
        """Refuse whoever is too late.

        :raises UserError: called off, over or full
        """
        self.ensure_one()
        if self.state == "called_off":
            raise UserError(self.env._("This event was called off."))
        if self.state == "over" or not self.active:
            raise UserError(self.env._("This event is over."))
        if self.capacity and not self.places_left:
            raise UserError(self.env._("All places of this event are taken."))

    def action_view_people(self):
        """Open the list of who registered."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_patient.clinic_enquiry_action"
        )
        return dict(
            action,
            name=self.name,
            views=[(False, "list"), (False, "form")],
            domain=[("event_id", "=", self.id)],
            context={"default_event_id": self.id, "default_channel": "event"},
        )

    def action_call_off(self):
        """The event does not take place; nobody can register any more."""
        self.write({"called_off": True})
