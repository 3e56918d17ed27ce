from collections import Counter
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..lib.day_axis import day_axis
from ..lib.states import STATES, TRANSITIONS

#: A visit lasts at most this long (CHECK constraint): how far back to look.
LONGEST = "12 hours"

GROUPINGS = ("practitioner", "room", "equipment")

#: What the sheet reads of a visit, in one statement.
VISIT_FIELDS = [
    "id",
    "patient_id",
    "practitioner_id",
    "room_id",
    "service_id",
    "coverage_id",
    "start",
    "stop",
    "buffer_before",
    "buffer_after",
    "state",
    "regime",
    "channel",
    "overbooked",
    "overbook_reason",
    "hold_expires_at",
    "visit_type",
    "reference",
    "cancel_reason",
]


class ClinicDaySheet(models.AbstractModel):
    """One location, one day, on one sheet: what the reception desk works with.

    Everything is read with the rights of the user, in a number of queries that
    depends neither on the columns nor on the visits. Positions are minutes since the
    day began at the location (see ``lib.day_axis``).
    """

    _name = "clinic.day.sheet"
    _description = "Day sheet"

    @api.model
    @api.readonly
    def get_locations(self):
        """The locations whose day sheet the user may open.

        :returns: list of dicts ``{id, name, tz, today}``, in their usual order
        """
        locations = self.env["clinic.location"].search(self._location_domain())
        now = fields.Datetime.now()
        return [
            {
                "id": location.id,
                "name": location.name,
                "tz": location.tz,
                "today": str(location._local_time(now).date()),
            }
            for location in locations
        ]

    @api.model
    @api.readonly
    def get_day(self, date, location_id, group_by="practitioner"):
        """The whole sheet of a day.

        :param str date: local day, ISO
        :param int location_id: ``clinic.location``
        :param str group_by: ``practitioner``, ``room`` or ``equipment``
        :returns: dict with ``location``, ``axis``, ``columns``, ``sessions`` (by
            column), ``working`` (who has a session when), ``visits``, ``counts`` per state, ``can`` (what the user may do),
            ``states``, ``transitions``, ``today`` and ``next_day`` (the next day on
            which somebody works, when nobody does on this one)
        :raises AccessError: the user does not work at this location
        """
        if group_by not in GROUPINGS:
            raise UserError(self.env._("Show practitioners, rooms or equipment."))
        location = self._get_location(location_id)
        axis = self._axis(date, location)
        visits = self._read_visits(axis, location, group_by)
        sessions = self._read_sessions(axis, location)
        columns = getattr(self, f"_columns_by_{group_by}")(location, sessions, visits)
        now = fields.Datetime.now()
        today = str(location._local_time(now).date())
        return {
            "date": str(fields.Date.to_date(date)),
            "today": today,
            "location": {
                "id": location.id,
                "name": location.name,
                "tz": location.tz,
                "zone": location._zone_label(axis.start),
            },
            "group_by": group_by,
            "axis": self._axis_values(axis, sessions, visits),
            "columns": columns,
            "sessions": self._shading(group_by, columns, sessions),
            "working": self._working(sessions),
            "visits": visits,
            "counts": dict(Counter(visit["state"] for visit in visits)),
            "states": self._state_labels(),
            "transitions": {old: sorted(new) for old, new in TRANSITIONS.items()},
            "can": self._what_user_may(),
            "next_day": not (sessions or visits)
            and self._next_working_day(axis, location),
        }

    @api.model
    @api.readonly
    def get_visits(self, date, location_id, visit_ids, group_by="practitioner"):
        """Some visits of the sheet again, after a change was announced.

        Those of ``visit_ids`` that are missing in the result have left the sheet.

        :returns: list of dicts as in :meth:`get_day`
        :raises AccessError: the user does not work at this location
        """
        location = self._get_location(location_id)
        axis = self._axis(date, location)
        return self._read_visits(axis, location, group_by, list(visit_ids)[:500])

    # ------------------------------------------------------------
    # Who may see what
    # ------------------------------------------------------------

    @api.model
    def _sees_only_own(self):
        """Whether the record rules show this user nothing but the own agenda."""
        if self.env.su:
            return False
        rule = self.env.ref(
            "clinic_agenda.clinic_appointment_rule_staff", raise_if_not_found=False
        )
        # sudo: ir.rule - the groups that see more stand there and nowhere else
        return bool(rule) and not (rule.sudo().groups & self.env.user.all_group_ids)

    @api.model
    def _location_domain(self):
        allowed = self.env.user.clinic_location_ids
        if allowed and not self.env.su and not self._sees_only_own():
            return [("id", "in", allowed.ids)]
        return []

    @api.model
    def _get_location(self, location_id):
        location = self.env["clinic.location"].browse(int(location_id)).exists()
        location.check_access("read")
        if not location:
            raise UserError(self.env._("This location does not exist any more."))
        if not location.filtered_domain(self._location_domain()):
            raise AccessError(
                self.env._(
                    "The agenda of %(location)s is not open to you: ask for this "
                    "location in your user settings.",
                    location=location.name,
                )
            )
        self.env["clinic.appointment"].check_access("read")
        return location

    @api.model
    def _what_user_may(self):
        user = self.env.user
        Visit = self.env["clinic.appointment"]
        return {
            "book": Visit.has_access("create"),
            "change": Visit.has_access("write"),
            "overbook": user.has_group("clinic_patient.group_clinic_overbook"),
            "close": user.has_group("clinic_patient.group_clinic_cashier"),
            "register": self.env["res.partner"].has_access("create"),
            "own_only": self._sees_only_own(),
        }

    # ------------------------------------------------------------
    # The day
    # ------------------------------------------------------------

    @api.model
    def _axis(self, date, location):
        day = fields.Date.to_date(date)
        if not day:
            raise UserError(self.env._("Choose a day."))
        return day_axis(day, location.tz)

    @api.model
    def _axis_values(self, axis, sessions, visits):
        """The axis for the browser, and the part of it worth showing: whole hours."""
        ends = [
            (max(item["start_minute"], 0), min(item["stop_minute"], axis.minutes))
            for item in [*sessions, *visits]
            if item.get("state") != "cancelled"
        ]
        first = min((start for start, _stop in ends), default=8 * 60)
        last = max((stop for _start, stop in ends), default=19 * 60)
        return {
            "start": str(axis.start),
            "minutes": axis.minutes,
            "wall": axis.wall,
            "first": max(first - first % 60, 0),
            "last": min(-(-last // 60) * 60, axis.minutes),
        }

    @api.model
    def _state_labels(self):
        selection = self.env["clinic.appointment"]._fields["state"]
        labels = dict(selection._description_selection(self.env))
        return [[code, labels[code]] for code, _label in STATES if code != "expired"]

    @api.model
    def _next_working_day(self, axis, location):
        domain = [("location_id", "=", location.id), ("start", ">=", axis.stop)]
        if self._sees_only_own():
            domain.append(("practitioner_id.user_id", "=", self.env.uid))
        session = self.env["clinic.session"].search(domain, order="start", limit=1)
        return session and str(location._local_time(session.start).date()) or False

    # ------------------------------------------------------------
    # Visits
    # ------------------------------------------------------------

    @api.model
    def _read_visits(self, axis, location, group_by, visit_ids=None):
        """The visits of the day, in three statements whatever their number."""
        Visit = self.env["clinic.appointment"]
        domain = [
            ("location_id", "=", location.id),
            ("start", "<", axis.stop),
            ("stop", ">", axis.start),
            ("state", "!=", "expired"),
        ]
        if visit_ids is not None:
            domain.append(("id", "in", visit_ids))
        query = Visit._search(domain)
        query.add_where(
            SQL(
                "%s > %s::timestamp - %s::interval",
                SQL.identifier(query.table, "start"),
                axis.start,
                LONGEST,
            )
        )
        query.order = SQL(
            "%s, %s",
            SQL.identifier(query.table, "start"),
            SQL.identifier(query.table, "id"),
        )
        rows = self.env.execute_query(
            query.select(
                *(
                    Visit._field_to_sql(query.table, name, query)
                    for name in VISIT_FIELDS
                ),
                SQL(
                    "COALESCE(%s, '') <> '' OR COALESCE(%s, '') <> ''",
                    Visit._field_to_sql(query.table, "note", query),
                    Visit._field_to_sql(query.table, "patient_note", query),
                ),
                self._sql_devices(query.table),
            )
        )
        names = [*VISIT_FIELDS, "has_note", "equipment_ids"]
        visits = [dict(zip(names, row, strict=True)) for row in rows]
        patients = self._read_patients({visit["patient_id"] for visit in visits})
        labels = self._read_labels(visits)
        now = fields.Datetime.now()
        return [
            self._visit_values(visit, axis, group_by, patients, labels)
            for visit in visits
            if visit["state"] != "held" or visit["hold_expires_at"] > now
        ]

    @api.model
    def _sql_devices(self, alias):
        return SQL(
            "ARRAY(SELECT rel.equipment_id FROM clinic_appointment_equipment_rel rel"
            " WHERE rel.appointment_id = %s ORDER BY rel.equipment_id)",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _visit_values(self, visit, axis, group_by, patients, labels):
        """One visit for the browser, made of its row."""
        start, stop = visit["start"], visit["stop"]
        room_id = visit["room_id"]
        patient = patients.get(visit["patient_id"], {})
        if group_by == "equipment":
            columns = visit["equipment_ids"]
        else:
            columns = [visit[f"{group_by}_id"] or 0]
        visit.update(
            columns=columns,
            start=str(start),
            stop=str(stop),
            start_minute=axis.minute(start),
            stop_minute=axis.minute(stop),
            overbooked=bool(visit["overbooked"]),
            hold_expires_at=visit["hold_expires_at"] and str(visit["hold_expires_at"]),
            patient=patient.get("name"),
            birth_date=patient.get("birth_date"),
            phone=patient.get("phone"),
            warning=patient.get("warning"),
            to_review=patient.get("to_review", False),
            practitioner=labels["practitioner_id"].get(visit["practitioner_id"]),
            service=labels["service_id"].get(visit["service_id"]),
            coverage=labels["coverage_id"].get(visit["coverage_id"]),
            room=labels["room_id"].get(room_id),
            marker=f"{start}|{stop}|{visit['practitioner_id']}|{room_id or 0}"
            f"|{visit['state']}",
        )
        return visit

    @api.model
    def _read_patients(self, patient_ids):
        """Who comes, in one statement, as far as the user may read the cards."""
        Partner = self.env["res.partner"].with_context(active_test=False)
        query = Partner._search([("id", "in", list(patient_ids - {None}))])
        names = [
            *("id", "name", "birth_date", "phone"),
            *("patient_warning_text", "identity_state"),
        ]
        rows = self.env.execute_query(
            query.select(
                *(Partner._field_to_sql(query.table, name, query) for name in names)
            )
        )
        return {
            row[0]: {
                "name": row[1],
                "birth_date": row[2] and str(row[2]),
                "phone": row[3],
                "warning": row[4],
                "to_review": row[5] == "to_review",
            }
            for row in rows
        }

    @api.model
    def _read_labels(self, visits):
        """Names of what the visits refer to: few records, one query for each model."""
        Visit = self.env["clinic.appointment"]
        labels = {}
        for name, parts in (
            ("practitioner_id", ["title", "name"]),
            ("room_id", ["name"]),
            ("service_id", ["name"]),
            ("coverage_id", ["name"]),
        ):
            Model = self.env[Visit._fields[name].comodel_name]
            ids = {visit[name] for visit in visits} - {None}
            found = Model.with_context(active_test=False).search_fetch(
                [("id", "in", list(ids))], parts
            )
            labels[name] = {
                record.id: " ".join(filter(None, (record[part] for part in parts)))
                for record in found
            }
        return labels
