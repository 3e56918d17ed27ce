from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_agenda.tests.common import NOW, AgendaCommon

GROUP = "clinic_patient.group_clinic_"


@tagged("post_install", "-at_install")
class TestWhoTreats(AgendaCommon):
    """Who reads a record follows from facts that who reads it cannot write."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.stranger = cls.make_patient("Ignoto", "Ugo")
        cls.doctor = new_test_user(cls.env, "anna", groups=f"{GROUP}practitioner")
        cls.desk = new_test_user(cls.env, "desk", groups=f"{GROUP}receptionist")
        cls.chief = new_test_user(cls.env, "chief", groups=f"{GROUP}chief_doctor")
        cls.solo = new_test_user(
            cls.env, "solo", groups=f"{GROUP}practitioner,{GROUP}receptionist"
        )
        cls.anna.user_id = cls.doctor
        colleague = new_test_user(cls.env, "bruno", groups=f"{GROUP}practitioner")
        cls.record = cls.env["clinic.encounter"].create(
            {
                "patient_id": cls.stranger.id,
                "practitioner_id": colleague.id,
                "complaint": "Secret",
            }
        )
        cls.record.write({"state": "signed", "signed_on": NOW})
        cls.visit = cls.book(cls.tuesday(9))
        cls.ill = cls.env["clinic.condition"].create({"code": "J00.9", "name": "Cold"})
        cls.env.flush_all()

    def reads(self, user=None):
        """Whether the user may read what a colleague wrote about the stranger."""
        self.env.invalidate_all()
        return self.record.with_user(user or self.doctor).has_access("read")

    def book_stranger(self, user):
        return (
            self.env["clinic.appointment"]
            .with_user(user)
            .create(
                {
                    "patient_id": self.stranger.id,
                    "practitioner_id": self.anna.id,
                    "service_id": self.service.id,
                    "location_id": self.rome.id,
                    "start": self.tuesday(11),
                }
            )
        )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_a_visit_is_not_turned_to_a_stranger(self):
        """A practitioner who sets the patient of an own visit is refused, by each
        way of writing; nothing is read and nothing changes."""
        self.assertFalse(self.reads())
        mine = self.visit.with_user(self.doctor)
        for method, arguments in (
            ("write", [mine.ids, {"patient_id": self.stranger.id}]),
            ("web_save", [mine.ids, {"patient_id": self.stranger.id}, {}]),
            ("action_change_patient", [mine.ids, self.stranger.id, "Because"]),
        ):
            with self.subTest(method), self.assertRaises(AccessError):
                call_kw(mine, method, arguments, {})
        with self.assertRaises(AccessError):
            mine.with_context(clinic_step="ours").patient_id = self.stranger
        self.assertEqual(self.visit.patient_id, self.patient)
        self.assertFalse(self.reads())

    def test_the_desk_changes_it_and_the_history_tells(self):
        """With a reason; the event holds who was before and who is now."""
        visit = self.visit.with_user(self.desk)
        with self.assertRaises(UserError):
            visit.action_change_patient(self.stranger.id, "  ")
        call_kw(
            visit,
            "action_change_patient",
            [visit.ids, self.stranger.id, "Wrong sister"],
            {},
        )
        event = self.visit.event_ids.sorted("id")[-1]
        self.assertEqual(
            (event.kind, event.old_patient_id, event.new_patient_id, event.reason),
            ("patient", self.patient, self.stranger, "Wrong sister"),
        )
        self.assertEqual(event.user_id, self.desk)
        self.assertTrue(self.reads(), "booked with the doctor by the desk")
        with self.during(self.visit):
            self.visit.sudo().state = "arrived"
        with self.assertRaises(UserError):
            visit.action_change_patient(self.patient.id, "Too late")

    def test_booked_by_others_or_here(self):
        """A doctor prepares for who is booked by others; who books with oneself
        reads once the patient has arrived."""
        self.anna.user_id = self.solo
        visit = self.book_stranger(self.solo)
        self.assertFalse(self.reads(self.solo))
        with self.during(visit):
            visit.sudo().with_user(self.desk).action_arrive()
        self.assertTrue(self.reads(self.solo))
        visit.with_user(self.desk).action_back_to_booked()
        self.assertFalse(self.reads(self.solo))
        self.anna.user_id = self.doctor
        visit.with_user(self.desk)._cancel("Called")
        self.assertFalse(self.reads())
        self.book_stranger(self.desk)
        self.assertTrue(self.reads())

    def test_a_cancellation_taken_back_opens_nothing(self):
        """A practitioner who revives an old visit has not been given a patient."""
        visit = self.book_stranger(self.desk)
        visit._cancel("Called")
        self.assertFalse(self.reads())
        visit.with_user(self.doctor).action_back_to_booked()
        self.assertFalse(self.reads())
        visit._cancel("Called")
        visit.with_user(self.desk).action_back_to_booked()
        self.assertTrue(self.reads())

    def write_encounter(self, patient=None, user=None):
        return (
            self.env["clinic.encounter"]
            .with_user(user or self.doctor)
            .create(
                {
                    "patient_id": (patient or self.stranger).id,
                    "complaint": "Cough",
                    "plan": "Rest",
                    "diagnosis_ids": [Command.create({"condition_id": self.ill.id})],
                }
            )
        )

    def test_own_encounter_of_a_stranger_opens_nothing(self):
        """Who does not treat somebody writes no encounter and reads none; after an
        emergency access both, and the access log tells who wrote."""
        with self.assertRaisesRegex(AccessError, "emergency"):
            self.write_encounter()
        mine = self.write_encounter(self.patient)
        for vals in ({"patient_id": self.stranger.id},):
            with (
                self.assertRaisesRegex(AccessError, "emergency"),
                self.cr.savepoint(),
            ):
                call_kw(mine, "web_save", [mine.ids, vals, {}], {})
        self.assertEqual(mine.patient_id, self.patient)
        visit = self.book_stranger(self.desk)
        begun = self.write_encounter()
        visit._cancel("Called")
        with self.assertRaisesRegex(AccessError, "emergency"):
            begun.action_sign()
        self.assertFalse(self.reads())
        self.stranger.with_user(self.doctor).action_emergency_access(
            "Collapsed at the entrance"
        )
        begun.action_sign()
        self.env.cr.execute(
            "UPDATE clinic_emergency_access SET last_day = last_day - 1"
        )
        self.assertTrue(self.reads(), "treated from now on")
        self.assertTrue(self.write_encounter())
        self.assertIn(
            self.doctor,
            self.env["clinic.access.log"]
            .search(
                [
                    ("patient_id", "=", self.stranger.id),
                    ("action", "=", "encounter"),
                ]
            )
            .user_id,
        )

    def test_who_received_oneself_has_no_patient(self):
        """A practitioner who revives a visit and says that the patient came reads
        nothing; the word of the desk, before or at the door, is needed."""
        visit = self.book_stranger(self.desk)
        visit._cancel("Called")
        mine = visit.with_user(self.doctor)
        mine.action_back_to_booked()
        with self.during(visit):
            for step in ("action_arrive", "action_in_room", "action_done"):
                getattr(mine, step)()
                self.assertFalse(self.reads(), step)
                with self.assertRaisesRegex(AccessError, "emergency"):
                    self.write_encounter()
            with self.assertRaises(AccessError):
                mine.write({"arrived_by_id": self.desk.id})
            visit.with_user(self.desk).action_in_room()
            self.assertFalse(self.reads(), "a step back is no word about who came")
        visit = self.book(self.tuesday(10), patient_id=self.stranger.id)
        with self.during(visit):
            visit.with_user(self.doctor).action_arrive()
            self.assertTrue(self.reads(), "booked by the desk, seen in by the doctor")

    def test_in_an_emergency(self):
        """With a reason, for today, in the log, and the chief doctor is told."""
        card = self.stranger.with_user(self.doctor)
        with self.assertRaises(UserError):
            card.action_emergency_access("now")
        with self.assertRaises(AccessError):
            self.stranger.with_user(self.desk).action_emergency_access("I am curious")
        self.assertFalse(self.reads())
        card.action_emergency_access("Unconscious in the waiting room")
        self.assertTrue(self.reads())
        self.assertFalse(self.record.with_user(self.doctor).has_access("write"))
        access = self.env["clinic.emergency.access"].search(
            [("patient_id", "=", self.stranger.id)]
        )
        self.assertEqual(access.user_id, self.doctor)
        line = self.env["clinic.access.log"].search(
            [("patient_id", "=", self.stranger.id), ("action", "=", "emergency")]
        )
        self.assertEqual((line.user_id, line.detail), (self.doctor, str(access.id)))
        told = self.env["mail.message"].search(
            [("model", "=", access._name), ("res_id", "=", access.id)]
        )
        self.assertIn(self.chief.partner_id, told.notified_partner_ids)
        self.assertNotIn("Ignoto", str(told.mapped("body")))
        for vals in ({"reason": "other"}, {"last_day": "2030-01-01"}):
            with self.assertRaises(AccessError):
                access.with_user(self.doctor).write(vals)
        with self.assertRaises(AccessError):
            access.with_user(self.doctor).create(
                {"patient_id": self.patient.id, "reason": "forged for ever"}
            )
        self.env.cr.execute(
            "UPDATE clinic_emergency_access SET last_day = last_day - 1"
        )
        self.assertFalse(self.reads(), "only until midnight")
