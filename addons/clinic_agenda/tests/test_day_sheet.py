from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_base.lib.ours import OURS
from odoo.addons.clinic_patient.tests.common import group_of

from .common import AgendaCommon

DAY = "2026-03-03"


class DaySheetCommon(AgendaCommon):
    """The small clinic with hours on weekdays, a second patient, and its staff."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.other = cls.make_patient("Verdi", "Luca", birth_date="1980-05-06")
        cls.receptionist = cls.make_user("receptionist")
        cls.colleague = cls.make_user("receptionist", name="Carla Desk")
        cls.manager = cls.make_user("manager")
        cls.doctor = cls.make_user("practitioner")
        cls.marketing = cls.make_user("marketing")
        cls.anna.user_id = cls.doctor

    @classmethod
    def make_user(cls, role, **values):
        """A member of staff with one role."""
        cls.users = getattr(cls, "users", 0) + 1
        return new_test_user(
            cls.env,
            login=f"desk_{role}_{cls.users}",
            groups=group_of(role),
            **values,
        )

    def sheet(self, user=None):
        """The service as a member of staff calls it."""
        return self.env["clinic.day.sheet"].with_user(user or self.receptionist)

    @staticmethod
    def rows(visits):
        """A table of visits as dicts, as the browser unfolds it."""
        rows = [dict(zip(visits["fields"], row, strict=True)) for row in visits["rows"]]
        for row in rows:
            for field, names in visits["names"].items():
                row[field.removesuffix("_id")] = names.get(row[field])
            start, stop = (
                visits["origin"] + row[name] for name in ("start_minute", "stop_minute")
            )
            who = (row[name] or 0 for name in ("practitioner_id", "room_id", "state"))
            row["marker"] = "|".join(map(str, (start, stop, *who)))
        return rows

    def changed(self, result):
        """The visit that a change gave back."""
        (row,) = self.rows(result["visits"])
        return row

    def day(self, user=None, date=DAY, **arguments):
        """What the sheet of Rome shows."""
        day = self.sheet(user).get_day(date, self.rome.id, **arguments)
        return {**day, "visits": self.rows(day["visits"])}

    def row(self, visit, user=None, **arguments):
        """One visit as the sheet shows it."""
        rows = self.day(user, **arguments)["visits"]
        return next((row for row in rows if row["id"] == visit.id), None)


@tagged("post_install", "-at_install")
class TestDaySheet(DaySheetCommon):
    def test_columns_sessions_and_visits(self):
        """AGD-03 A column for each practitioner, open hours, visits with all a desk
        wants to know."""
        visit = self.book(self.tuesday(9), regime="private", note="By wheelchair")
        day = self.day()
        self.assertEqual(
            [column["name"] for column in day["columns"]],
            ["Anna Bianchi", "Bruno Conti"],
        )
        self.assertEqual(day["columns"][0]["subtitle"], "Cardiology")
        self.assertEqual(
            [
                (item["column"], item["start_minute"], item["stop_minute"])
                for item in day["sessions"]
            ],
            [(self.anna.id, 540, 780), (self.bruno.id, 540, 780)],
        )
        self.assertEqual((day["axis"]["first"], day["axis"]["last"]), (540, 780))
        row = day["visits"][0]
        self.assertEqual(row["id"], visit.id)
        self.assertEqual((row["start_minute"], row["stop_minute"]), (600, 630))
        self.assertEqual(row["patient"], "Rossi Maria")
        self.assertEqual(row["service"], "Cardiology visit")
        self.assertEqual(row["practitioner"], "Anna Bianchi")
        self.assertTrue(row["has_note"])
        self.assertEqual(day["counts"], {"booked": 1})
        self.assertEqual(day["location"]["zone"], "CET")

    def test_rooms_and_equipment(self):
        """AGD-03 The same day by room and by device; who has no room stands apart."""
        room, spare = self.env["clinic.room"].create(
            [
                {"name": name, "location_id": self.rome.id, "sequence": number}
                for number, name in enumerate(("Blue room", "Green room"))
            ]
        )
        category = self.env["clinic.equipment.category"].create({"name": "ECG"})
        device = self.env["clinic.equipment"].create(
            {"name": "ECG 1", "category_id": category.id, "location_id": self.rome.id}
        )
        placed = self.book(
            self.tuesday(9),
            room_id=room.id,
            equipment_ids=[Command.link(device.id)],
        )
        loose = self.book(self.tuesday(10), patient_id=self.other.id)
        by_room = self.day(group_by="room")
        self.assertEqual(
            [column["id"] for column in by_room["columns"]], [room.id, spare.id, 0]
        )
        rooms = {row["id"]: row["room"] for row in by_room["visits"]}
        self.assertEqual(rooms, {placed.id: "Blue room", loose.id: None})
        by_device = self.day(group_by="equipment")
        self.assertEqual([column["name"] for column in by_device["columns"]], ["ECG 1"])
        self.assertEqual(self.row(placed)["equipment_ids"], [device.id])
        self.assertEqual(by_device["sessions"][0]["kind"], "open")

    def test_spring_day_has_23_hours(self):
        """AGD-03 On the day that skips an hour, visits keep their length and the clock
        beside them is right."""
        with freeze_time("2026-03-20 08:00:00"):
            self.open_week(
                self.anna,
                date_from="2026-03-28",
                blocks=[{"weekday": "6", "hour_from": 1, "hour_to": 5}],
            )
            visit = self.book(datetime(2026, 3, 29, 0, 45))
            day = self.day(date="2026-03-29")
        self.assertEqual(day["axis"]["minutes"], 23 * 60)
        self.assertEqual(day["axis"]["wall"], [(0, 0), (120, 180)])
        row = day["visits"][0]
        self.assertEqual(row["id"], visit.id)
        # 01:45 CET to 03:15 CEST is half an hour
        self.assertEqual((row["start_minute"], row["stop_minute"]), (105, 135))
        session = day["sessions"][0]
        self.assertEqual((session["start_minute"], session["stop_minute"]), (60, 240))

    def test_autumn_day_has_25_hours(self):
        """AGD-03 On the day that repeats an hour, both 02:30 have a place of their
        own."""
        with freeze_time("2026-10-20 08:00:00"):
            self.open_week(
                self.anna,
                date_from="2026-10-20",
                blocks=[{"weekday": "6", "hour_from": 1, "hour_to": 5}],
            )
            first = self.book(datetime(2026, 10, 25, 0, 30))
            second = self.book(datetime(2026, 10, 25, 1, 30), patient_id=self.other.id)
            day = self.day(date="2026-10-25")
        self.assertEqual(day["axis"]["minutes"], 25 * 60)
        self.assertEqual(day["axis"]["wall"], [(0, 0), (180, 120)])
        self.assertEqual(
            {row["id"]: row["start_minute"] for row in day["visits"]},
            {first.id: 150, second.id: 210},
        )

    def test_visit_over_midnight_is_on_both_days(self):
        visit = (
            self.env["clinic.appointment"]
            .sudo()
            .with_context(clinic_history=OURS)
            .create(
                {
                    "patient_id": self.patient.id,
                    "practitioner_id": self.anna.id,
                    "service_id": self.service.id,
                    "location_id": self.rome.id,
                    "start": datetime(2026, 3, 3, 22, 45),
                    "stop": datetime(2026, 3, 3, 23, 15),
                }
            )
        )
        self.assertEqual(self.row(visit)["stop_minute"], 1455)
        self.assertEqual(self.row(visit, date="2026-03-04")["start_minute"], -15)

    def test_empty_day_names_the_next(self):
        day = self.day(date="2026-03-07")
        self.assertFalse(day["columns"])
        self.assertEqual(day["next_day"], "2026-03-09")

    def test_expired_hold_is_gone(self):
        visit = self.book(
            self.tuesday(9),
            patient_id=False,
            state="held",
            hold_expires_at=datetime(2026, 3, 2, 7),
        )
        self.assertTrue(self.row(visit))
        with freeze_time("2026-03-02 07:00:01"):
            self.assertFalse(self.row(visit))

    def test_changed_visits_only(self):
        visit = self.book(self.tuesday(9))
        gone = self.book(self.tuesday(10), patient_id=self.other.id)
        gone.action_confirm()
        gone._move(datetime(2026, 3, 4, 10))
        rows = self.sheet().get_visits(DAY, self.rome.id, [visit.id, gone.id])
        self.assertEqual([row["id"] for row in self.rows(rows)], [visit.id])

    def test_queries_do_not_grow(self):
        """AGD-03 The number of queries depends neither on columns nor on visits."""
        sheet = self.sheet()
        self.book(self.tuesday(9))

        def count():
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            sheet.get_day(DAY, self.rome.id)
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        people = self.env["clinic.practitioner"].create(
            [{"name": f"Practitioner {number}"} for number in range(12)]
        )
        patients = self.env["res.partner"].create(
            [
                {"is_patient": True, "family_name": "Many", "given_name": f"N{number}"}
                for number in range(60)
            ]
        )
        for number, person in enumerate(people):
            self.env["clinic.offer"].create(
                {
                    "practitioner_id": person.id,
                    "service_id": self.service.id,
                    "location_id": self.rome.id,
                }
            )
            self.open_week(person)
            for slot in range(5):
                self.book(
                    self.tuesday(8) + timedelta(minutes=30 * slot),
                    practitioner=person,
                    patient_id=patients[number * 5 + slot].id,
                )
        self.assertEqual(len(self.day()["visits"]), 61)
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 24)

        visit = self.env["clinic.appointment"].search(
            [("practitioner_id", "=", people[0].id)], limit=1
        )
        with self.assertQueryCount(20):
            self.env.invalidate_all()
            sheet.legal_spans(visit.id, DAY, self.rome.id)


@tagged("post_install", "-at_install")
class TestDaySheetRights(DaySheetCommon):
    def test_staff_of_another_location(self):
        """AGD-03 Staff see the sheets of their locations and no others."""
        self.book(self.tuesday(9))
        self.receptionist.clinic_location_ids = self.sao_paulo
        self.assertEqual(
            [location["name"] for location in self.sheet().get_locations()],
            ["São Paulo"],
        )
        with self.assertRaises(AccessError):
            self.day()
        with self.assertRaises(AccessError):
            self.sheet().get_visits(DAY, self.rome.id, [1])
        with self.assertRaises(AccessError):
            self.sheet().booking_options(
                self.rome.id, self.anna.id, "2026-03-03 09:00:00"
            )

    def test_no_change_from_another_location(self):
        visit = self.book(self.tuesday(9))
        self.receptionist.clinic_location_ids = self.sao_paulo
        for method, arguments in (
            ("move", (visit.id, "2026-03-03 10:00:00", self.anna.id)),
            ("resize", (visit.id, "2026-03-03 10:00:00")),
            ("set_state", (visit.id, "arrived")),
            ("undo", (visit.id, {"booked": True})),
            ("legal_spans", (visit.id, DAY, self.rome.id)),
        ):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(self.sheet(), method)(*arguments)
        self.assertEqual(visit.state, "booked")

    def test_practitioner_sees_the_own_column_only(self):
        """AGD-03 A practitioner sees the own column, with the own visits."""
        own = self.book(self.tuesday(9))
        self.book(self.tuesday(9), self.bruno, patient_id=self.other.id)
        day = self.day(self.doctor)
        self.assertEqual([c["id"] for c in day["columns"]], [self.anna.id])
        self.assertEqual([row["id"] for row in day["visits"]], [own.id])
        self.assertFalse(day["can"]["book"])
        self.assertTrue(day["can"]["own_only"])
        everything = self.day(self.doctor, group_by="room")
        self.assertEqual([row["id"] for row in everything["visits"]], [own.id])
        self.assertEqual(len(everything["working"]), 1)

    def test_what_each_role_may(self):
        may = {
            user: self.day(user)["can"]
            for user in (self.receptionist, self.manager, self.marketing)
        }
        self.assertTrue(may[self.receptionist]["book"])
        self.assertFalse(may[self.receptionist]["overbook"])
        self.assertFalse(may[self.receptionist]["close"])
        self.assertTrue(may[self.manager]["overbook"])
        self.assertFalse(may[self.marketing]["book"])
        self.assertFalse(may[self.marketing]["change"])

    def test_readers_change_nothing(self):
        visit = self.book(self.tuesday(9))
        with self.assertRaises(AccessError):
            self.sheet(self.marketing).set_state(visit.id, "arrived")
        with self.assertRaises(AccessError):
            self.sheet(self.marketing).move(
                visit.id, "2026-03-03 10:00:00", self.anna.id
            )

    def test_outsiders_see_nothing(self):
        outsider = new_test_user(self.env, login="desk_outsider")
        with self.assertRaises(AccessError):
            self.day(outsider)
        portal = new_test_user(
            self.env, login="desk_portal", groups="base.group_portal"
        )
        with self.assertRaises(AccessError):
            self.day(portal)


@tagged("post_install", "-at_install")
class TestAppointmentsTable(DaySheetCommon):
    def test_filters_and_groups(self):
        """AGD-07 Visits are filtered and grouped by all that the table promises."""
        morning = self.book(self.tuesday(9))
        self.open_week(
            self.bruno, blocks=[{"weekday": "1", "hour_from": 17, "hour_to": 20}]
        )
        evening = self.book(
            self.tuesday(17, 30), self.bruno, patient_id=self.other.id, channel="phone"
        )
        Visit = self.env["clinic.appointment"].with_user(self.receptionist)
        self.assertEqual(morning.time_band, "morning")
        self.assertEqual(Visit.search([("time_band", "=", "evening")]), evening)
        self.assertEqual(
            Visit.search([("local_day", "=", "today +1d")]), evening | morning
        )
        for group in (
            "create_date:day",
            "patient_id",
            "local_day:day",
            "time_band",
            "duration",
            "specialty_id",
            "service_id",
            "practitioner_id",
            "location_id",
            "state",
            "channel",
        ):
            with self.subTest(group):
                groups = Visit._read_group([], [group], ["__count"])
                self.assertEqual(sum(count for _value, count in groups), 2)

    def test_states_in_order_of_life(self):
        self.book(self.tuesday(9)).action_confirm()
        self.book(self.tuesday(10), patient_id=self.other.id)
        groups = (
            self.env["clinic.appointment"]
            .with_context(read_group_expand=True)
            .formatted_read_group([], ["state"], ["__count"])
        )
        self.assertEqual([group["state"] for group in groups], ["booked", "confirmed"])

    def test_export(self):
        """AGD-07 The table leaves as a spreadsheet, hours in the location's time."""
        self.book(self.tuesday(9))
        self.receptionist.group_ids += self.env.ref("base.group_allow_export")
        exported = (
            self.env["clinic.appointment"]
            .with_user(self.receptionist)
            .search([])
            .export_data(["patient_id", "local_day", "local_span", "channel"])
        )
        row = exported["datas"][0]
        self.assertEqual(row[0], "Rossi Maria")
        self.assertEqual(row[2], "10:00–10:30 (CET)")
        self.assertEqual(row[3], "Reception desk")

    def test_visits_on_the_card(self):
        self.book(self.tuesday(9))
        self.book(self.tuesday(10))._cancel("By mistake")
        patient = self.patient.with_user(self.receptionist)
        self.assertEqual(patient.appointment_count, 1)
        action = patient.action_view_appointments()
        self.assertEqual(
            self.env["clinic.appointment"].search_count(action["domain"]), 2
        )
        self.assertEqual(
            patient.action_book_appointment()["context"]["patient_id"], patient.id
        )

    def test_move_from_the_form(self):
        visit = self.book(self.tuesday(9))
        Wizard = self.env["clinic.appointment.reschedule"].with_user(self.receptionist)
        wizard = Wizard.with_context(default_appointment_id=visit.id).create({})
        wizard.write({"date_from": DAY, "date_to": DAY, "time_band": "morning"})
        wizard.action_search()
        self.assertEqual(len(wizard.line_ids), 7)
        wizard.line_ids[-1].action_choose()
        self.assertEqual(visit.start, self.tuesday(11, 30))
        self.assertEqual(visit.state, "rescheduled")
        wizard.date_to = "2026-03-01"
        with self.assertRaises(ValidationError):
            wizard.action_search()

    def test_cancel_from_the_form(self):
        visit = self.book(self.tuesday(9))
        self.env["clinic.appointment.cancel"].with_user(self.receptionist).create(
            {
                "appointment_id": visit.id,
                "reason": "Is ill",
                "cancelled_by": "patient",
            }
        ).action_cancel()
        self.assertEqual(
            (visit.state, visit.cancel_reason, visit.cancelled_by),
            ("cancelled", "Is ill", "patient"),
        )
        with self.assertRaises(UserError):
            visit.with_user(self.receptionist).action_arrive()
