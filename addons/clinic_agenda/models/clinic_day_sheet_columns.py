from odoo import api, models
from odoo.tools import SQL


class ClinicDaySheet(models.AbstractModel):
    """The columns of the sheet, and when each of them is open."""

    _inherit = "clinic.day.sheet"

    @api.model
    def _read_sessions(self, axis, location):
        """The openings of the day at the location, in one statement."""
        Session = self.env["clinic.session"]
        domain = [
            ("location_id", "=", location.id),
            ("start", "<", axis.stop),
            ("stop", ">", axis.start),
        ]
        if self._sees_only_own():
            domain.append(("practitioner_id.user_id", "=", self.env.uid))
        query = Session._search(domain, order="start, id")
        names = ["id", "practitioner_id", "room_id", "start", "stop", "regime"]
        names += ["service_restricted"]
        rows = self.env.execute_query(
            query.select(
                *(Session._field_to_sql(query.table, name, query) for name in names)
            )
        )
        return [
            {
                "id": session_id,
                "practitioner_id": practitioner_id,
                "room_id": room_id,
                "start_minute": axis.minute(start),
                "stop_minute": axis.minute(stop),
                "regime": regime,
                "restricted": bool(restricted),
            }
            for (
                session_id,
                practitioner_id,
                room_id,
                start,
                stop,
                regime,
                restricted,
            ) in rows
        ]

    @api.model
    def _working(self, group_by, sessions):
        """Who is there when, for columns that are not practitioners."""
        if group_by == "practitioner":
            return []
        ids = {session["practitioner_id"] for session in sessions}
        practitioners = self.env["clinic.practitioner"].search_fetch(
            [("id", "in", list(ids))], ["title", "name"]
        )
        names = {item.id: item.display_name for item in practitioners}
        return [
            {
                "practitioner_id": session["practitioner_id"],
                "name": names[session["practitioner_id"]],
                "start_minute": session["start_minute"],
                "stop_minute": session["stop_minute"],
            }
            for session in sessions
            if session["practitioner_id"] in names
        ]

    @api.model
    def _columns_by_practitioner(self, location, sessions, visits):
        """Those who work here this day, or have a visit."""
        ids = {item["practitioner_id"] for item in sessions}
        ids.update(self._column_of(visits, "practitioner_id"))
        practitioners = (
            self.env["clinic.practitioner"]
            .with_context(active_test=False)
            .search_fetch(
                [("id", "in", list(ids))], ["title", "name", "color", "specialty_ids"]
            )
        )
        practitioners.specialty_ids.fetch(["name"])
        rooms = self._room_names({item["room_id"] for item in sessions} - {None})
        with_picture = self._with_picture(practitioners)
        result = []
        for practitioner in practitioners:
            own_rooms = dict.fromkeys(
                rooms[item["room_id"]]
                for item in sessions
                if item["practitioner_id"] == practitioner.id
                and item["room_id"] in rooms
            )
            result.append(
                {
                    "id": practitioner.id,
                    "name": practitioner.display_name,
                    "subtitle": " · ".join(
                        [*practitioner.specialty_ids.mapped("name")[:2], *own_rooms]
                    ),
                    "image": practitioner.id in with_picture
                    and f"/web/image/clinic.practitioner/{practitioner.id}/image_128",
                    "color": practitioner.color,
                }
            )
        return result

    @api.model
    def _with_picture(self, practitioners):
        """Ids of those who have a photograph: only these are fetched by browsers."""
        # sudo: ir.attachment - whether a picture exists, for practitioners just read
        rows = self.env.execute_query(
            SQL(
                "SELECT res_id FROM ir_attachment"
                " WHERE res_model = 'clinic.practitioner' AND res_field = 'image_128'"
                " AND res_id = ANY(%s)",
                practitioners.ids,
                to_flush=self.env["ir.attachment"]._fields["res_field"],
            )
        )
        return {row[0] for row in rows}

    @api.model
    def _room_names(self, ids):
        rooms = self.env["clinic.room"].with_context(active_test=False)
        found = rooms.search_fetch([("id", "in", list(ids))], ["name"])
        return {room.id: room.name for room in found}

    @api.model
    def _columns_by_room(self, location, sessions, visits):
        """All rooms of the location, and *No room yet* when a visit has none."""
        used = set(self._column_of(visits, "room_id"))
        rooms = (
            self.env["clinic.room"]
            .with_context(active_test=False)
            .search_fetch(
                [
                    ("location_id", "=", location.id),
                    "|",
                    ("active", "=", True),
                    ("id", "in", list(used - {None})),
                ],
                ["name", "color"],
            )
        )
        columns = [
            {
                "id": room.id,
                "name": room.name,
                "subtitle": False,
                "image": False,
                "color": room.color,
            }
            for room in rooms
        ]
        if None in used:
            columns.append(
                {
                    "id": 0,
                    "name": self.env._("No room yet"),
                    "subtitle": self.env._("Choose one at the latest on arrival"),
                    "image": False,
                    "color": 0,
                }
            )
        return columns

    @api.model
    def _columns_by_equipment(self, location, sessions, visits):
        """All devices of the location."""
        used = set().union(*self._column_of(visits, "equipment_ids"))
        devices = (
            self.env["clinic.equipment"]
            .with_context(active_test=False)
            .search_fetch(
                [
                    ("location_id", "=", location.id),
                    "|",
                    ("active", "=", True),
                    ("id", "in", list(used)),
                ],
                ["name", "color", "category_id", "room_id"],
            )
        )
        devices.category_id.fetch(["name"])
        rooms = self._room_names(devices.room_id.ids)
        return [
            {
                "id": device.id,
                "name": device.name,
                "subtitle": " · ".join(
                    filter(
                        None, [device.category_id.name, rooms.get(device.room_id.id)]
                    )
                ),
                "image": False,
                "color": device.color,
            }
            for device in devices
        ]

    @api.model
    def _shading(self, group_by, columns, sessions):
        """When each column is open.

        A room or device is open whenever somebody works at the location (``open``);
        over it lie the sessions that have the room as their own.
        """
        if group_by == "practitioner":
            return [
                {**session, "column": session["practitioner_id"], "kind": "session"}
                for session in sessions
            ]
        spans = []
        for item in sorted(sessions, key=lambda item: item["start_minute"]):
            if spans and item["start_minute"] <= spans[-1][1]:
                spans[-1][1] = max(spans[-1][1], item["stop_minute"])
            else:
                spans.append([item["start_minute"], item["stop_minute"]])
        shading = [
            {
                "id": f"open-{column['id']}-{start}",
                "column": column["id"],
                "kind": "open",
                "regime": "any",
                "start_minute": start,
                "stop_minute": stop,
            }
            for column in columns
            for start, stop in spans
        ]
        if group_by == "room":
            shading += [
                {**session, "column": session["room_id"], "kind": "session"}
                for session in sessions
                if session["room_id"]
            ]
        return shading
