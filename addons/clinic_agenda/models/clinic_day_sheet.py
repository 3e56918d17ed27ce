from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import ormcache

from odoo.addons.clinic_base.lib import clock

from ..lib.day_axis import day_axis
from ..lib.states import STATES, TRANSITIONS
from . import asked

GROUPINGS = ("practitioner", "room", "equipment")


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
        now = clock.now()
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
            column), ``closures`` (of rooms and devices, by column), ``working`` (who
            has a session when, if the columns do not say it), ``visits`` (a table:
            see ``_read_visits``), ``counts`` per state, ``can`` (what the user may
            do), ``states``, ``transitions``, ``today`` and ``next_day`` (the next day
            on which somebody works, when nobody does on this one)
        :raises AccessError: the user does not work at this location
        """
        if group_by not in GROUPINGS:
            raise UserError(self.env._("Show practitioners, rooms or equipment."))
        location = self._get_location(location_id)
        axis = self._axis(date, location)
        visits = self._read_visits(axis, location)
        sessions = self._read_sessions(axis, location)
        columns = getattr(self, f"_columns_by_{group_by}")(location, sessions, visits)
        closures = self._read_closures(axis, location)
        now = clock.now()
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
            "closures": self._closed_times(group_by, columns, sessions, closures),
            "working": self._working(group_by, sessions),
            "visits": visits,
            "counts": dict(Counter(self._column_of(visits, "state"))),
            "states": self._state_labels(),
            "transitions": {old: sorted(new) for old, new in TRANSITIONS.items()},
            "cancel_reasons": [
                {"words": words, "by": by}
                for _code, words, by in self.env["clinic.appointment"]._cancel_reasons()
            ],
            "can": self._what_user_may(),
            "next_day": not (sessions or visits["rows"])
            and self._next_working_day(axis, location),
        }

    @api.model
    @api.readonly
    def get_visits(self, date, location_id, visit_ids):
        """Some visits of the sheet again, after a change was announced.

        Those of ``visit_ids`` that are missing in the result have left the sheet.

        :returns: a table as in :meth:`get_day`
        :raises AccessError: the user does not work at this location
        """
        location = self._get_location(location_id)
        axis = self._axis(date, location)
        return self._read_visits(axis, location, list(visit_ids)[:500])

    # ------------------------------------------------------------
    # Who may see what
    # ------------------------------------------------------------

    @api.model
    def _sees_only_own(self):
        """Whether the record rules show this user nothing but the own agenda."""
        if self.env.su:
            return False
        see_more = self._groups_that_see_more()
        return see_more is not None and see_more.isdisjoint(
            self.env.user._get_group_ids()
        )

    @api.model
    @ormcache()
    def _groups_that_see_more(self):
        """Ids of the groups who see the agendas of others; nothing if all do."""
        rule = self.env.ref(
            "clinic_agenda.clinic_appointment_rule_staff", raise_if_not_found=False
        )
        # sudo: ir.rule - the groups that see more stand there and nowhere else
        return frozenset(rule.sudo().groups.ids) if rule else None

    @api.model
    def _location_domain(self):
        allowed = self.env.user.clinic_location_ids
        if allowed and not self.env.su and not self._sees_only_own():
            return [("id", "in", allowed.ids)]
        return []

    @api.model
    def _get_location(self, location_id):
        location = (
            self.env["clinic.location"]
            .browse(asked.number(self.env, "location_id", location_id))
            .exists()
        )
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
        """Extension point: what the user of the sheet may do, ``{word: bool}``."""
        user = self.env.user
        Visit = self.env["clinic.appointment"]
        return {
            "book": Visit.has_access("create"),
            "change": Visit.has_access("write"),
            "overbook": user.has_group("clinic_patient.group_clinic_overbook"),
            "go_ahead": Visit._may_go_ahead(),
            "close": user.has_group("clinic_patient.group_clinic_cashier"),
            "register": self.env["res.partner"].has_access("create"),
            "close_places": self.env["clinic.closure"].has_access("create"),
            "own_only": self._sees_only_own(),
        }

    # ------------------------------------------------------------
    # The day
    # ------------------------------------------------------------

    @api.model
    def _axis(self, date, location):
        try:
            day = fields.Date.to_date(date)
        except (TypeError, ValueError):
            day = None
        if not day:
            raise UserError(self.env._("Choose a day."))
        return day_axis(day, location.tz)

    @api.model
    def _axis_values(self, axis, sessions, visits):
        """The axis for the browser, and the part of it worth showing: whole hours."""
        start, stop, state = map(
            visits["fields"].index, ("start_minute", "stop_minute", "state")
        )
        shown = [row for row in visits["rows"] if row[state] != "cancelled"]
        starts = [row[start] for row in shown]
        starts += [item["start_minute"] for item in sessions]
        stops = [row[stop] for row in shown]
        stops += [item["stop_minute"] for item in sessions]
        first = max(min(starts, default=8 * 60), 0)
        last = min(max(stops, default=19 * 60), axis.minutes)
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
