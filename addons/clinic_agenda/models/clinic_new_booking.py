from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS

from ..lib.states import TAKEN

GROUP = "clinic_agenda.group_clinic_new_bookings"


class ClinicAppointment(models.Model):
    """New bookings, and which of them a member of staff has not seen yet."""

    _inherit = "clinic.appointment"

    booked_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When it became a visit; a time that was only held is none.",
    )
    is_unseen = fields.Boolean(
        string="Not seen",
        compute="_compute_is_unseen",
        search="_search_is_unseen",
        help="Booked by others since you have had this list, and not marked as seen.",
    )

    _booked_at = models.Index("(booked_at) WHERE booked_at IS NOT NULL")

    def init(self):
        """Who has seen which booking: rows that nobody edits, so no model of theirs."""
        result = super().init()
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS clinic_appointment_seen (
                user_id int NOT NULL REFERENCES res_users ON DELETE CASCADE,
                appointment_id int NOT NULL
                    REFERENCES clinic_appointment ON DELETE CASCADE,
                PRIMARY KEY (user_id, appointment_id))
            """
        )
        return result

    @api.depends_context("uid")
    def _compute_is_unseen(self):
        unseen = self.search([("id", "in", self.ids), ("is_unseen", "=", True)])
        for visit in self:
            visit.is_unseen = visit._origin in unseen

    @api.model
    def _search_is_unseen(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        # sudo: res.users - the own watermark
        user = self.env.user.sudo()
        since = user.clinic_bookings_since or user.create_date
        if not user.has_group(GROUP):
            return Domain.FALSE
        seen = SQL(
            "SELECT appointment_id FROM clinic_appointment_seen WHERE user_id = %s",
            self.env.uid,
        )
        return (
            Domain("booked_at", ">", since)
            & Domain("create_uid", "!=", self.env.uid)
            & Domain("state", "in", TAKEN)
            & Domain("id", "not in", seen)
        )

    def _prepare_bookings(self, vals_list):
        prepared = super()._prepare_bookings(vals_list)
        if not self._is_history():
            now = clock.now()
            for vals in prepared:
                if vals.get("state", "booked") in TAKEN:
                    vals["booked_at"] = now
        return prepared

    def _prepare_change(self, vals):
        vals = super()._prepare_change(vals)
        if vals.get("state") in TAKEN and any(visit.state == "held" for visit in self):
            vals["booked_at"] = clock.now()
        return vals

    @api.model
    @api.readonly
    def new_booking_count(self):
        """How many bookings the user has not seen, a hundred at most: the badge."""
        return self.search_count([("is_unseen", "=", True)], limit=100)

    def action_mark_seen(self):
        """The user has seen these bookings; again is harmless."""
        self.check_access("read")
        if self:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO clinic_appointment_seen (user_id, appointment_id)"
                    " SELECT %s, id FROM unnest(%s) id ON CONFLICT DO NOTHING",
                    self.env.uid,
                    self.ids,
                )
            )
            self.invalidate_model(["is_unseen"])
            self.env.user._bus_send("clinic_agenda/new_bookings", {})
        return True

    @api.model
    def action_mark_all_seen(self):
        """All that was booked until now is seen."""
        # sudo: res.users - the own watermark
        self.env.user.sudo().clinic_bookings_since = clock.now()
        self.env.cr.execute(
            "DELETE FROM clinic_appointment_seen WHERE user_id = %s", [self.env.uid]
        )
        self.invalidate_model(["is_unseen"])
        self.env.user._bus_send("clinic_agenda/new_bookings", {})
        return True

    def action_open_new(self):
        """Open a new booking; it is seen by that."""
        self.ensure_one()
        self.action_mark_seen()
        return self.get_formview_action()


class ResUsers(models.Model):
    """The switch of the list of new bookings."""

    _inherit = "res.users"

    clinic_new_bookings = fields.Boolean(
        string="New bookings",
        compute="_compute_clinic_new_bookings",
        inverse="_inverse_clinic_new_bookings",
        help="A list of what was booked, with a counter of what you have not seen.",
        groups=STAFF_GROUPS,
    )
    clinic_bookings_since = fields.Datetime(
        copy=False, readonly=True, groups=STAFF_GROUPS
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["clinic_new_bookings"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["clinic_new_bookings"]

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """As Odoo's, which shows everybody what staff may set for themselves."""
        known = super().fields_get(allfields, attributes)
        if not self.env.user.has_group(STAFF_GROUPS):
            known.pop("clinic_new_bookings", None)
        return known

    @api.depends("group_ids")
    def _compute_clinic_new_bookings(self):
        for user in self:
            user.clinic_new_bookings = user.has_group(GROUP)

    def _inverse_clinic_new_bookings(self):
        """Only for staff: the list shows visits, as far as the rights go."""
        # sudo: res.groups, res.users - everybody may turn the own list on and off
        group = self.env.ref(GROUP).sudo()
        wanted = self.filtered(
            lambda user: (
                user.clinic_new_bookings
                and user.has_group("clinic_patient.group_clinic_user")
            )
        ).sudo()
        group.user_ids = [
            *((4, user.id) for user in wanted),
            *((3, user.id) for user in self - wanted),
        ]
        for user in wanted:
            user.clinic_bookings_since = user.clinic_bookings_since or clock.now()
