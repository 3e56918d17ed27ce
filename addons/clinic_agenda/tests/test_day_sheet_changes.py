from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_day_sheet import DAY, DaySheetCommon


@tagged("post_install", "-at_install")
class TestDaySheetMoves(DaySheetCommon):
    def spans(self, visit, **arguments):
        """Legal starts by column, as the browser gets them."""
        return self.sheet().legal_spans(visit.id, DAY, self.rome.id, **arguments)

    def move(self, visit, start, practitioner=None, user=None, **arguments):
        """Drop a visit on the sheet."""
        return self.sheet(user).move(
            visit.id, str(start), (practitioner or self.anna).id, **arguments
        )

    def test_legal_where_free(self):
        """AGD-03 Where a dragged visit may go: in the hours, beside other visits."""
        visit = self.book(self.tuesday(9))
        self.book(self.tuesday(10), self.bruno, patient_id=self.other.id)
        spans = self.spans(visit)["columns"]
        self.assertEqual(spans[self.anna.id], [[540, 750]])
        self.assertEqual(spans[self.bruno.id], [[540, 630], [690, 750]])

    def test_legal_counts_buffers_and_the_patient(self):
        self.service.write({"buffer_before": 5, "buffer_after": 10})
        visit = self.book(self.tuesday(9))
        self.book(self.tuesday(10), self.bruno, patient_id=self.patient.id)
        spans = self.spans(visit)["columns"]
        # the patient is with Bruno from 11:00 to 11:30, without buffers
        self.assertEqual(spans[self.anna.id], [[545, 630], [690, 740]])
        # Bruno is busy from 10:55 to 11:40
        self.assertEqual(spans[self.bruno.id], [[545, 615], [705, 740]])

    def test_what_is_legal_is_accepted_and_nothing_else(self):
        """AGD-03 The ranges shown while dragging and the server's decision agree."""
        self.service.write({"buffer_after": 5})
        visit = self.book(self.tuesday(9))
        self.book(self.tuesday(10), self.bruno, patient_id=self.other.id)
        self.book(self.tuesday(8), patient_id=self.other.id)
        for practitioner in (self.anna, self.bruno):
            spans = self.spans(visit)["columns"][practitioner.id]
            for minute in range(480, 840, 15):
                legal = any(first <= minute <= last for first, last in spans)
                start = datetime(2026, 3, 2, 23) + timedelta(minutes=minute)
                savepoint = self.env.cr.savepoint()
                try:
                    self.move(visit, start, practitioner)
                    accepted = True
                except ValidationError:
                    accepted = False
                savepoint.close(rollback=True)
                self.env.invalidate_all()
                self.assertEqual(accepted, legal, (practitioner.name, minute))

    def test_move_and_undo(self):
        """AGD-03 A move is taken back whole, the confirmed state included."""
        visit = self.book(self.tuesday(9))
        visit.action_confirm()
        result = self.move(visit, self.tuesday(10), self.bruno)
        self.assertEqual(visit.practitioner_id, self.bruno)
        self.assertEqual(visit.state, "rescheduled")
        self.assertEqual(self.changed(result)["start_minute"], 660)
        self.sheet().undo(
            visit.id, result["undo"], marker=self.changed(result)["marker"]
        )
        self.assertEqual(
            (visit.start, visit.practitioner_id, visit.state),
            (self.tuesday(9), self.anna, "confirmed"),
        )

    def test_undo_refused_names_what_is_in_the_way(self):
        """AGD-03 An undo whose old time was taken meanwhile says by whom."""
        visit = self.book(self.tuesday(9))
        result = self.move(visit, self.tuesday(10))
        self.book(self.tuesday(9, 15), patient_id=self.other.id)
        with self.assertRaisesRegex(ValidationError, r"Verdi Luca, 10:15–10:45"):
            self.sheet().undo(visit.id, result["undo"])
        self.assertEqual(visit.start, self.tuesday(10))

    def test_stale_drag_names_the_colleague(self):
        """AGD-03 A drag of what somebody else moved meanwhile is refused by name."""
        visit = self.book(self.tuesday(9))
        marker = self.row(visit)["marker"]
        self.move(visit, self.tuesday(11), user=self.colleague, marker=marker)
        with self.assertRaisesRegex(UserError, "Carla Desk changed.*12:00"):
            self.move(visit, self.tuesday(10), marker=marker)
        self.assertEqual(visit.start, self.tuesday(11))

    def test_a_note_does_not_make_a_drag_stale(self):
        visit = self.book(self.tuesday(9))
        marker = self.row(visit)["marker"]
        visit.with_user(self.colleague).note = "Calls again"
        self.move(visit, self.tuesday(10), marker=marker)
        self.assertEqual(visit.start, self.tuesday(10))

    def test_refusal_names_what_is_in_the_way(self):
        visit = self.book(self.tuesday(9))
        self.book(self.tuesday(10), self.bruno, patient_id=self.other.id)
        with self.assertRaisesRegex(ValidationError, "Verdi Luca, 11:00–11:30"):
            self.move(visit, self.tuesday(10, 15), self.bruno)
        with self.assertRaisesRegex(ValidationError, "does not work at that time"):
            self.move(visit, self.tuesday(15))
        with freeze_time("2026-03-03 09:40:00"), self.assertRaises(ValidationError):
            self.move(visit, self.tuesday(8, 30))

    def test_hidden_visits_are_not_named(self):
        visit = self.book(self.tuesday(9))
        self.env["clinic.offer"].create(
            {
                "practitioner_id": self.anna.id,
                "service_id": self.service.id,
                "location_id": self.sao_paulo.id,
            }
        )
        self.env["clinic.appointment"].with_user(self.manager).create(
            {
                "patient_id": self.patient.id,
                "practitioner_id": self.bruno.id,
                "service_id": self.service.id,
                "location_id": self.sao_paulo.id,
                "start": self.tuesday(10),
                "overbooked": True,
                "overbook_reason": "On call",
            }
        )
        self.receptionist.clinic_location_ids = self.rome
        with self.assertRaisesRegex(ValidationError, "another visit"):
            self.move(visit, self.tuesday(10))

    def test_overbook_with_right_and_reason(self):
        visit = self.book(self.tuesday(9))
        self.book(self.tuesday(10), self.bruno, patient_id=self.other.id)
        with self.assertRaises(UserError):
            self.move(visit, self.tuesday(10), self.bruno, overbook_reason="Chest pain")
        self.move(
            visit,
            self.tuesday(10, 15),
            self.bruno,
            user=self.manager,
            overbook_reason="Chest pain",
        )
        row = self.row(visit)
        self.assertTrue(row["overbooked"])
        self.assertEqual(row["overbook_reason"], "Chest pain")

    def test_practitioner_without_the_service(self):
        visit = self.book(self.tuesday(9))
        self.bruno_offer.active = False
        self.assertNotIn(self.bruno.id, self.spans(visit)["columns"])
        with self.assertRaisesRegex(ValidationError, "does not offer"):
            self.move(visit, self.tuesday(10), self.bruno)

    def test_resize(self):
        """AGD-03 The end is dragged until the next visit and no further."""
        visit = self.book(self.tuesday(9))
        self.book(self.tuesday(10), patient_id=self.other.id)
        self.assertEqual(self.spans(visit)["last_stop"], 660)
        result = self.sheet().resize(visit.id, str(self.tuesday(10)))
        self.assertEqual(visit.stop, self.tuesday(10))
        with self.assertRaisesRegex(ValidationError, "Verdi Luca"):
            self.sheet().resize(visit.id, str(self.tuesday(10, 10)))
        self.sheet().undo(visit.id, result["undo"])
        self.assertEqual(visit.stop, self.tuesday(9, 30))

    def test_devices_and_rooms_follow(self):
        category = self.env["clinic.equipment.category"].create({"name": "ECG"})
        first, second = self.env["clinic.equipment"].create(
            [
                {
                    "name": f"ECG {number}",
                    "category_id": category.id,
                    "location_id": self.rome.id,
                }
                for number in (1, 2)
            ]
        )
        room, spare = self.env["clinic.room"].create(
            [{"name": name, "location_id": self.rome.id} for name in ("R1", "R2")]
        )
        self.service.write(
            {
                "equipment_category_ids": [Command.link(category.id)],
                "room_required": True,
            }
        )
        sheet = self.sheet()
        values = {
            "location_id": self.rome.id,
            "practitioner_id": self.anna.id,
            "service_id": self.service.id,
            "start": str(self.tuesday(9)),
            "patient_id": self.patient.id,
        }
        one = self.changed(sheet.book(values))
        self.assertEqual((one["room_id"], one["equipment_ids"]), (room.id, first.ids))
        other = {
            **values,
            "practitioner_id": self.bruno.id,
            "patient_id": self.other.id,
        }
        two = self.changed(sheet.book(other))
        self.assertEqual((two["room_id"], two["equipment_ids"]), (spare.id, second.ids))
        # a third at the same time finds neither room nor device
        third = self.make_patient("Neri", "Ugo")
        chiara = self.env["clinic.practitioner"].create({"name": "Chiara"})
        self.anna_offer.copy({"practitioner_id": chiara.id})
        self.open_week(chiara)
        with self.assertRaisesRegex(ValidationError, "No room or device"):
            sheet.book({**values, "practitioner_id": chiara.id, "patient_id": third.id})
        # by room: Green is taken then, later it is free
        spans = sheet.legal_spans(one["id"], DAY, self.rome.id, "room")["columns"]
        self.assertFalse(any(first <= 600 <= last for first, last in spans[spare.id]))
        moved = sheet.move(one["id"], str(self.tuesday(10)), spare.id, "room")
        self.assertEqual(self.changed(moved)["room_id"], spare.id)
        # by device: to the second one, at a time at which it is free
        moved = sheet.move(one["id"], str(self.tuesday(11)), second.id, "equipment")
        self.assertEqual(self.changed(moved)["equipment_ids"], second.ids)
        sheet.undo(one["id"], moved["undo"])
        self.assertEqual(
            self.env["clinic.appointment"].browse(one["id"]).equipment_ids, first
        )


