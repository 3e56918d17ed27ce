from datetime import datetime, timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..models.clinic_appointment_allocation import SlotTaken
from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestSlots(AgendaCommon):
    """What patients and receptionists see as free."""

    def test_free_day_has_every_start(self):
        """AGD-02: a block from 9 to 13 in Rome gives eight half hours in UTC."""
        self.open_week(self.anna)
        self.assertEqual(
            self.starts(), self.every(30, self.tuesday(8), self.tuesday(12))
        )

    def test_booked_time_is_gone_and_neighbours_stay(self):
        """A visit takes its half hour and nothing else."""
        self.open_week(self.anna)
        self.book(self.tuesday(9))
        self.assertNotIn(self.tuesday(9), self.starts())
        self.assertEqual(len(self.starts()), 7)

    def test_slot_tells_where_who_and_price(self):
        """The list is what booking needs: times, ids, price of the price list."""
        self.open_week(self.anna)
        self.anna_offer.write({"own_price": True, "price": 140})
        slot = self.env["clinic.slot"].search_slots(
            self.service.id, self.tuesday(0), self.tuesday(23), limit=1
        )[0]
        self.assertEqual(
            slot,
            {
                "start": self.tuesday(8),
                "stop": self.tuesday(8, 30),
                "practitioner_id": self.anna.id,
                "location_id": self.rome.id,
                "room_id": None,
                "offer_id": self.anna_offer.id,
                "price": 140.0,
            },
        )

    def test_overlap_refused(self):
        """AGD-06: the second visit at the same time is told it was just taken."""
        self.open_week(self.anna)
        self.book(self.tuesday(9))
        other = self.make_patient("Verdi", "Luca")
        with self.assertRaises(SlotTaken) as refusal:
            self.book(self.tuesday(9), patient_id=other.id)
        self.assertEqual(refusal.exception.resource, "practitioner")

    def test_limit_gives_the_earliest(self):
        """Two practitioners: the earliest three come from both."""
        self.open_week(self.anna)
        self.open_week(self.bruno)
        slots = self.env["clinic.slot"].search_slots(
            self.service.id, self.tuesday(0), self.tuesday(0) + timedelta(30), limit=3
        )
        self.assertEqual(
            [(slot["start"], slot["practitioner_id"]) for slot in slots],
            [
                (self.tuesday(8), self.anna.id),
                (self.tuesday(8), self.bruno.id),
                (self.tuesday(8, 30), self.anna.id),
            ],
        )

    def test_first_slot_per_practitioner(self):
        """One row for each, however many are free."""
        self.open_week(self.anna)
        self.open_week(self.bruno)
        self.book(self.tuesday(8))
        first = self.env["clinic.slot"].first_slots(
            self.service.id, self.tuesday(0), self.tuesday(0) + timedelta(30)
        )
        self.assertEqual(
            {slot["practitioner_id"]: slot["start"] for slot in first},
            {self.anna.id: self.tuesday(8, 30), self.bruno.id: self.tuesday(8)},
        )

    def test_reversed_period_is_refused(self):
        """A period that ends before it starts gets a message."""
        with self.assertRaisesRegex(ValidationError, "ends after it starts"):
            self.env["clinic.slot"].search_slots(
                self.service.id, datetime(2026, 3, 4), datetime(2026, 3, 3)
            )

    def test_room_and_device_are_found(self):
        """AGD-01: a service that needs a room and a device gets a free pair of them."""
        category = self.env["clinic.equipment.category"].create({"name": "Ultrasound"})
        room_1, room_2 = self.env["clinic.room"].create(
            [{"name": f"Room {i}", "location_id": self.rome.id} for i in (1, 2)]
        )
        device = self.env["clinic.equipment"].create(
            {
                "name": "Ultrasound 1",
                "category_id": category.id,
                "location_id": self.rome.id,
                "room_id": room_2.id,
            }
        )
        self.service.write(
            {"room_required": True, "equipment_category_ids": [(4, category.id)]}
        )
        self.open_week(self.anna)
        self.open_week(self.bruno)
        slot = self.env["clinic.slot"].search_slots(
            self.service.id, self.tuesday(0), self.tuesday(23), limit=1
        )[0]
        self.assertEqual(slot["room_id"], room_2.id)
        self.book(
            self.tuesday(8), room_id=room_2.id, equipment_ids=[(6, 0, device.ids)]
        )
        self.assertNotIn(self.tuesday(8), self.starts())
        self.assertTrue(room_1)
