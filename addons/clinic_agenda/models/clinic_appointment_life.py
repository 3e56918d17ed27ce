from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import said

from ..lib.states import STATES, TRANSITIONS, UPCOMING

#: Fields whose change must fit the schedule.
SCHEDULED = {
    "start",
    "stop",
    "practitioner_id",
    "location_id",
    "service_id",
    "regime",
    "buffer_before",
    "buffer_after",
}

#: Fields whose change is an event.
WATCHED = (
    "state",
    "start",
    "stop",
    "practitioner_id",
    "room_id",
    "patient_id",
    "location_id",
    "overbooked",
)


class ClinicAppointment(models.Model):
    """The life of a visit: booking rules, moves, states, history."""

    _inherit = "clinic.appointment"

    def _check_transition(self, vals):
        """Refuse a state that cannot follow the present one."""
        new = vals.get("state")
        if not new or self._is_history():
            return
        names = dict(STATES)
        for visit in self:
            if new != visit.state and new not in TRANSITIONS[visit.state]:
                raise UserError(
                    self.env._(
                        "A visit that is “%(old)s” cannot become “%(new)s”.",
                        old=names[visit.state],
                        new=names[new],
                    )
                )

    def _prepare_change(self, vals):
        """What follows from a change: end of hold, right to overbook, rescheduled."""
        vals = dict(vals)
        if vals.get("state") and vals["state"] != "held":
            vals.setdefault("hold_expires_at", False)
        if vals.get("overbooked"):
            self._check_may_overbook(
                vals.get("overbook_reason") or self[:1].overbook_reason
            )
            vals["overbooked_by_id"] = self.env.uid
        return vals

    def _check_change(self, vals):
        """The rules of booking hold for a change as well, whoever writes it."""
        if not SCHEDULED & vals.keys():
            return
        for visit in self:
            changed = visit._snapshot() | vals
            if (
                any(changed[name] != visit[name] for name in ("start", "stop"))
                or (SCHEDULED - {"start", "stop"}) & vals.keys()
            ):
                changed.setdefault("overbook_reason", visit.overbook_reason)
                [terms] = self._terms([changed])
                self._check_booking(changed, terms and terms["in_session"])

    def _move(self, start, practitioner=None, room=None, stop=None, **extra):
        """Give the visit another time, practitioner or room, whole or not at all.

        The visit keeps its identity (reference, calendar entry, history). A patient
        who had confirmed is asked again: the state becomes *rescheduled*.

        :param datetime start: naive UTC
        :param practitioner: ``clinic.practitioner``, the present one if empty
        :param room: ``clinic.room``, the present one if ``None``, none if empty
        :param datetime stop: naive UTC; the present length if empty
        :param extra: further values, for example ``overbooked``, ``overbook_reason``
        :raises SlotTaken: the new time is taken
        :raises ValidationError: outside the sessions, without the right
        """
        self.ensure_one()
        if self.state not in UPCOMING:
            raise UserError(self.env._("Only a visit that has not begun can be moved."))
        vals = {
            "start": start,
            "stop": stop or start + (self.stop - self.start),
            "practitioner_id": (practitioner or self.practitioner_id).id,
            "room_id": (self.room_id if room is None else room).id,
            **extra,
        }
        vals.setdefault("overbooked", False)
        if start != self.start:
            vals["change_sequence"] = self.change_sequence + 1
            if self.state != "held":
                vals["state"] = "rescheduled"
        self._ours().write(vals)

    def _snapshot(self):
        """The values that allocation and history look at, as ``write`` takes them."""
        self.ensure_one()
        return {
            **{
                name: self[name].id if self._fields[name].relational else self[name]
                for name in WATCHED
            },
            "equipment_ids": [(6, 0, self.equipment_ids.ids)],
            "buffer_before": self.buffer_before,
            "buffer_after": self.buffer_after,
            "service_id": self.service_id.id,
            "regime": self.regime,
        }

    def _record_events(self, vals_list):
        """Append to the history: one dict of values for each visit, in order.

        Written as SQL: the rows have no defaults, no computed fields and no rights to
        check (nobody may write history but this method), and a booking waits for them.
        """
        channel = said(self.env.context, "clinic_channel")
        columns = (
            "appointment_id",
            "kind",
            "date",
            "user_id",
            "partner_id",
            "channel",
            "old_state",
            "new_state",
            "old_start",
            "new_start",
            "old_practitioner_id",
            "new_practitioner_id",
            "old_patient_id",
            "new_patient_id",
            "reason",
        )
        rows = [
            {
                "appointment_id": visit.id,
                "date": clock.now(),
                "user_id": self.env.uid,
                "partner_id": said(self.env.context, "clinic_actor_id"),
                "channel": channel or visit.channel,
                "new_state": visit.state,
                "new_start": visit.start,
                "new_practitioner_id": visit.practitioner_id.id,
                "reason": visit.overbook_reason,
                **vals,
            }
            # sudo: clinic.appointment - what happened is recorded whole
            for visit, vals in zip(self.sudo(), vals_list, strict=True)
        ]
        self.env.cr.execute(
            SQL(
                "INSERT INTO clinic_appointment_event (%s) VALUES %s",
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(
                    SQL("%s", tuple(row.get(name) or None for name in columns))
                    for row in rows
                ),
            )
        )
        self.invalidate_recordset(["event_ids"])

    def _announce(self):
        """Tell open day sheets that something changed: ids and days, nothing else."""
        group = self.env["ir.model.data"]._xmlid_to_res_id(
            "clinic_patient.group_clinic_user", raise_if_not_found=True
        )
        # sudo: res.groups - only the channel's name is needed
        channel = self.env["res.groups"].sudo().browse(group)
        for location, visits in self.grouped("location_id").items():
            channel._bus_send(
                "clinic_agenda/changed",
                {
                    "location_id": location.id,
                    "appointment_ids": visits.ids,
                    "days": sorted({str(visit.local_day) for visit in visits}),
                },
            )

    def action_confirm(self):
        """The patient said yes."""
        self.write({"state": "confirmed"})

    def action_arrive(self):
        """The patient is here."""
        self.write({"state": "arrived"})

    def action_in_room(self):
        """The visit begins."""
        self.write({"state": "in_room"})

    def action_done(self):
        """The visit is over."""
        self.write({"state": "done"})

    def action_close(self):
        """Paid, or nothing to pay: closed by the cashier."""
        self.write({"state": "closed"})

    def action_no_show(self):
        """The patient did not come."""
        self.write({"state": "no_show"})

    def action_back_to_booked(self):
        """Undo: the visit stands again, if its time is still free."""
        self.write({"state": "booked"})
