from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.clinic_base.lib.ours import Said

from ..lib.day_axis import day_axis, epoch_minute
from ..lib.states import BLOCKING, HERE, TRANSITIONS, UPCOMING
from . import asked

#: Visits whose length or room may still change.
RUNNING = (*UPCOMING, "arrived", "in_room")

#: What an undo puts back.
REMEMBERED = ("start", "stop", "practitioner_id", "room_id", "state", "overbooked")

#: States that an undo must not pass through on its way back.
NO_PASSAGE = {"cancelled", "expired", "no_show", "held"}


class ClinicDaySheet(models.AbstractModel):
    """Changing a visit on the sheet. The server decides, and says what is in the way.

    Each method gives back ``visits``, a table with the visit as :meth:`get_day` does,
    its ``date`` and ``undo``: what :meth:`undo` needs to take the change back. A
    ``marker`` is the visit as the user saw it: ``start|stop|practitioner|room|state``,
    times in minutes since 1970.
    """

    _inherit = "clinic.day.sheet"

    @api.model
    def move(
        self,
        visit_id,
        start,
        column,
        group_by="practitioner",
        marker=None,
        overbook_reason=None,
    ):
        """Drop a visit at a time in a column.

        :param str start: UTC
        :param int column: practitioner, room (0 for none) or device
        :param str marker: of the visit as the user saw it
        :param str overbook_reason: put it there although it does not fit
        :raises UserError: somebody else changed the visit meanwhile
        :raises ValidationError: it does not fit; names what is in the way
        """
        visit = self._get_fresh(visit_id, marker)
        start = asked.moment(self.env, "start", start)
        column = asked.number(self.env, "column", column)
        location = visit.location_id
        practitioner = visit.practitioner_id
        if group_by == "practitioner":
            practitioner = practitioner.browse(column).exists()
        axis = day_axis(location._local_time(start).date(), location.tz)
        request, offered_by, diary = self._diary_for(visit, axis, location)
        if practitioner.id not in offered_by:
            raise ValidationError(
                self.env._(
                    "%(practitioner)s does not offer “%(service)s” here.",
                    practitioner=practitioner.display_name,
                    service=visit.service_id.name,
                )
            )
        if group_by != "practitioner":
            request = self._narrow(request, group_by, column)
            if not request:
                raise ValidationError(
                    self.env._("This visit needs equipment of another kind.")
                )
        before = self._remember(visit)
        place = diary.place(practitioner.id, axis.minute(start), request)
        if not place and not overbook_reason:
            raise ValidationError(
                self._why_not(diary, practitioner, axis, start, request)
            )
        values = {}
        devices = visit.equipment_ids.ids
        if place:
            room = visit.room_id.browse(place.room_id or ())
            devices = place.device_ids
        else:
            room = visit.room_id.browse(
                (column if group_by == "room" else visit.room_id.id) or ()
            )
            values.update(overbooked=True, overbook_reason=overbook_reason)
        desk = visit.with_context(clinic_channel=Said("desk"))
        with self._named_refusal(visit, axis, practitioner, start, request):
            self._release_devices(desk, devices)
            if start == visit.start and practitioner == visit.practitioner_id:
                self._change_place(desk, room, values)
            else:
                desk._move(start, practitioner=practitioner, room=room, **values)
            self._take_devices(desk, devices)
        return self._changed(visit, before)

    @api.model
    def resize(self, visit_id, stop, marker=None, overbook_reason=None):
        """Give the visit another end.

        :param str stop: UTC
        :raises ValidationError: the time after it is taken or closed
        """
        visit = self._get_fresh(visit_id, marker)
        stop = fields.Datetime.to_datetime(stop)
        if visit.state not in RUNNING:
            raise UserError(self.env._("The visit is over: its length stays."))
        location = visit.location_id
        axis = day_axis(location._local_time(visit.start).date(), location.tz)
        request, _offered_by, diary = self._diary_for(visit, axis, location)
        length = int((stop - visit.start).total_seconds() // 60)
        before = self._remember(visit)
        values = {"stop": stop}
        longer = stop > visit.stop
        last = diary.last_stop(
            visit.practitioner_id.id,
            axis.minute(visit.start),
            visit.room_id.id,
            visit.equipment_ids.ids,
            request,
        )
        if longer and axis.minute(stop) > last:
            if not overbook_reason:
                raise ValidationError(
                    self._why_not(
                        diary,
                        visit.practitioner_id,
                        axis,
                        visit.start,
                        request._replace(length=length),
                        visit.room_id.id,
                        visit.equipment_ids.ids,
                    )
                )
            values.update(overbooked=True, overbook_reason=overbook_reason)
        elif visit.overbooked:
            values.update(overbooked=True)
        visit.with_context(clinic_channel=Said("desk")).write(values)
        return self._changed(visit, before)

    @api.model
    def set_state(self, visit_id, state, reason=None, marker=None, by=None):
        """Confirm, check in, begin, end, close, cancel, no-show, or one step back.

        :param str reason: needed to cancel, and ahead of the visit's day
        :param str by: who cancels, ``patient`` or ``clinic``; if empty, the usual
            reasons know it
        :raises UserError: this state cannot follow the present one, or not yet
        """
        visit = self._get_fresh(visit_id, marker)
        before = self._remember(visit)
        reason = str(reason or "").strip()[:200]
        state = str(state)
        desk = visit.with_context(clinic_channel=Said("desk"))
        if reason and state in HERE:
            desk = desk.with_context(clinic_reason=Said(reason))
        actions = {
            "confirmed": desk.action_confirm,
            "arrived": desk.action_arrive,
            "in_room": desk.action_in_room,
            "done": desk.action_done,
            "closed": desk.action_close,
            "no_show": desk.action_no_show,
            "booked": desk.action_back_to_booked,
        }
        if state == "cancelled":
            if not reason:
                raise ValidationError(self.env._("Say why the visit is cancelled."))
            desk._cancel(reason, by=by)
        elif state in actions:
            actions[state]()
        else:
            raise UserError(self.env._("A visit cannot be set to this state here."))
        return self._changed(visit, before)

    @api.model
    def undo(self, visit_id, before, marker=None):
        """Put a visit back where and how it was, if that is still possible.

        :param dict before: the ``undo`` that the change gave back
        :raises UserError: somebody else changed the visit meanwhile
        :raises ValidationError: its old time is taken; names what is in the way
        """
        visit = self._get_fresh(visit_id, marker)
        desk = visit.with_context(clinic_channel=Said("desk"))
        if before.get("booked"):
            desk._cancel(self.env._("Taken back right after booking"), by="clinic")
            return self._changed(visit, False)
        start = fields.Datetime.to_datetime(before["start"])
        stop = fields.Datetime.to_datetime(before["stop"])
        location = visit.location_id
        axis = day_axis(location._local_time(start).date(), location.tz)
        practitioner = visit.practitioner_id.browse(before["practitioner_id"])
        request, _offered_by, diary = self._diary_for(visit, axis, location)
        request = request._replace(length=int((stop - start).total_seconds() // 60))
        room_id, devices = before["room_id"] or None, before["equipment_ids"]
        if before["state"] in BLOCKING and not before["overbooked"]:
            in_the_way = diary.obstacles(
                practitioner.id, axis.minute(start), room_id, devices, request
            )
            if in_the_way:
                raise ValidationError(
                    self.env._(
                        "This cannot be undone: %(obstacle)s.",
                        obstacle=self._describe(in_the_way, axis),
                    )
                )
        values = self._undo_values(visit, before, start, stop)
        steps = self._way_back(visit.state, before["state"])
        if steps:
            values["state"] = steps[0]
        with self._named_refusal(
            visit, axis, practitioner, start, request, room_id, devices
        ):
            self._release_devices(desk, devices)
            if values:
                desk._ours().write(values)
            for state in steps[1:]:
                desk.write({"state": state})
            self._take_devices(desk, devices)
        return self._changed(visit, False)

    # ------------------------------------------------------------
    # Parts
    # ------------------------------------------------------------

    def _get_fresh(self, visit_id, marker):
        """The visit, if it still is as the user saw it.

        :raises UserError: names who changed it meanwhile
        """
        visit = self._get_visit(visit_id)
        visit.check_access("write")
        if marker and marker != self._marker(visit):
            event = visit.event_ids.sorted("id")[-1:]
            raise UserError(
                self.env._(
                    "%(user)s changed this visit meanwhile: it is now %(when)s with "
                    "%(practitioner)s, %(state)s. Look at it again.",
                    user=event.user_id.name or self.env._("Somebody"),
                    when=visit.location_id._speak_hour(visit.start),
                    practitioner=visit.practitioner_id.display_name,
                    state=dict(self._state_labels()).get(visit.state, visit.state),
                )
            )
        return visit

    @api.model
    def _marker(self, visit):
        start, stop = epoch_minute(visit.start), epoch_minute(visit.stop)
        return (
            f"{start}|{stop}|{visit.practitioner_id.id}"
            f"|{visit.room_id.id or 0}|{visit.state}"
        )

    @api.model
    def _remember(self, visit):
        values = visit._snapshot()
        return {
            **{name: values[name] for name in REMEMBERED},
            "start": str(visit.start),
            "stop": str(visit.stop),
            "equipment_ids": visit.equipment_ids.ids,
            "overbook_reason": visit.overbook_reason,
        }

    def _undo_values(self, visit, before, start, stop):
        values = {}
        if (start, stop) != (visit.start, visit.stop):
            values.update(start=start, stop=stop)
            if start != visit.start:
                values["change_sequence"] = visit.change_sequence + 1
        for name in ("practitioner_id", "room_id"):
            if before[name] != visit[name].id:
                values[name] = before[name]
        if before["overbooked"] != visit.overbooked or before["overbooked"] and values:
            values["overbooked"] = before["overbooked"]
            values["overbook_reason"] = before["overbook_reason"]
        return values

    @api.model
    def _way_back(self, present, wanted):
        """The states that lead from one to the other, the shortest way.

        :raises UserError: there is none
        """
        if present == wanted:
            return []
        ways = [[present]]
        seen = {present}
        for way in ways:
            for state in sorted(TRANSITIONS[way[-1]] - seen):
                if state == wanted:
                    return [*way[1:], state]
                if state not in NO_PASSAGE:
                    seen.add(state)
                    ways.append([*way, state])
        raise UserError(self.env._("This change cannot be undone."))

    @staticmethod
    def _release_devices(visit, devices):
        """Let go of devices that will change, before the time does: a new one must
        not be tried at the old time."""
        if set(devices) != set(visit.equipment_ids.ids):
            visit.write({"equipment_ids": [(5,)]})

    @staticmethod
    def _take_devices(visit, devices):
        if set(devices) != set(visit.equipment_ids.ids):
            visit.write({"equipment_ids": [(6, 0, devices)]})

    def _change_place(self, visit, room, values):
        if visit.state not in RUNNING:
            raise UserError(self.env._("The visit is over: its room stays."))
        visit.write({"room_id": room.id, **values})

    def _changed(self, visit, before):
        """What a change gives back to the browser."""
        location = visit.location_id
        axis = day_axis(location._local_time(visit.start).date(), location.tz)
        return {
            "id": visit.id,
            "visits": self._read_visits(axis, location, visit.ids),
            "date": str(location._local_time(visit.start).date()),
            "undo": before,
        }