@tagged("post_install", "-at_install")
class TestDaySheetBooking(DaySheetCommon):
    def values(self, **values):
        """What the dialog sends for half past ten in Rome."""
        return {
            "location_id": self.rome.id,
            "practitioner_id": self.anna.id,
            "service_id": self.service.id,
            "start": str(self.tuesday(9, 30)),
            "regime": "private",
            **values,
        }

    def test_book_a_new_patient(self):
        """AGD-03 Card and visit are made together, or neither."""
        patient = {
            "family_name": "Neri",
            "given_name": "Ugo",
            "birth_date": "1990-01-02",
            "phone": "+39 06 5550 1234",
            "is_patient": False,
            "vip_tier": "gold",
        }
        result = self.sheet().book(self.values(patient=patient))
        visit = self.env["clinic.appointment"].browse(result["id"])
        self.assertEqual(visit.patient_id.name, "Neri Ugo")
        self.assertTrue(visit.patient_id.is_patient)
        self.assertFalse(visit.patient_id.vip_tier)
        self.assertEqual(visit.channel, "desk")
        before = self.env["res.partner"].search_count([])
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.sheet().book(
                self.values(patient={"family_name": "Bis", "given_name": "Ada"})
            )
        self.env.invalidate_all()
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_duplicates_are_told(self):
        """AGD-03 While a new card is typed, the dialog finds who is here already."""
        found = self.sheet().find_duplicates(
            {"family_name": "Verdi", "given_name": "luca", "birth_date": "1980-05-06"}
        )
        self.assertEqual([row["id"] for row in found], self.other.ids)
        self.assertFalse(self.sheet().find_duplicates({"family_name": "Verdi"}))

    def test_undo_a_booking(self):
        result = self.sheet().book(self.values(patient_id=self.patient.id))
        visit = self.env["clinic.appointment"].browse(result["id"])
        self.sheet().undo(
            visit.id, result["undo"], marker=self.changed(result)["marker"]
        )
        self.assertEqual(visit.state, "cancelled")
        self.sheet().book(self.values(patient_id=self.other.id))

    def test_options(self):
        """AGD-03 The dialog offers what the practitioner does, with price and length
        from the server, and says what fits."""
        long_service = self.make_service("Long visit", duration=240, list_price=80)
        self.env["clinic.offer"].create(
            {
                "practitioner_id": self.anna.id,
                "service_id": long_service.id,
                "location_id": self.rome.id,
            }
        )
        self.make_service("Nobody offers this")
        coverage = self.env["clinic.coverage"].create({"name": "Assicura"})
        elsewhere = self.env["clinic.coverage"].create(
            {"name": "Brasil", "location_ids": [Command.link(self.sao_paulo.id)]}
        )
        options = self.sheet().booking_options(
            self.rome.id, self.anna.id, str(self.tuesday(9, 30))
        )
        fits = {row["name"]: row["fits"] for row in options["services"]}
        self.assertEqual(fits, {"Cardiology visit": True, "Long visit": False})
        row = options["services"][0]
        self.assertEqual((row["duration"], row["price"]), (30, 100.0))
        self.assertEqual(row["regimes"], ["private", "public"])
        self.assertIn(coverage.id, row["coverage_ids"])
        self.assertNotIn(elsewhere.id, row["coverage_ids"])

    def test_refused_without_patient_offer_or_time(self):
        sheet = self.sheet()
        with self.assertRaisesRegex(ValidationError, "Choose the patient"):
            sheet.book(self.values())
        with self.assertRaisesRegex(ValidationError, "family name and a given name"):
            sheet.book(self.values(patient={"family_name": "Only"}))
        with self.assertRaisesRegex(ValidationError, "does not offer"):
            sheet.book(
                self.values(
                    patient_id=self.patient.id,
                    service_id=self.make_service("Other").id,
                )
            )
        with self.assertRaisesRegex(ValidationError, "must end after"):
            sheet.book(
                self.values(patient_id=self.patient.id, stop=str(self.tuesday(9)))
            )
        self.book(self.tuesday(9, 30), patient_id=self.other.id)
        with self.assertRaisesRegex(ValidationError, "Verdi Luca, 10:30–11:00"):
            sheet.book(self.values(patient_id=self.patient.id))

    def test_overbook(self):
        self.book(self.tuesday(9, 30), patient_id=self.other.id)
        values = self.values(patient_id=self.patient.id, overbook_reason="Chest pain")
        with self.assertRaises(UserError):
            self.sheet().book(values)
        result = self.sheet(self.manager).book(values)
        self.assertTrue(self.changed(result)["overbooked"])

    def test_states(self):
        """AGD-05 The desk checks in, begins, ends; each step can be taken back."""
        visit = self.book(self.tuesday(9))
        sheet = self.sheet()
        sheet.set_state(visit.id, "confirmed")
        with self.during(visit):
            sheet.set_state(visit.id, "arrived")
            result = sheet.set_state(visit.id, "done")
        self.assertEqual(visit.state, "done")
        sheet.undo(visit.id, result["undo"])
        self.assertEqual(visit.state, "arrived")
        with self.assertRaisesRegex(ValidationError, "Say why"):
            sheet.set_state(visit.id, "cancelled", " ")
        with self.assertRaises(UserError):
            sheet.set_state(visit.id, "held")
        kinds = visit.event_ids.filtered(lambda event: event.kind == "state")
        self.assertEqual(kinds[0].user_id, self.receptionist)
        self.assertEqual(kinds[0].channel, "desk")

    def test_undo_a_cancellation(self):
        """AGD-05 A cancelled visit comes back confirmed, unless its time is gone."""
        visit = self.book(self.tuesday(9))
        visit.action_confirm()
        result = self.sheet().set_state(visit.id, "cancelled", "Wrong patient")
        self.assertEqual((visit.state, visit.cancelled_by), ("cancelled", "clinic"))
        self.sheet().undo(visit.id, result["undo"])
        self.assertEqual(visit.state, "confirmed")
        self.assertFalse(visit.cancelled_by or visit.cancel_reason, "it stands again")
        result = self.sheet().set_state(visit.id, "cancelled", "Wrong patient")
        self.book(self.tuesday(9), patient_id=self.other.id)
        with self.assertRaisesRegex(ValidationError, "Verdi Luca"):
            self.sheet().undo(visit.id, result["undo"])
