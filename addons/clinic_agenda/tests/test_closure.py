from datetime import datetime

import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.clinic_appointment_allocation import SlotTaken
from .test_day_sheet import DAY, DaySheetCommon


@tagged("post_install", "-at_install")
class TestClosure(DaySheetCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blue, cls.green = cls.env["clinic.room"].create(
            [
                {"name": name, "location_id": cls.rome.id, "sequence": number}
                for number, name in enumerate(("Blue room", "Green room"))
            ]
        )
        category = cls.env["clinic.equipment.category"].create({"name": "Ultrasound"})
        cls.device = cls.env["clinic.equipment"].create(
            {
                "name": "Ultrasound 1",
                "category_id": category.id,
                "location_id": cls.rome.id,
            }
        )

    def close(self, place=None, hours=(9, 13), user=None, **values):
        """Close a room or device on Tuesday, in the hours of Rome."""
        place = place or self.blue
        field = "room_id" if place._name == "clinic.room" else "equipment_id"
        return (
            self.env["clinic.closure"]
            .with_user(user or self.receptionist)
            .create(
                {
                    "reason": "Painting",
                    field: place.id,
                    "day_from": DAY,
                    "day_to": DAY,
                    "hour_from": hours[0],
                    "hour_to": hours[1],
                    **values,
                }
            )
        )

    def test_hours_are_those_of_the_location(self):
        closure = self.close()
        self.assertEqual(closure.start, self.tuesday(8))
        self.assertEqual(closure.stop, self.tuesday(12))
        self.assertEqual(closure.location_id, self.rome)
        far = self.env["clinic.room"].create(
            {"name": "Sala", "location_id": self.sao_paulo.id}
        )
        self.assertEqual(self.close(far).start, self.tuesday(12))

    def test_closed_for_days(self):
        closure = self.close(self.device, (15, 24), day_to="2026-03-06")
        self.assertEqual(closure.stop, datetime(2026, 3, 6, 23))

    def test_one_subject(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError):
            with self.env.cr.savepoint():
                self.close(equipment_id=self.device.id)

    def test_nobody_books_a_closed_room(self):
        """AGD-01 AGD-06 A closed room takes no visit, overbooked or not; the edges and
        other rooms stay free."""
        self.close(hours=(10, 11))
        for extra in ({}, {"overbooked": True, "overbook_reason": "Chest pain"}):
            with self.assertRaisesRegex(SlotTaken, "closed") as caught:
                self.book(self.tuesday(9, 45), room_id=self.blue.id, **extra)
            self.assertEqual(caught.exception.resource, "room")
        self.book(self.tuesday(9, 30), room_id=self.green.id)
        self.book(self.tuesday(10), room_id=self.blue.id, patient_id=self.other.id)

    def test_nobody_takes_a_closed_device(self):
        self.close(self.device)
        with self.assertRaises(SlotTaken) as caught:
            self.book(self.tuesday(9), equipment_ids=[Command.link(self.device.id)])
        self.assertEqual(caught.exception.resource, "equipment")

    def test_raw_sql_is_refused(self):
        """AGD-06 The database itself keeps visits out of a closed room."""
        visit = self.book(self.tuesday(9))
        self.close()
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            with self.assertRaises(psycopg2.errors.ExclusionViolation):
                with self.env.cr.savepoint():
                    self.env.cr.execute(
                        "UPDATE clinic_appointment SET room_id = %s WHERE id = %s",
                        [self.blue.id, visit.id],
                    )

    def test_reopened(self):
        closure = self.close()
        closure.hour_to = 9.5
        self.book(self.tuesday(9), room_id=self.blue.id)
        closure.unlink()
        self.book(self.tuesday(8), room_id=self.blue.id, patient_id=self.other.id)

    def test_visits_stand_in_the_way(self):
        """AGD-01 A closure over booked visits is refused and names them."""
        visit = self.book(self.tuesday(9), room_id=self.blue.id)
        with self.assertRaisesRegex(ValidationError, "Rossi Maria.*10:00.*Anna"):
            with self.env.cr.savepoint():
                self.close()
        visit._cancel("Painting", by="clinic")
        self.close()

    def test_raw_closure_over_a_visit_is_refused(self):
        self.book(self.tuesday(9), room_id=self.blue.id)
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            with self.assertRaises(psycopg2.errors.ExclusionViolation):
                with self.env.cr.savepoint():
                    self.env.cr.execute(
                        "INSERT INTO clinic_closure (reason, room_id, location_id,"
                        " day_from, day_to, hour_from, hour_to, start, stop) VALUES"
                        " ('x', %s, %s, %s, %s, 9, 13, %s, %s);"
                        " SET CONSTRAINTS clinic_closure_check IMMEDIATE",
                        [
                            self.blue.id,
                            self.rome.id,
                            DAY,
                            DAY,
                            self.tuesday(8),
                            self.tuesday(12),
                        ],
                    )

    def test_the_sheet_shows_it(self):
        """AGD-03 The column of a closed room is shaded with the reason."""
        self.close(hours=(10, 11))
        (shade,) = self.day(group_by="room")["closures"]
        self.assertEqual(
            [shade[name] for name in ("column", "start_minute", "stop_minute")],
            [self.blue.id, 600, 660],
        )
        self.assertEqual(shade["reason"], "Painting")
        self.assertFalse(self.day(group_by="equipment")["closures"])
        self.assertFalse(self.day()["closures"])
        self.env["clinic.schedule.block"].search([]).room_id = self.blue
        self.assertEqual(
            {item["column"] for item in self.day()["closures"]},
            {self.anna.id, self.bruno.id},
        )

    def test_a_drag_respects_it(self):
        """AGD-03 A visit cannot be dragged into a closed room; the sheet says why."""
        visit = self.book(self.tuesday(8), room_id=self.green.id)
        self.close(hours=(10, 11))
        sheet = self.sheet()
        spans = sheet.legal_spans(visit.id, DAY, self.rome.id, "room")["columns"]
        self.assertEqual(spans[self.blue.id], [[540, 570], [660, 750]])
        with self.assertRaisesRegex(ValidationError, "Blue room is closed.*Painting"):
            sheet.move(visit.id, str(self.tuesday(9, 15)), self.blue.id, "room")
        sheet.move(visit.id, str(self.tuesday(10)), self.blue.id, "room")

    def test_free_times_leave_it_out(self):
        """AGD-06 A closed room or device offers no free time, on the desk or online."""
        self.service.room_required = True
        self.close(self.blue)
        self.assertEqual(len(self.starts(practitioner_ids=self.anna.ids)), 8)
        self.close(self.green, (9, 11))
        self.assertEqual(
            self.starts(practitioner_ids=self.anna.ids),
            self.every(30, self.tuesday(10), self.tuesday(12)),
        )
        self.service.room_required = False
        self.env["clinic.schedule.block"].search([]).room_id = self.blue
        self.assertFalse(self.starts(practitioner_ids=self.anna.ids))

    def test_free_times_leave_a_closed_device_out(self):
        """AGD-06 A device under repair offers no free time."""
        self.service.equipment_category_ids = self.device.category_id
        self.close(self.device, (9, 12))
        self.assertEqual(
            self.starts(practitioner_ids=self.anna.ids),
            [self.tuesday(11), self.tuesday(11, 30)],
        )

    def test_who_may_close(self):
        closure = self.close(user=self.manager)
        self.assertTrue(closure.with_user(self.doctor).reason)
        with self.assertRaises(AccessError):
            self.close(self.green, user=self.doctor)
        self.assertTrue(self.day()["can"]["close_places"])
        self.assertFalse(self.day(self.doctor)["can"]["close_places"])

    def test_the_booking_takes_another_room(self):
        """AGD-06 A service that needs a room gets one that is open."""
        self.service.room_required = True
        self.close(self.blue)
        visit = self.env["clinic.appointment"]._book(
            {
                "patient_id": self.patient.id,
                "practitioner_id": self.anna.id,
                "service_id": self.service.id,
                "location_id": self.rome.id,
                "start": self.tuesday(9),
            }
        )
        self.assertEqual(visit.room_id, self.green)
        with self.assertRaises(UserError):
            visit.write({"room_id": self.blue.id})
