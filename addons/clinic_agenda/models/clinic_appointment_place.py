from itertools import product

from odoo import api, fields, models
from odoo.tools import SQL

from ..lib.diary import Device
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

        def attempt(room_id, device_ids):
            place = {"room_id": room_id}
            if device_ids:
                place["equipment_ids"] = [(6, 0, device_ids)]
            return self.create(vals | place)

        return self._at_first_place(vals, attempt)

    @api.model
    def _at_first_place(self, vals, attempt):
        """Attempt a visit at one place after the other until one is free.

        :param dict vals: as for ``create``
        :param attempt: function of a room id (or ``False``) and a list of device ids
        :returns: what the first attempt that was not refused returned
        :raises SlotTaken: no combination is free
        """
        taken = None
        for room_id, device_ids in self._places(vals):
            try:
                return attempt(room_id, device_ids)
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
        room_required, categories, session_room = self._needs(vals)
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
                    ("category_id", "in", categories),
                ]
            )
        places = []
        rooms = [vals.get("room_id") or session_room or None]
        if not rooms[0] and (room_required or devices):
            rooms = self._rooms_to_try(env, room_required, devices, vals)
        kinds = [
            [
                Device(device.id, device.room_id.id or None)
                for device in devices
                if device.category_id.id == category
            ]
            for category in categories
        ]
        for room_id in rooms:
            if given:
                places.append((room_id or False, devices.ids))
                continue
            choices = [
                [device.id for device in kind if device.serves_in(room_id)]
                for kind in kinds
            ]
            places += [(room_id or False, list(each)) for each in product(*choices)]
            if len(places) >= ATTEMPTS:
                break
        return places[:ATTEMPTS]

    @api.model
    def _needs(self, vals):
        """What a visit needs of its place.

        :returns: ``(whether it needs a room, [ids of equipment categories], id of the
            room the schedule names or None)``
        """
        self.env["product.template"].flush_model()
        start = fields.Datetime.to_datetime(vals["start"])
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT room_required, ARRAY(
                           SELECT category_id FROM clinic_service_equipment_category_rel
                            WHERE service_id = %(service)s ORDER BY category_id),
                       (SELECT room_id FROM clinic_session
                         WHERE practitioner_id = %(practitioner)s
                           AND start <= %(start)s AND stop > %(start)s)
                  FROM product_template WHERE id = %(service)s
                """,
                service=vals["service_id"],
                practitioner=vals["practitioner_id"],
                start=start,
            )
        )
        return row

    @api.model
    def _rooms_to_try(self, env, required, devices, vals):
        """Ids of rooms where neither the desk nor the schedule names one."""
        offer = env["clinic.offer"].search(
            [
                ("service_id", "=", vals["service_id"]),
                ("practitioner_id", "=", vals["practitioner_id"]),
                ("location_id", "=", vals["location_id"]),
            ],
            limit=1,
        )
        location = env["clinic.location"].browse(vals["location_id"])
        return env["clinic.room"]._to_try(offer, location, required, devices)
