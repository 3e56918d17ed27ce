from itertools import product

from odoo import api, models

from .clinic_appointment_allocation import SlotTaken

#: How many combinations of room and devices are tried before giving up.
ATTEMPTS = 40


class ClinicAppointment(models.Model):
    """Finding the room and the devices of a visit while booking it."""

    _inherit = "clinic.appointment"

    @api.model
    def _book(self, vals):
        """Book with the first room and devices that are free.

        The values decide who, what, where and when; room and equipment are filled in
        as the service needs them. Each attempt is decided by the database, so a rush
        on the last device ends with one winner and clear refusals.

        :param dict vals: as for ``create``; a given ``room_id`` or ``equipment_ids``
            is kept
        :returns: the new ``clinic.appointment``
        :raises SlotTaken: no combination is free
        """
        taken = None
        for room_id, device_ids in self._places(vals):
            try:
                return self.create(
                    {
                        **vals,
                        "room_id": room_id,
                        "equipment_ids": [(6, 0, device_ids)],
                    }
                )
            except SlotTaken as refusal:
                taken = refusal
                if refusal.resource not in ("room", "equipment"):
                    break
        raise taken or SlotTaken(
            self.env._("This location has no room or equipment for the service."),
            "equipment",
        )

    @api.model
    def _places(self, vals):
        """Combinations of room and devices worth trying, the preferred first.

        :returns: list of ``(room id or False, [equipment ids])``
        """
        # sudo: product.template, clinic.room, clinic.equipment - whoever may book
        # may use what the service needs
        env = self.sudo().env
        service = env["product.template"].browse(vals["service_id"])
        categories = service.equipment_category_ids
        given = bool(vals.get("equipment_ids"))
        devices = env["clinic.equipment"]
        if given:
            field = self._fields["equipment_ids"]
            devices = devices.browse(
                field.convert_to_cache(vals["equipment_ids"], self.browse())
            )
        elif categories:
            devices = devices.search(
                [
                    ("location_id", "=", vals["location_id"]),
                    ("category_id", "in", categories.ids),
                ]
            )
        places = []
        for room in self._rooms_for(env, service, devices, vals):
            if given:
                places.append((room.id, devices.ids))
                continue
            choices = [
                [
                    device.id
                    for device in devices
                    if device.category_id == category
                    and (not device.room_id or device.room_id == room)
                ]
                for category in categories
            ]
            places += [(room.id, list(choice)) for choice in product(*choices)]
            if len(places) >= ATTEMPTS:
                break
        return places[:ATTEMPTS]

    @api.model
    def _rooms_for(self, env, service, devices, vals):
        """Rooms worth trying: the given one, the session's, or the possible ones.

        :returns: list of ``clinic.room`` recordsets of one record, or empty ones
        """
        nowhere = env["clinic.room"]
        if vals.get("room_id"):
            return [nowhere.browse(vals["room_id"])]
        room = env["clinic.session"]._room_at(vals["practitioner_id"], vals["start"])
        if room:
            return [room]
        if not service.room_required and not devices:
            return [nowhere]
        offer = env["clinic.offer"].search(
            [
                ("service_id", "=", service.id),
                ("practitioner_id", "=", vals["practitioner_id"]),
                ("location_id", "=", vals["location_id"]),
            ],
            limit=1,
        )
        possible = offer.room_ids or env["clinic.room"].search(
            [("location_id", "=", vals["location_id"])]
        )
        if service.room_required:
            return list(possible)
        return [nowhere, *(devices.room_id & possible)]
