import io
from datetime import date

from PIL import Image

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import ClinicPatientCommon


def pdf(words="Report"):
    """A small PDF whose text differs with ``words``."""
    body = f"BT /F1 18 Tf 40 100 Td ({words}) Tj ET"
    parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R"
        "/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        f"<</Length {len(body)}>>stream\n{body}\nendstream",
    ]
    text, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(text))
        text += f"{number} 0 obj{part}endobj\n"
    start = len(text)
    text += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n"
    text += "".join(f"{place:010} 00000 n \n" for place in places)
    text += f"trailer<</Size {len(parts) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF"
    return text.encode()


def picture(kind="PNG"):
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 200, 200)).save(buffer, kind)
    return buffer.getvalue()


class ReportCommon(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.tz = "Europe/Rome"
        cls.doctor = cls.user("practitioner")
        cls.desk = cls.user("receptionist")
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
        cls.anna = cls.patient(
            email="anna@example.com", phone="333 1234567", birth_date=date(1980, 3, 12)
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

    def mails(self, report):
        return self.env["mail.mail"].search(
            [
                ("message_type", "=", "email_outgoing"),
                ("model", "=", report._name),
                ("res_id", "=", report.id),
            ]
        )
