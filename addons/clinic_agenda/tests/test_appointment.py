from datetime import datetime, timedelta

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_base.lib.ours import Said

from ..lib.states import BLOCKING, STATES, TRANSITIONS
from ..models.clinic_appointment_allocation import SlotTaken
from .common import NOW, AgendaCommon


@tagged("post_install", "-at_install")
class TestAppointment(AgendaCommon):
    """Booking, moving, cancelling; and what the database itself refuses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.other = cls.make_patient("Verdi", "Luca")
        cls.receptionist = new_test_user(
            cls.env, "reception", groups="clinic_patient.group_clinic_receptionist"
        )
        cls.manager = new_test_user(
            cls.env, "boss", groups="clinic_patient.group_clinic_manager"
        )

    def test_what_follows_is_not_given(self):
        """Company, specialty, day and length come from the booking, whoever gives
        others, also in the context."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        wrong = {
            "company_id": other.id,
            "specialty_id": False,
            "local_day": "2020-01-01",
            "time_band": "evening",
            "duration": 600,
        }
        visits = self.env["clinic.appointment"].with_user(self.receptionist)
        visit = visits.with_context(clinic_following=[wrong]).create(
            {
                "patient_id": self.other.id,
                "practitioner_id": self.anna.id,
                "service_id": self.service.id,
                "location_id": self.rome.id,
                "start": self.tuesday(8),
                **wrong,
            }
        )
        known = [visit[name] for name in wrong]
        self.assertEqual(
            known,
            [
                self.rome.company_id,
                self.service.specialty_id,
                self.tuesday(8).date(),
                "morning",
                (visit.stop - visit.start).total_seconds() / 60,
            ],
        )
        computed = visit.with_env(self.env)
        for name in wrong:
            computed._fields[name].compute_value(computed)
        self.assertEqual([visit[name] for name in wrong], known)

    def test_history_is_not_for_users(self):
        """Visits of the past are entered by imports and the demo, as superuser: a user
        who says so in the context books nothing."""
        visits = self.env["clinic.appointment"]
        vals = {
            "patient_id": self.other.id,
            "practitioner_id": self.anna.id,
            "service_id": self.service.id,
            "location_id": self.rome.id,
            "start": NOW - timedelta(days=3),
        }
        for user in (self.receptionist, self.manager):
            with self.assertRaisesRegex(ValidationError, "in the past"):
                visits.with_user(user).with_context(clinic_history=True).create(vals)
        self.assertFalse(visits.search([("start", "<", NOW)]))

    def test_every_exclusion_constraint_is_in_the_database(self):
        """AGD-06: a constraint that fails to apply is only logged by Odoo; those
        that forbid double booking must really be there."""
        self.env.cr.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'x'"
            " AND conname LIKE 'clinic_%'"
        )
        self.assertEqual(
            {row[0] for row in self.env.cr.fetchall()},
            {
                "clinic_appointment_practitioner_busy",
                "clinic_appointment_room_busy",
                "clinic_appointment_patient_busy",
                "clinic_appointment_person_busy",
                "clinic_appointment_equipment_busy",
                "clinic_session_one_place_at_a_time",
            },
        )

    @mute_logger("odoo.sql_db")
    def test_raw_sql_cannot_double_book(self):
        """AGD-06: practitioner, room, patient and device, buffers included, refused
        for a writer that knows nothing of Odoo."""
        room = self.env["clinic.room"].create(
            {"name": "Room 1", "location_id": self.rome.id}
        )
        device = self.env["clinic.equipment"].create(
            {
                "name": "Laser",
                "location_id": self.rome.id,
                "category_id": self.env["clinic.equipment.category"]
                .create({"name": "Laser"})
                .id,
            }
        )
        first = self.book(
            self.tuesday(9),
            room_id=room.id,
            equipment_ids=[(6, 0, device.ids)],
            buffer_after=15,
        )
        second = self.book(
            self.tuesday(11), self.bruno, patient_id=self.other.id, buffer_before=10
        )
        self.env.flush_all()
        attempts = {
            "practitioner": f"practitioner_id = {self.anna.id}, start = %s, stop = %s",
            "room": f"room_id = {room.id}, start = %s, stop = %s",
        }
        # 9:40 less 10 minutes before is 9:30, within the 15 minutes after the first
        times = (self.tuesday(9, 40), self.tuesday(10))
        for name, change in attempts.items():
            with (
                self.subTest(name),
                self.assertRaises(psycopg2.errors.ExclusionViolation),
                self.env.cr.savepoint(flush=False),
            ):
                self.env.cr.execute(
                    f"UPDATE clinic_appointment SET {change} WHERE id = %s",
                    (*times, second.id),
                )
        with (
            self.assertRaises(psycopg2.errors.ExclusionViolation),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(
                "UPDATE clinic_appointment SET patient_id = %s, start = %s, stop = %s"
                " WHERE id = %s",
                (self.patient.id, self.tuesday(9, 20), self.tuesday(10), second.id),
            )
        self.env.cr.execute(
            "INSERT INTO clinic_appointment_equipment_rel"
            " (appointment_id, equipment_id) VALUES (%s, %s)",
            (second.id, device.id),
        )
        with (
            self.assertRaises(psycopg2.errors.ExclusionViolation),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(
                "UPDATE clinic_appointment SET start = %s, stop = %s WHERE id = %s",
                (*times, second.id),
            )
        self.env.cr.execute(
            "UPDATE clinic_appointment SET state = 'cancelled' WHERE id = %s",
            (first.id,),
        )
        self.env.cr.execute(
            f"UPDATE clinic_appointment SET {attempts['room']} WHERE id = %s",
            (*times, second.id),
        )

    def test_patient_is_free_when_the_visit_ends(self):
        """Tidying the room keeps the practitioner, not the patient."""
        self.book(self.tuesday(9), buffer_after=30)
        visit = self.book(self.tuesday(9, 30), self.bruno)
        self.assertEqual(visit.state, "booked")
        with self.assertRaises(SlotTaken) as refusal:
            self.book(self.tuesday(9, 30), patient_id=self.other.id)
        self.assertEqual(refusal.exception.resource, "practitioner")

    def test_patient_cannot_be_in_two_places(self):
        """AGD-06: the patient is a resource as well, with words of its own."""
        self.book(self.tuesday(9))
        with self.assertRaisesRegex(SlotTaken, "patient already has another visit"):
            self.book(self.tuesday(9), self.bruno)

    def test_refused_booking_leaves_nothing(self):
        """Neither a visit nor an event nor a message stays behind."""
        self.book(self.tuesday(9))
        before = self.env["clinic.appointment.event"].search_count([])
        with self.assertRaises(SlotTaken):
            self.book(self.tuesday(9), patient_id=self.other.id)
        self.assertFalse(
            self.env["clinic.appointment"].search([("patient_id", "=", self.other.id)])
        )
        self.assertEqual(self.env["clinic.appointment.event"].search_count([]), before)

    def test_regime_is_enforced_by_the_block(self):
        """AGD-04: a block of the health service takes no private visit, and shows
        free times to its own regime only."""
        carla = self.env["clinic.practitioner"].create({"name": "Carla Neri"})
        self.anna_offer.copy({"practitioner_id": carla.id})
        self.open_week(
            carla,
            blocks=[
                {"weekday": "1", "hour_from": 9, "hour_to": 10, "regime": "public"},
                {"weekday": "1", "hour_from": 10, "hour_to": 11, "regime": "private"},
            ],
        )
        self.assertEqual(
            self.starts(practitioner_ids=carla.ids, regime="public"),
            [self.tuesday(8), self.tuesday(8, 30)],
        )
        with self.assertRaisesRegex(ValidationError, "regime"):
            self.book(self.tuesday(8), carla, regime="private")
        self.assertEqual(
            self.book(self.tuesday(8), carla, regime="public").regime, "public"
        )

    def test_life_of_a_visit_is_recorded(self):
        """AGD-05: each change of state is timed, with who, from where and why."""
        visit = self.book(self.tuesday(9))
        desk = visit.with_user(self.receptionist)
        desk.action_confirm()
        with self.during(visit):
            desk.action_arrive()
            desk.action_in_room()
            desk.action_done()
            visit.with_user(self.manager).action_close()
        events = visit.event_ids
        self.assertEqual(
            events.mapped("new_state"),
            ["booked", "confirmed", "arrived", "in_room", "done", "closed"],
        )
        self.assertEqual(events[1:5].user_id, self.receptionist)
        self.assertEqual(events[5].user_id, self.manager)
        self.assertEqual(set(events.mapped("channel")), {"desk"})
        self.assertTrue(all(event.date == NOW for event in events[:2]))
        later = self.tuesday(9, 5)
        self.assertTrue(all(event.date == later for event in events[2:]))

    def test_cancellation_keeps_reason_and_frees_the_time(self):
        """AGD-05: by whom and why; the time is offered again at once."""
        visit = self.book(self.tuesday(9))
        visit.with_context(clinic_channel=Said("phone"))._cancel(
            "Has a cold", by="patient"
        )
        event = visit.event_ids[-1]
        self.assertEqual(
            (event.new_state, event.reason, event.channel, visit.cancelled_by),
            ("cancelled", "Has a cold", "phone", "patient"),
        )
        self.assertIn(self.tuesday(9), self.starts(practitioner_ids=self.anna.ids))

    def test_impossible_change_of_state_is_refused(self):
        """Every pair of states follows the table, and a refusal says both."""
        names = dict(STATES)
        for old, _label in STATES:
            for new, _label in STATES:
                visit = self.env["clinic.appointment"].new({"state": old})
                if new == old or new in TRANSITIONS[old]:
                    visit._check_transition({"state": new})
                    continue
                with self.assertRaisesRegex(UserError, names[new]):
                    visit._check_transition({"state": new})

    def test_history_cannot_be_rewritten(self):
        """AGD-05: append-only for the ORM and for raw SQL."""
        event = self.book(self.tuesday(9)).event_ids
        with self.assertRaises(UserError):
            event.write({"reason": "Nothing happened"})
        with self.assertRaises(UserError):
            event.unlink()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.RaiseException),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(
                "UPDATE clinic_appointment_event SET new_state = 'done' WHERE id = %s",
                (event.id,),
            )

    def test_a_visit_is_never_deleted(self):
        """It is cancelled instead, and its history stays."""
        visit = self.book(self.tuesday(9))
        with self.assertRaisesRegex(UserError, "cancel it"):
            visit.unlink()

    def test_move_keeps_identity_and_asks_again(self):
        """A confirmed visit that moves is *rescheduled*; undoing it is one move."""
        visit = self.book(self.tuesday(9))
        visit.action_confirm()
        reference = visit.reference
        visit._move(self.tuesday(10), practitioner=self.bruno)
        self.assertEqual(
            (visit.state, visit.reference, visit.practitioner_id, visit.stop),
            ("rescheduled", reference, self.bruno, self.tuesday(10, 30)),
        )
        self.assertEqual(visit.change_sequence, 1)
        event = visit.event_ids[-1]
        self.assertEqual(
            (event.kind, event.old_start, event.new_start, event.old_state),
            ("moved", self.tuesday(9), self.tuesday(10), "confirmed"),
        )

    def test_move_onto_another_visit_changes_nothing(self):
        """Refused whole: time, practitioner and state stay."""
        visit = self.book(self.tuesday(9))
        self.book(self.tuesday(10), self.bruno, patient_id=self.other.id)
        with self.assertRaises(SlotTaken):
            visit._move(self.tuesday(10), practitioner=self.bruno)
        visit.invalidate_recordset()
        self.assertEqual(
            (visit.start, visit.practitioner_id, visit.state, len(visit.event_ids)),
            (self.tuesday(9), self.anna, "booked", 1),
        )

    def test_outside_the_schedule_needs_the_right_and_a_reason(self):
        """AGD-06: overbooking is a named right, marked and logged."""
        late = self.tuesday(15)
        with self.assertRaisesRegex(ValidationError, "does not work then"):
            self.book(late)
        values = {
            "patient_id": self.patient.id,
            "practitioner_id": self.anna.id,
            "service_id": self.service.id,
            "location_id": self.rome.id,
            "start": late,
            "overbooked": True,
        }
        visits = self.env["clinic.appointment"]
        with self.assertRaisesRegex(UserError, "may not book"):
            visits.with_user(self.receptionist).create(
                values | {"overbook_reason": "Urgent"}
            )
        with self.assertRaisesRegex(ValidationError, "Say why"):
            visits.with_user(self.manager).create(values)
        visit = visits.with_user(self.manager).create(
            values | {"overbook_reason": "Urgent"}
        )
        self.assertEqual(
            (visit.overbooked_by_id, visit.event_ids.kind, visit.event_ids.reason),
            (self.manager, "overbooked", "Urgent"),
        )

    def test_overbooking_goes_over_another_visit(self):
        """Two visits of one practitioner at once, on purpose; the patient of both
        cannot be the same, and a third without the right is refused."""
        self.book(self.tuesday(9))
        over = {"overbooked": True, "overbook_reason": "Mother and child"}
        visit = self.book(self.tuesday(9), patient_id=self.other.id, **over)
        self.assertTrue(visit.overbooked)
        third = self.make_patient("Gialli", "Ugo")
        with self.assertRaises(SlotTaken):
            self.book(self.tuesday(9), patient_id=third.id)
        with self.assertRaises(SlotTaken):
            self.book(self.tuesday(9), self.bruno, patient_id=self.other.id, **over)

    def test_an_overbooked_visit_needs_the_right_to_move(self):
        """The mark is no free pass for people without the right."""
        visit = self.book(self.tuesday(15), overbooked=True, overbook_reason="Urgent")
        with self.assertRaisesRegex(UserError, "may not book"):
            visit.with_user(self.receptionist).write(
                {"start": self.tuesday(16), "stop": self.tuesday(16, 30)}
            )

    def test_past_and_missing_values_get_a_message(self):
        """Bad input: a past time, no service, no patient, an end before the start."""
        with self.assertRaisesRegex(ValidationError, "in the past"):
            self.book(datetime(2026, 2, 24, 9))
        with self.assertRaisesRegex(ValidationError, "Choose a service"):
            self.book(self.tuesday(9), service_id=False)
        with self.assertRaisesRegex(ValidationError, "end after it starts"):
            self.book(self.tuesday(9), stop=self.tuesday(8, 30))
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(psycopg2.IntegrityError, "patient_known"),
            self.env.cr.savepoint(),
        ):
            self.book(self.tuesday(9), patient_id=False)

    def test_hold_is_free_the_second_it_expires(self):
        """A hold needs no job to end: search and booking pass over it."""
        held = self.env["clinic.appointment"].create(
            {
                "practitioner_id": self.anna.id,
                "service_id": self.service.id,
                "location_id": self.rome.id,
                "start": self.tuesday(9),
                "state": "held",
                "hold_expires_at": NOW + timedelta(minutes=10),
                "channel": "website",
            }
        )
        self.assertNotIn(self.tuesday(9), self.starts(practitioner_ids=self.anna.ids))
        with self.assertRaises(SlotTaken):
            self.book(self.tuesday(9))
        with freeze_time(NOW + timedelta(minutes=10)):
            self.assertIn(self.tuesday(9), self.starts(practitioner_ids=self.anna.ids))
            visit = self.book(self.tuesday(9))
        self.assertEqual((visit.state, held.state), ("booked", "expired"))

    def test_states_that_block_are_those_of_the_constraint(self):
        """A cancelled visit or a no-show leaves its time free, all others take it."""
        self.env.cr.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conname = 'clinic_appointment_practitioner_busy'"
        )
        definition = self.env.cr.fetchone()[0]
        for state, _label in STATES:
            self.assertEqual(f"'{state}'" in definition, state in BLOCKING, state)

    def test_query_count_does_not_grow_with_practitioners(self):
        """AGD-02: one practitioner or twenty, the same number of queries, at most 5."""
        staff = self.env["clinic.practitioner"].create(
            [{"name": f"Doctor {number}"} for number in range(20)]
        )
        for practitioner in staff:
            self.anna_offer.copy({"practitioner_id": practitioner.id})
            self.open_week(practitioner)
        slots = self.env["clinic.slot"]
        for people in (self.anna.ids, staff.ids):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(5):
                slots.search_slots(
                    self.service.id,
                    self.tuesday(0),
                    self.tuesday(0) + timedelta(days=20),
                    practitioner_ids=people,
                )
