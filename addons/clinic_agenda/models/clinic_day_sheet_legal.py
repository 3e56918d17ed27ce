from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.diary import Busy, Device, Diary, Request, Session
from ..lib.states import BLOCKING_SQL
from ..tools.free_times import service_allowed
from . import asked
from .clinic_appointment import BUSY_SQL


class ClinicDaySheet(models.AbstractModel):
    """Where a visit may go: asked once when a drag begins, and again on its drop."""

    _inherit = "clinic.day.sheet"

    @api.model
    @api.readonly
    def legal_spans(self, visit_id, date, location_id, group_by="practitioner"):
        """Where the visit could begin in each column, and how long it could last.

        The length stays, and so does the service. Free and busy times count whoever
        may see the visits behind them; nothing about these is told.

        :returns: ``{"columns": {column id: [[first minute, last minute], …]},
            "last_stop": minute}``
        """
        location = self._get_location(location_id)
        visit = self._get_visit(visit_id)
        axis = self._axis(date, location)
        request, practitioners, diary = self._diary_for(visit, axis, location)
        columns = {}
        if group_by == "practitioner":
            for practitioner_id in practitioners:
                columns[practitioner_id] = diary.starts(practitioner_id, request)
        else:
            # sudo: clinic.room, clinic.equipment - only ids of the same location
            model = "clinic.room" if group_by == "room" else "clinic.equipment"
            column_ids = (
                self.env[model].sudo().search([("location_id", "=", location.id)]).ids
            )
            for column_id in [*column_ids, *([0] if group_by == "room" else [])]:
                wanted = self._narrow(request, group_by, column_id)
                columns[column_id] = wanted and diary.starts(
                    visit.practitioner_id.id, wanted
                )
        return {
            "columns": {key: spans or [] for key, spans in columns.items()},
            "last_stop": diary.last_stop(
                visit.practitioner_id.id,
                axis.minute(visit.start),
                visit.room_id.id,
                visit.equipment_ids.ids,
                request,
            ),
        }

    @api.model
    @api.readonly
    def booking_options(self, location_id, practitioner_id, start, room_id=None):
        """What can be booked with a practitioner at a time somebody clicked on.

        :param str start: UTC
        :returns: dict with ``services`` (id, name, specialty, duration, price,
            ``regimes`` the session takes it for, ``fits`` whether all is free),
            ``coverages`` (id, name, service ids) and ``regimes``
        """
        location = self._get_location(location_id)
        start = fields.Datetime.to_datetime(start)
        axis = self._axis(location._local_time(start).date(), location)
        offers = self.env["clinic.offer"].search(
            [
                ("location_id", "=", location.id),
                ("practitioner_id", "=", practitioner_id),
            ]
        )
        prices = offers._prices()
        accepted = self._accepted_sessions(
            axis, location, [practitioner_id], offers.service_id.ids
        )
        busy = self._read_busy(axis, location, [practitioner_id])
        coverages = self.env["clinic.coverage"].search([("active", "=", True)])
        paying = {
            service: coverages._accepted_for(service, location)
            for service in offers.service_id
        }
        minute = axis.minute(start)
        services = []
        for offer in offers:
            service = offer.service_id
            request = self._request_for(service, location, offer)
            if room_id:
                request = self._narrow(request, "room", room_id)
            regimes = [
                regime
                for regime in ("private", "public")
                if self._diary(axis, accepted, busy, service.id, regime).place(
                    practitioner_id, minute, request
                )
            ]
            services.append(
                {
                    "id": service.id,
                    "name": service.name,
                    "specialty": service.specialty_id.name,
                    "duration": request.length,
                    "price": prices[offer.id],
                    "currency_id": offer.currency_id.id,
                    "regimes": regimes,
                    "fits": bool(regimes),
                    "coverage_ids": paying[service].ids,
                }
            )
        services.sort(key=lambda service: (not service["fits"], service["name"]))
        return {
            "services": services,
            "coverages": [
                {"id": coverage.id, "name": coverage.name, "note": coverage.note}
                for coverage in coverages
            ],
            "when": location._speak_time(start),
        }

    # ------------------------------------------------------------
    # The diary behind both
    # ------------------------------------------------------------

    @api.model
    def _get_visit(self, visit_id):
        visit = (
            self.env["clinic.appointment"]
            .browse(asked.number(self.env, "visit_id", visit_id))
            .exists()
        )
        if not visit:
            raise UserError(self.env._("This visit does not exist any more."))
        visit.check_access("read")
        return visit

    def _diary_for(self, visit, axis, location):
        """What the visit asks for, who offers it here, and the day around it."""
        # sudo: clinic.offer - who offers what is known to whoever moves visits
        offers = (
            self.env["clinic.offer"]
            .sudo()
            .search(
                [
                    ("location_id", "=", location.id),
                    ("service_id", "=", visit.service_id.id),
                ]
            )
        )
        practitioners = offers.practitioner_id.ids
        if visit.location_id == location:
            practitioners = list({*practitioners, visit.practitioner_id.id})
        own = offers.filtered(
            lambda offer: offer.practitioner_id == visit.practitioner_id
        )
        request = self._request_for(visit.service_id, location, own, visit)
        accepted = self._accepted_sessions(
            axis, location, practitioners, visit.service_id.ids
        )
        busy = self._read_busy(axis, location, practitioners, visit)
        diary = self._diary(axis, accepted, busy, visit.service_id.id, visit.regime)
        return request, practitioners, diary

    def _request_for(self, service, location, offer, visit=None):
        """What a visit of the service takes; a visit there is keeps what it has."""
        # sudo: clinic.room, clinic.equipment - free or not, nothing else is told
        service = service.sudo()
        devices = (
            self.env["clinic.equipment"]
            .sudo()
            .search(
                [
                    ("location_id", "=", location.id),
                    ("category_id", "in", service.equipment_category_ids.ids),
                ]
            )
        )
        held = visit.sudo().equipment_ids if visit else devices.browse()
        kinds = (service.equipment_category_ids | held.category_id).ids
        by_kind = {
            kind: held.filtered(lambda item, kind=kind: item.category_id.id == kind)
            or devices.filtered(lambda item, kind=kind: item.category_id.id == kind)
            for kind in kinds
        }
        rooms = devices.env["clinic.room"]._to_try(
            offer.sudo(), location, service.room_required, devices
        )
        if visit and visit.room_id.location_id == location:
            rooms = list(dict.fromkeys([visit.room_id.id, *rooms]))
        length = (
            int((visit.stop - visit.start).total_seconds() // 60)
            if visit
            else (offer[:1].sudo().duration or service.duration)
        )
        return Request(
            length=length,
            before=visit.buffer_before if visit else service.buffer_before,
            after=visit.buffer_after if visit else service.buffer_after,
            patient_id=(visit.patient_id.id or None) if visit else None,
            rooms=rooms,
            devices=[
                [Device(item.id, item.room_id.id or None) for item in items]
                for items in by_kind.values()
            ],
        )

    def _narrow(self, request, group_by, column_id):
        """The same request for one room or device; ``None`` if that cannot serve."""
        if group_by == "room":
            return request._replace(rooms=[column_id or None], any_room=True)
        devices, found = [], False
        for options in request.devices:
            chosen = [device for device in options if device.id == column_id]
            if not chosen:
                # sudo: clinic.equipment - the kind of a device of this location
                column = self.env["clinic.equipment"].sudo().browse(column_id)
                kind = self.env["clinic.equipment"].sudo().browse(options[0].id)
                if column.category_id == kind.category_id:
                    chosen = [Device(column.id, column.room_id.id or None)]
            found = found or bool(chosen)
            devices.append(chosen or options)
        return request._replace(devices=devices) if found else None

    def _accepted_sessions(self, axis, location, practitioner_ids, service_ids):
        """Openings of the day and, for each, which of the services it takes.

        :returns: list of ``(Session, regime, service id)``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT s.practitioner_id, s.start, s.stop, s.room_id, s.regime, v.id
                  FROM clinic_session s, unnest(%(services)s::int[]) v(id)
                 WHERE s.location_id = %(location)s
                   AND s.practitioner_id = ANY(%(practitioners)s)
                   AND s.start < %(stop)s AND s.stop > %(start)s AND %(allowed)s
                """,
                services=list(service_ids),
                location=location.id,
                practitioners=list(practitioner_ids),
                start=axis.start,
                stop=axis.stop,
                allowed=service_allowed(SQL("v.id")),
            )
        )
        return [
            (
                Session(
                    practitioner_id, axis.minute(start), axis.minute(stop), room_id
                ),
                regime,
                service_id,
            )
            for practitioner_id, start, stop, room_id, regime, service_id in rows
        ]

    def _read_busy(self, axis, location, practitioner_ids, visit=None, patient_id=None):
        """Whatever takes time on this day: at the location, of these practitioners
        anywhere, of the patient anywhere; and what is closed here."""
        Visit = self.env["clinic.appointment"]
        Visit.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id, a.practitioner_id, a.room_id, a.patient_id,
                       %(devices)s, a.start, a.stop,
                       lower(%(busy)s), upper(%(busy)s)
                  FROM clinic_appointment a
                 WHERE a.start > %(start)s AND a.start < %(stop)s
                   AND a.state IN %(blocking)s AND a.id <> %(visit)s
                   AND (a.hold_expires_at IS NULL OR a.hold_expires_at > %(now)s)
                   AND (a.location_id = %(location)s OR a.patient_id = %(patient)s
                        OR a.practitioner_id = ANY(%(practitioners)s))
                """,
                devices=self._sql_devices("a"),
                busy=SQL(BUSY_SQL),
                start=axis.start - timedelta(hours=16),
                stop=axis.stop + timedelta(hours=4),
                blocking=SQL(BLOCKING_SQL),
                visit=visit.id if visit else 0,
                now=clock.now(),
                location=location.id,
                patient=(visit.patient_id.id if visit else patient_id) or None,
                practitioners=list(practitioner_ids),
            )
        )
        visits = [
            Busy(*row[:4], tuple(row[4]), *map(axis.minute, row[5:])) for row in rows
        ]
        return visits + self._closures_as_busy(axis, location)

    @api.model
    def _diary(self, axis, accepted, busy, service_id, regime):
        sessions = [
            session
            for session, taken, service in accepted
            if service == service_id and taken in ("any", regime)
        ]
        return Diary(sessions, busy, earliest=axis.minute(clock.now()))
