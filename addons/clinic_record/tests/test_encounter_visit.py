from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_agenda.tests.common import AgendaCommon
from odoo.addons.clinic_patient.tests.common import group_of

GROUP = "clinic_patient.group_clinic_"


@tagged("post_install", "-at_install")
class TestEncounterOfVisit(AgendaCommon):
    """From the visit to its encounter and back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.doctor, cls.colleague = (
            new_test_user(cls.env, login, groups=f"{GROUP}practitioner")
            for login in ("anna_doctor", "bruno_doctor")
        )
        cls.anna.user_id, cls.bruno.user_id = cls.doctor, cls.colleague
        cls.condition = cls.env["clinic.condition"].create(
            {"code": "I49.99", "name": "Irregular heart"}
        )
        cls.visit = cls.book(cls.tuesday(9), patient_note="My heart stumbles")

    def encounter(self):
        action = self.visit.with_user(self.doctor).action_open_encounter()
        return (
            self.env[action["res_model"]]
            .with_user(self.doctor)
            .browse(action["res_id"])
        )

    def sign(self, encounter):
        encounter.write(
            {
                "examination": "Irregular",
                "diagnosis_ids": [Command.create({"condition_id": self.condition.id})],
            }
        )
        encounter.action_sign()

    def test_one_click(self):
        """PAT-16: a visit opens its encounter, always the same; signed, it ends it."""
        encounter = self.encounter()
        self.assertEqual(encounter.patient_id, self.visit.patient_id)
        self.assertEqual(encounter.complaint, "My heart stumbles")
        self.assertEqual(self.encounter(), encounter)
        self.sign(encounter)
        with self.during(self.visit):
            encounter.action_finish_visit()
        self.assertEqual(self.visit.state, "done")
        with self.during(self.visit):
            encounter.action_finish_visit()

    def test_one_for_a_visit(self):
        """The database keeps one encounter for a visit."""
        encounter = self.encounter()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.env["clinic.encounter"].with_user(self.doctor)._ours().create(
                {
                    "patient_id": encounter.patient_id.id,
                    "appointment_id": self.visit.id,
                }
            )

    def test_no_visit_no_encounter(self):
        """A cancelled visit has none; a colleague is told who writes."""
        self.encounter()
        chief = new_test_user(self.env, "chief", groups=f"{GROUP}chief_doctor")
        with self.assertRaisesRegex(UserError, "is writing"):
            self.visit.with_user(chief).action_open_encounter()
        other = self.book(self.tuesday(11), patient_id=self.make_patient("A", "B").id)
        other._cancel("Ill")
        with self.assertRaisesRegex(UserError, "Nobody came"):
            other.with_user(self.doctor).action_open_encounter()
        for role in ("receptionist", "manager"):
            user = new_test_user(self.env, role, groups=group_of(role))
            with self.assertRaises(AccessError):
                self.visit.with_user(user).action_open_encounter()

    def test_who_has_a_visit_reads(self):
        """PAT-16: a visit with the patient opens what colleagues signed, no more."""
        encounter = self.encounter()
        self.sign(encounter)
        seen = encounter.with_user(self.colleague)
        with self.assertRaises(AccessError):
            seen.read(["complaint"])
        self.open_week(self.bruno)
        visit = self.book(
            self.tuesday(11),
            self.bruno,
            patient_id=encounter.patient_id.id,
        )
        self.env.invalidate_all()
        self.assertTrue(seen.read(["complaint"]))
        self.assertTrue(seen.diagnosis_ids.read(["rank"]))
        with self.assertRaises(AccessError):
            seen.check_access("write")
        visit._cancel("Ill")
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            seen.read(["complaint"])

    def test_came_after_the_check_up(self):
        """PAT-13: a finished visit after the check-up counts, one before does not."""
        firm = self.env["res.partner"].create({"name": "Acme", "is_company": True})
        campaign = self.env["clinic.checkup.campaign"].create(
            {"name": "Spring", "firm_id": firm.id}
        )
        person = self.env["clinic.checkup.person"].create(
            {
                "campaign_id": campaign.id,
                "patient_id": self.visit.patient_id.id,
                "examined_on": "2026-03-02",
            }
        )
        self.assertFalse(person.came_on)
        with self.during(self.visit):
            self.visit.action_arrive()
            self.visit.action_done()
        self.env.invalidate_all()
        self.assertEqual(person.came_on, self.visit.local_day)
        self.assertEqual(campaign.came_count, 1)
        person.examined_on = "2026-03-03"
        self.env.invalidate_all()
        self.assertEqual((person.came_on, campaign.came_count), (False, 0))
