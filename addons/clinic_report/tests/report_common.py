from odoo.tools import SQL

from odoo.addons.clinic_patient.tests.file_common import pdf
from odoo.addons.clinic_patient.tests.people_common import PeopleCommon
from odoo.addons.mail.tests.common import mail_new_test_user


class ReportCommon(PeopleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_doctor = mail_new_test_user(
            cls.env,
            "test_other_doctor",
            groups="clinic_patient.group_clinic_practitioner",
        )
        cls.kind = cls.env["clinic.report.kind"].create(
            {"name": "Blood test", "release_policy": "at_once"}
        )
        cls.slow, cls.reviewed, cls.never, cls.sensitive = cls.kind.create(
            [
                {
                    "name": "Slow",
                    "release_policy": "after_days",
                    "release_days": 3,
                },
                {"name": "Reviewed", "release_policy": "after_review"},
                {
                    "name": "Never",
                    "release_policy": "at_once",
                    "never_online": True,
                },
                {
                    "name": "Sensitive",
                    "release_policy": "at_once",
                    "is_sensitive": True,
                },
            ]
        )

    @classmethod
    def registered(cls, patient=None, kind=None, **vals):
        """A report that waits for its file; made at the desk."""
        return (
            cls.env["clinic.diagnostic.report"]
            .with_user(cls.desk)
            .create(
                {
                    "patient_id": (patient or cls.anna).id,
                    "kind_id": (kind or cls.kind).id,
                    "doctor_id": cls.doctor.id,
                    **vals,
                }
            )
        )

    @classmethod
    def report(cls, patient=None, kind=None, words="Report", **vals):
        """A complete report with one file."""
        report = cls.registered(patient, kind, **vals)
        report._add_version("result.pdf", pdf(words))
        report.action_complete()
        return report

    def readable(self, person):
        return self.env["clinic.diagnostic.report"]._search_readable(person)

    def told(self, report):
        """How far what was told of a report came: a word for each person told."""
        outbox = self.env["clinic.outbox"]
        rows = self.env.execute_query(
            SQL(
                "SELECT word FROM (%s) AS came WHERE res_id = %s",
                outbox._came_sql("report_ready", report._name),
                report.id,
            )
        )
        return [word for (word,) in rows]

    def waiting(self, address="anna@example.com"):
        """The texts that wait to be sent to an address."""
        return self.env["clinic.outbox"]._waiting(address)
