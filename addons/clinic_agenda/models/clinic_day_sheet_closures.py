from odoo import api, models

from ..lib.diary import Busy


class ClinicDaySheet(models.AbstractModel):
    """Rooms and devices that are closed: shaded on the sheet, in the way of visits."""

    _inherit = "clinic.day.sheet"

    @api.model
    def _read_closures(self, axis, location):
        """The closures of the day at the location."""
        # sudo: clinic.closure - what is closed keeps everybody out
        closures = (
            self.env["clinic.closure"]
            .sudo()
            .search_fetch(
                [
                    ("location_id", "=", location.id),
                    ("start", "<", axis.stop),
                    ("stop", ">", axis.start),
                ],
                ["reason", "room_id", "equipment_id", "start", "stop"],
                order="start, id",
            )
        )
        return self._closure_spans(closures, axis)

    @api.model
    def _closed_times(self, group_by, columns, sessions, closures):
        """Closures by column. A practitioner is kept out for as long as the own
        sessions are in a closed room."""
        if group_by != "practitioner":
            return [
                {**closure, "column": closure[f"{group_by}_id"]}
                for closure in closures
                if closure[f"{group_by}_id"]
            ]
        return [
            {
                **closure,
                "column": session["practitioner_id"],
                "start_minute": max(closure["start_minute"], session["start_minute"]),
                "stop_minute": min(closure["stop_minute"], session["stop_minute"]),
                "reason": f"{closure['name']}: {closure['reason']}",
            }
            for session in sessions
            for closure in closures
            if session["room_id"]
            and session["room_id"] == closure["room_id"]
            and closure["start_minute"] < session["stop_minute"]
            and session["start_minute"] < closure["stop_minute"]
        ]

    @api.model
    def _closures_as_busy(self, axis, location):
        """Closures as something that takes time; their ids are negative."""
        return [
            Busy(
                -closure["id"],
                None,
                closure["room_id"],
                None,
                (closure["equipment_id"],) if closure["equipment_id"] else (),
                closure["start_minute"],
                closure["stop_minute"],
                closure["start_minute"],
                closure["stop_minute"],
            )
            for closure in self._read_closures(axis, location)
        ]

    def _describe_closure(self, closure_id):
        """What is closed, until when and why, in words."""
        # sudo: clinic.closure - told to whoever is kept out by it
        closure = self.env["clinic.closure"].sudo().browse(closure_id)
        location = closure.location_id
        return self.env._(
            "%(place)s is closed until %(stop)s: %(reason)s",
            place=(closure.room_id or closure.equipment_id).name,
            stop=location._speak_time(closure.stop),
            reason=closure.reason,
        )

    @api.model
    def _closure_spans(self, closures, axis):
        """Closures as positions on a day."""
        return [
            {
                "id": closure.id,
                "name": (closure.room_id or closure.equipment_id).name,
                "reason": closure.reason,
                "room_id": closure.room_id.id or None,
                "equipment_id": closure.equipment_id.id or None,
                "start_minute": axis.minute(closure.start),
                "stop_minute": axis.minute(closure.stop),
            }
            for closure in closures
        ]
