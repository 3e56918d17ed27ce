from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import ValidationError

from odoo.addons.clinic_base.lib.ours import Said

from ..lib.day_axis import day_axis
from . import asked
from .clinic_appointment_allocation import SlotTaken

#: What the desk may fill in when it opens a card while booking.
NEW_PATIENT = {
    "family_name",
    "given_name",
    "birth_date",
    "sex",
    "phone",
    "email",
    "tax_code",
}


class ClinicDaySheet(models.AbstractModel):
    """Booking from the sheet, and refusals that say what is in the way."""

    _inherit = "clinic.day.sheet"

    @api.model
    def book(self, values):
        """Book a visit, with a new patient card if need be, whole or not at all.

        :param dict values: location_id, practitioner_id, service_id, start (UTC),
            regime, and ``patient_id`` or ``patient`` (fields of a new card); optional
            stop, room_id, coverage_id, note, channel, overbook_reason
        :returns: as :meth:`move`
        :raises ValidationError: it does not fit; names what is in the way
        """
        values = self._asked(values)
        location = self._get_location(values["location_id"])
        start = values["start"]
        practitioner = self.env["clinic.practitioner"].browse(values["practitioner_id"])
        service = self.env["product.template"].browse(values["service_id"])
        axis = day_axis(location._local_time(start).date(), location.tz)
        patient_id = values.get("patient_id") or self._new_card(values.get("patient"))
        request = self._booking_request(
            values, location, practitioner, service, patient_id, start
        )
        diary = self._booking_diary(
            values, axis, location, practitioner, service, request
        )
        place = diary.place(practitioner.id, axis.minute(start), request)
        reason = values.get("overbook_reason")
        if not place and not reason:
            raise ValidationError(
                self._why_not(diary, practitioner, axis, start, request)
            )
        visit_values = {
            "patient_id": patient_id,
            "practitioner_id": practitioner.id,
            "service_id": service.id,
            "location_id": location.id,
            "start": start,
            "stop": axis.moment(axis.minute(start) + request.length),
            "regime": values.get("regime") or "private",
            "coverage_id": values.get("coverage_id"),
            "note": values.get("note"),
            "channel": values.get("channel") or "desk",
        }
        if place:
            visit_values["room_id"] = place.room_id
            visit_values["equipment_ids"] = [(6, 0, place.device_ids)]
        else:
            visit_values["room_id"] = values.get("room_id")
            visit_values.update(overbooked=True, overbook_reason=reason)
        with self._named_refusal(None, axis, practitioner, start, request, diary=diary):
            visit = (
                self.env["clinic.appointment"]
                .with_context(clinic_channel=Said(visit_values["channel"]))
                .create(visit_values)
            )
        return self._changed(visit, {"booked": True})

    @api.model
    def _asked(self, values):
        """What a program or the sheet asks to book, read.

        :raises ValidationError: names the value that is missing or odd
        """
        values = dict(values) if isinstance(values, dict) else {}
        for name in ("location_id", "practitioner_id", "service_id"):
            values[name] = asked.number(self.env, name, values.get(name))
        for name in ("patient_id", "room_id", "coverage_id"):
            if values.get(name):
                values[name] = asked.number(self.env, name, values[name])
        values["start"] = asked.moment(self.env, "start", values.get("start"))
        if values.get("stop"):
            values["stop"] = asked.moment(self.env, "stop", values["stop"])
        Visit = self.env["clinic.appointment"]
        for name in ("regime", "channel"):
            if values.get(name):
                options = Visit._fields[name].get_values(self.env)
                asked.choice(self.env, name, values[name], options)
        return values

    @api.model
    @api.readonly
    def find_duplicates(self, values):
        """The patients who are probably the person about to be registered.

        :param dict values: fields of the card as typed, see ``NEW_PATIENT``
        :returns: rows as ``res.partner.clinic_search``
        """
        found = self.env["res.partner"]._find_duplicates(self._card_values(values))
        return [card._clinic_search_result() for card in found[:5]]

    @api.model
    def _card_values(self, values):
        return {
            name: value
            for name, value in (values or {}).items()
            if name in NEW_PATIENT and value
        }

    @api.model
    def _new_card(self, values):
        values = self._card_values(values)
        if not values:
            raise ValidationError(self.env._("Choose the patient of this visit."))
        if not (values.get("family_name") and values.get("given_name")):
            raise ValidationError(
                self.env._("Give the new patient a family name and a given name.")
            )
        return self.env["res.partner"].create({**values, "is_patient": True}).id

    def _booking_request(
        self, values, location, practitioner, service, patient_id, start
    ):
        offer = self.env["clinic.offer"].search(
            [
                ("location_id", "=", location.id),
                ("practitioner_id", "=", practitioner.id),
                ("service_id", "=", service.id),
            ]
        )
        if not offer:
            raise ValidationError(
                self.env._(
                    "%(practitioner)s does not offer “%(service)s” here.",
                    practitioner=practitioner.display_name,
                    service=service.name,
                )
            )
        request = self._request_for(service, location, offer)
        request = request._replace(patient_id=patient_id)
        if values.get("stop"):
            length = values["stop"] - start
            request = request._replace(length=int(length.total_seconds() // 60))
        if request.length <= 0:
            raise ValidationError(self.env._("A visit must end after it starts."))
        if values.get("room_id"):
            request = self._narrow(request, "room", values["room_id"])
        return request

    def _booking_diary(self, values, axis, location, practitioner, service, request):
        accepted = self._accepted_sessions(
            axis, location, practitioner.ids, service.ids
        )
        busy = self._read_busy(
            axis, location, practitioner.ids, patient_id=request.patient_id
        )
        regime = values.get("regime") or "private"
        return self._diary(axis, accepted, busy, service.id, regime)

    # ------------------------------------------------------------
    # Refusals in words
    # ------------------------------------------------------------

    @contextmanager
    def _named_refusal(
        self,
        visit,
        axis,
        practitioner,
        start,
        request,
        room_id=None,
        devices=(),
        diary=None,
    ):
        """Somebody was faster than the check: say who, not only that."""
        location = visit.location_id if visit else None
        try:
            yield
        except SlotTaken as refusal:
            if visit:
                diary = self._diary_for(visit, axis, location)[2]
            in_the_way = diary.obstacles(
                practitioner.id, axis.minute(start), room_id, devices, request
            )
            if not in_the_way:
                raise
            raise ValidationError(
                self.env._(
                    "%(refusal)s In the way: %(obstacle)s.",
                    refusal=str(refusal),
                    obstacle=self._describe(in_the_way, axis),
                )
            ) from None

    def _why_not(
        self, diary, practitioner, axis, start, request, room_id=None, devices=()
    ):
        """Why a visit does not fit, for a person."""
        minute = axis.minute(start)
        if minute + request.length <= diary.earliest:
            return self.env._("This time is in the past: choose a later one.")
        session = diary.open_at(practitioner.id, minute, request)
        if not session:
            return self.env._(
                "%(practitioner)s does not work at that time, or not for this service "
                "or regime.",
                practitioner=practitioner.display_name,
            )
        rooms = [session.room_id] if session.room_id else request.rooms
        in_the_way = diary.obstacles(
            practitioner.id,
            minute,
            room_id or (rooms[0] if len(rooms) == 1 else None),
            devices,
            request,
        )
        if in_the_way:
            return self.env._(
                "In the way: %(obstacle)s.", obstacle=self._describe(in_the_way, axis)
            )
        return self.env._(
            "No room or device that this service needs is free at that time."
        )

    def _describe(self, in_the_way, axis):
        """Name visits, as far as the user may see them: ``Rossi Maria 10:00–10:30``."""
        ids = [other.visit_id for other in in_the_way[:3]]
        visits = self.env["clinic.appointment"].search([("id", "in", ids)])
        visible = visits.grouped("id")
        texts = []
        for other in in_the_way[:3]:
            if other.visit_id < 0:
                texts.append(self._describe_closure(-other.visit_id))
                continue
            visit = visible.get(other.visit_id)
            if not visit:
                texts.append(self.env._("another visit"))
                continue
            location = visit.location_id
            texts.append(
                self.env._(
                    "%(patient)s, %(start)s–%(stop)s, %(practitioner)s",
                    patient=visit.patient_id.name or self.env._("a held time"),
                    start=location._speak_hour(visit.start),
                    stop=location._speak_hour(visit.stop),
                    practitioner=visit.practitioner_id.display_name,
                )
            )
        if len(in_the_way) > 3:
            texts.append("…")
        return "; ".join(texts)
