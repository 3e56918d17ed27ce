from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.clinic_base.lib.ours import OURS

from ..models.clinic_appointment_allocation import SlotTaken
from .common import NOW, AgendaCommon


@tagged("post_install", "-at_install")
class TestBooking(AgendaCommon):
    """Online booking, below HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.booking = cls.env["clinic.booking"]

    def test_anybody_gives_each_practitioner_once(self):
        """Two are free at nine: two holds, then the time is taken."""
        first = self.booking._hold(self.service.id, self.tuesday(8))
        second = self.booking._hold(self.service.id, self.tuesday(8))
        self.assertEqual(
            first.practitioner_id | second.practitioner_id, self.anna | self.bruno
        )
        with self.assertRaisesRegex(SlotTaken, "just taken"):
            self.booking._hold(self.service.id, self.tuesday(8))

    def test_devices_are_shared_out(self):
        """AGD-01: three practitioners, two devices in two rooms: two visits at once,
        each with a device and its room."""
        category = self.env["clinic.equipment.category"].create({"name": "Laser"})
        rooms = self.env["clinic.room"].create(
            [{"name": f"Room {n}", "location_id": self.rome.id} for n in range(2)]
        )
        devices = self.env["clinic.equipment"].create(
            [
                {
                    "name": f"Laser {room.name}",
                    "category_id": category.id,
                    "location_id": self.rome.id,
                    "room_id": room.id,
                }
                for room in rooms
            ]
        )
        self.service.equipment_category_ids = category
        carla = self.env["clinic.practitioner"].create({"name": "Carla"})
        self.anna_offer.copy({"practitioner_id": carla.id})
        self.open_week(carla)
        visits = self.booking._hold(self.service.id, self.tuesday(8))
        visits |= self.booking._hold(self.service.id, self.tuesday(8))
        self.assertEqual(visits.equipment_ids, devices)
        self.assertEqual(visits.room_id, rooms)
        with self.assertRaises(SlotTaken):
            self.booking._hold(self.service.id, self.tuesday(8))

    def test_time_off_the_grid_is_refused(self):
        """A forged start that no page offered is not held."""
        with self.assertRaises(SlotTaken):
            self.booking._hold(self.service.id, self.tuesday(8, 7))

    def test_double_click_books_once(self):
        """Repeats are harmless; somebody else's repeat is refused."""
        visit = self.booking._hold(self.service.id, self.tuesday(8))
        self.booking._book_held(visit, self.patient)
        events = len(visit.event_ids)
        self.booking._book_held(visit, self.patient)
        self.assertEqual((visit.state, len(visit.event_ids)), ("booked", events))
        with self.assertRaises(UserError):
            self.booking._book_held(visit, self.make_patient("Verdi", "Luca"))

    def test_expired_hold_says_so(self):
        """The form took too long: a clear message, nothing booked."""
        visit = self.booking._hold(self.service.id, self.tuesday(8))
        with (
            freeze_time(NOW + timedelta(minutes=11)),
            self.assertRaisesRegex(SlotTaken, "kept for you for 10 minutes"),
        ):
            self.booking._book_held(visit, self.patient)
        self.assertEqual(visit.state, "held")

    def test_reschedule_and_cancel_within_policy(self):
        """AGD-08: until 24 hours before; later a message with the number to call."""
        visit = self.booking._hold(self.service.id, self.tuesday(8))
        self.booking._book_held(visit, self.patient)
        self.booking._reschedule(visit, self.tuesday(9), actor=self.patient)
        self.assertEqual((visit.start, visit.state), (self.tuesday(9), "rescheduled"))
        event = visit.event_ids[-1]
        self.assertEqual((event.channel, event.partner_id), ("portal", self.patient))
        with freeze_time(self.tuesday(9) - timedelta(hours=23)):
            for change in (
                lambda: self.booking._reschedule(visit, self.tuesday(11)),
                lambda: self.booking._cancel(visit, "Ill"),
            ):
                with self.assertRaisesRegex(UserError, "could be changed online until"):
                    change()
        self.booking._cancel(visit, "  ", actor=self.patient)
        self.assertEqual(
            (visit.state, visit.cancelled_by, visit.cancel_reason),
            ("cancelled", "patient", "No reason given"),
        )

    def test_reschedule_to_a_taken_time_keeps_the_old_one(self):
        """Whole or not at all."""
        visit = self.booking._hold(
            self.service.id, self.tuesday(8), practitioner_ids=self.anna.ids
        )
        self.booking._book_held(visit, self.patient)
        self.book(self.tuesday(9), patient_id=self.make_patient("Verdi", "Luca").id)
        with self.assertRaises(SlotTaken):
            self.booking._reschedule(visit, self.tuesday(9))
        self.assertEqual((visit.start, visit.state), (self.tuesday(8), "booked"))

    def test_second_visit_is_a_repeat(self):
        """First or repeat is known from the finished visits."""
        self.assertEqual(self.booking._visit_type(self.patient), "first")
        self.book(NOW + timedelta(hours=2)).with_context(
            clinic_history=OURS
        ).state = "done"
        self.assertEqual(self.booking._visit_type(self.patient), "repeat")
