from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_agenda.tests.common import NOW, AgendaCommon
from odoo.addons.clinic_patient.tests.common import ROLES, ClinicPatientCommon
from odoo.addons.clinic_patient.tests.test_document import DocumentCommon
from odoo.addons.clinic_patient.tests.test_merge_undo import MergeCommon
from odoo.addons.clinic_patient.tests.test_segment import SegmentCommon

#: Who sees and asks for conditions: those who treat, and the manager.
SEES_CONDITIONS = {"administrator", "manager", "chief_doctor", "practitioner"}


@tagged("post_install", "-at_install")
class TestConditionsOfCard(ClinicPatientCommon):
    """Conditions on the card: who sees them, and what a merge does with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.diabetes = cls.env["clinic.condition"].create(
            {"code": "E14.99", "name": "Diabetes"}
        )
        cls.anna = cls.patient(condition_ids=[Command.set(cls.diabetes.ids)])

    def sees(self, user, records, fields):
        """Whether a user may read these fields."""
        try:
            return bool(records.with_user(user).read(fields))
        except AccessError:
            return False

    def test_on_the_card(self):
        """PAT-01: the card keeps the conditions."""
        self.anna.invalidate_recordset()
        self.assertEqual(self.anna.condition_ids.display_name, "E14.99 Diabetes")

    def test_by_role(self):
        """OPS-01: conditions are seen by those who treat, and by the manager."""
        seeing = {
            role
            for role in ROLES
            if self.sees(self.user(role), self.anna, ["condition_ids"])
        }
        self.assertEqual(seeing, SEES_CONDITIONS)

    def test_without_a_role(self):
        """OPS-01: a colleague without a role reads neither conditions nor the list."""
        plain = new_test_user(self.env, "plain", groups="base.group_user")
        self.assertFalse(self.sees(plain, self.anna, ["condition_ids"]))
        with self.assertRaises(AccessError):
            self.env["clinic.condition"].with_user(plain).search([])

    def test_merge(self):
        """PAT-04: the card that stays has the conditions of both."""
        keep = self.patient("Verdi", "Anna")
        self.anna._merge_into(keep)
        self.assertFalse(self.anna.exists())
        self.assertEqual(keep.condition_ids, self.diabetes)


@tagged("post_install", "-at_install")
class TestMergeOfConditions(MergeCommon):
    """A merge of cards with conditions can be undone."""

    def test_undone_is_as_before(self):
        """PAT-05: each card has its own conditions again."""
        keep, gone = (
            self.patient(
                "Verdi",
                "Anna",
                condition_ids=[Command.create({"code": code, "name": code})],
            )
            for code in ("E14.98", "E14.97")
        )
        before = self.database()
        merge = self.merge(gone, keep)
        self.assertEqual(len(keep.condition_ids), 2)
        merge.action_undo()
        self.assert_same_database(before)


@tagged("post_install", "-at_install")
class TestSegmentByCondition(SegmentCommon):
    """Segments that ask for diagnoses."""

    def test_by_role(self):
        """OPS-01: diagnoses are asked for by those who treat, and by the manager."""
        rule = [("condition_ids.code", "=", "E14")]
        roles = {role: self.user(role) for role in ROLES}
        doctors = self.segment(
            "Diabetes", rule, user=roles["chief_doctor"], sharing="shared"
        )
        self.assertTrue(doctors.uses_health)
        for role in ("marketing", "coordinator", "cashier"):
            with self.subTest(role):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    self.segment("Spy", rule, user=roles[role])
                with self.assertRaises(AccessError), self.cr.savepoint():
                    doctors.with_user(roles[role])._count()
        for role in ("manager", "chief_doctor", "practitioner"):
            self.assertEqual(doctors.with_user(roles[role])._count(), 0)


@tagged("post_install", "-at_install")
class TestDocumentOfRecord(DocumentCommon):
    """Papers that tell of the record."""

    def test_what_one_may_not_read_stays_a_gap(self):
        """A paper shows nobody more than the screen does."""
        self.anna.condition_ids = self.env["clinic.condition"].create(
            {"code": "Q99.8", "name": "Secret"}
        )
        paper = self.template("Medical", "<p>{{ patient.condition_ids }}</p>")
        self.assertIn("Secret", self.issue(paper, self.doctor).body)
        self.assertNotIn("Secret", self.issue(paper).body)

    def test_medical_papers_of_ones_patients(self):
        """PAT-17: who signed an encounter reads the patient's medical papers."""
        colleague = new_test_user(
            self.env, "colleague", groups="clinic_patient.group_clinic_practitioner"
        )
        medical = self.issue(self.certificate, self.doctor).with_user(colleague)
        self.assertFalse(medical._filtered_access("read"))
        encounter = self.env["clinic.encounter"].create(
            {"patient_id": self.anna.id, "practitioner_id": colleague.id}
        )
        self.env.invalidate_all()
        self.assertFalse(medical._filtered_access("read"))
        encounter.write({"state": "signed", "signed_on": NOW})
        self.env.invalidate_all()
        self.assertTrue(medical._filtered_access("read"))


@tagged("post_install", "-at_install")
class TestNoEncounterByVisit(AgendaCommon):
    """Values of a visit reach no medical record."""

    def test_no_command_reaches_an_encounter(self):
        """Who books cannot write an encounter by the values of the visit."""
        self.open_week(self.anna)
        operator = new_test_user(
            self.env, "operator", groups="clinic_patient.group_clinic_operator"
        )
        vals = {
            "patient_id": self.patient.id,
            "practitioner_id": self.anna.id,
            "service_id": self.service.id,
            "location_id": self.rome.id,
            "start": self.tuesday(11),
            "encounter_ids": [Command.create({"patient_id": self.patient.id})],
        }
        visits = self.env(user=operator)["clinic.appointment"]
        with self.assertRaises(AccessError), self.cr.savepoint():
            call_kw(visits, "create", [[vals]], {})
        del vals["encounter_ids"]
        self.assertTrue(call_kw(visits, "create", [[vals]], {}))
