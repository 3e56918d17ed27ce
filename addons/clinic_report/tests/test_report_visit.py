from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_agenda.tests.common import AgendaCommon


@tagged("post_install", "-at_install")
class TestReportOfPractitioner(AgendaCommon):
    """Doctors see the reports they made and those of the patients they treat."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        role = "clinic_patient.group_clinic_practitioner"
        cls.anna.user_id = new_test_user(cls.env, "anna_doctor", groups=role)
        cls.bruno.user_id = new_test_user(cls.env, "bruno_doctor", groups=role)
        cls.report = cls.env["clinic.diagnostic.report"].create(
            {
                "patient_id": cls.patient.id,
                "kind_id": cls.env["clinic.report.kind"].create({"name": "Blood"}).id,
            }
        )
        cls.report._add_version("a.pdf", b"%PDF-1.4 a")
        cls.env["clinic.report.access"]._log("upload", cls.report)

    def readers(self):
        """Which of the two doctors read the report, its files and its log."""
        self.env.flush_all()
        self.env.invalidate_all()
        found = []
        for doctor in (self.anna, self.bruno):
            answers = set()
            for records in (
                self.report,
                self.report.version_ids,
                self.report.access_ids,
            ):
                try:
                    records.with_user(doctor.user_id).read(["id"])
                    answers.add(True)
                except AccessError:
                    answers.add(False)
            self.assertEqual(len(answers), 1, "report, files and log go together")
            found += [doctor] if answers.pop() else []
        return found

    def test_who_treats_the_patient(self):
        """REP-01: with the first visit a doctor sees the patient's reports."""
        self.assertEqual(self.readers(), [])
        visit = self.book(self.tuesday(9))
        self.assertEqual(self.readers(), [self.anna])
        visit._cancel("Ill", by="patient")
        self.assertEqual(self.readers(), [])

    def test_performer(self):
        """REP-01: who made a report sees it."""
        self.report.performer_id = self.bruno
        self.assertEqual(self.readers(), [self.bruno])
