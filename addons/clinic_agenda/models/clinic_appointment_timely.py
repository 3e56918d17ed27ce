from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import said

from ..lib.states import HERE

#: Who may say, with a reason, that a patient is here before the visit's day.
AHEAD_GROUPS = (
    "clinic_patient.group_clinic_manager",
    "clinic_patient.group_clinic_chief_doctor",
)


class ClinicAppointment(models.Model):
    """No state before its time, whichever way it is written.

    What follows from a state follows for good: a no-show makes a recall, a finished
    visit a bill and a follow-up. So nobody has arrived before the day of the visit, and
    nobody is missing before its hour, by the clock of the location.
    """

    _inherit = "clinic.appointment"

    is_day_reached = fields.Boolean(compute="_compute_reached")
    is_hour_reached = fields.Boolean(compute="_compute_reached")

    @api.depends("start", "location_id.tz")
    def _compute_reached(self):
        for visit in self:
            known = bool(visit.start and visit.location_id)
            visit.is_day_reached = known and self._is_timely(
                "arrived", visit.start, visit.location_id
            )
            visit.is_hour_reached = known and self._is_timely(
                "no_show", visit.start, visit.location_id
            )

    @api.model
    def _is_timely(self, state, start, location):
        """Whether a visit can be in a state by now.

        :param str state: of a visit
        :param datetime start: naive UTC
        :param location: ``clinic.location``, whose clock counts
        """
        now = clock.now()
        if state == "no_show":
            return now >= start
        if state in HERE:
            today = location._local_time(now).date()
            return today >= location._local_time(start).date()
        return True

    @api.model
    def _may_go_ahead(self):
        """Whether the user may say, with a reason, that a patient came earlier."""
        return any(map(self.env.user.has_group, AHEAD_GROUPS))

    def _check_timely(self, vals):
        """Refuse a state before its time, or a time after the state.

        :param dict vals: as for ``write``
        :raises UserError: says from when on it is possible
        """
        if not {"state", "start", "location_id"} & vals.keys() or self._is_history():
            return
        locations = self.env["clinic.location"]
        for visit in self:
            state = vals.get("state") or visit.state
            start = fields.Datetime.to_datetime(vals.get("start")) or visit.start
            location = locations.browse(vals.get("location_id") or visit.location_id.id)
            same = (start, location) == (visit.start, visit.location_id)
            if same and (state == visit.state or self._is_back(visit.state, state)):
                continue
            self._check_state_timely(state, start, location)

    @api.model
    def _check_begin(self, vals_list):
        """The same for new visits; only the suite itself begins one in such a state."""
        for vals in () if self._is_history() else vals_list:
            if vals.get("state") in (*HERE, "no_show"):
                self._check_state_timely(
                    vals["state"],
                    fields.Datetime.to_datetime(vals["start"]),
                    self.env["clinic.location"].browse(vals["location_id"]),
                )

    @api.model
    def _is_back(self, old, new):
        """Whether this corrects a state of a visit that has begun."""
        return old in HERE and new in HERE and HERE.index(new) < HERE.index(old)

    @api.model
    def _check_state_timely(self, state, start, location):
        # sudo: clinic.location - the clock and its words, whoever writes
        location = location.sudo()
        if self._is_timely(state, start, location):
            return
        label = dict(self._fields["state"]._description_selection(self.env))[state]
        if state == "no_show":
            raise UserError(
                self.env._(
                    "The visit begins %(when)s: nobody is missing before.",
                    when=location._speak_time(start),
                )
            )
        if not (self.env.su or self._may_go_ahead()):
            raise UserError(
                self.env._(
                    "The visit is on %(day)s: it can become “%(state)s” on that day. "
                    "Move the visit if the patient is here today.",
                    day=location._speak_day(start),
                    state=label,
                )
            )
        if not (said(self.env.context, "clinic_reason") or "").strip():
            raise ValidationError(
                self.env._(
                    "The visit is on %(day)s. Say on the day sheet why it becomes "
                    "“%(state)s” earlier.",
                    day=location._speak_day(start),
                    state=label,
                )
            )
