import base64
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.file_common import pdf

from .report_common import ReportCommon


@tagged("post_install", "-at_install")
class TestReportUpload(ReportCommon):
    """Files that staff upload, and whose they are."""

    def upload(self, files, **vals):
        Attachment = self.env["ir.attachment"].with_user(self.desk)
        wizard = (
            self.env["clinic.report.upload"]
            .with_user(self.desk)
            .create(
                {
                    "kind_id": self.kind.id,
                    "file_ids": [
                        Command.link(
                            Attachment.create(
                                {
                                    "name": name,
                                    "datas": base64.b64encode(content),
                                    "res_model": "clinic.report.upload",
                                }
                            ).id
                        )
                        for name, content in files.items()
                    ],
                    **vals,
                }
            )
        )
        wizard.action_read()
        return wizard

    def test_proposals(self):
        """REP-01: the tax code or card number in a name proposes the patient."""
        verdi = self.patient(**{**self.verdi_vals(), "card_number": "A-17"})
        rossi = self.patient("Rossi", "Carla", card_number="4711")
        code = verdi.tax_code
        wizard = self.upload(
            {
                f"blood {code}.pdf": pdf("1"),
                "4711_xray.pdf": pdf("2"),
                f"{code}-4711.pdf": pdf("3"),
                "Verdi Anna.pdf": pdf("4"),
                "a-17.pdf": pdf("5"),
            }
        )
        found = {line.name: line.patient_id for line in wizard.line_ids}
        self.assertEqual(
            found,
            {
                f"blood {code}.pdf": verdi,
                "4711_xray.pdf": rossi,
                f"{code}-4711.pdf": self.Partner,
                "Verdi Anna.pdf": self.Partner,
                "a-17.pdf": verdi,
            },
        )
        self.assertFalse(self.env["clinic.diagnostic.report"].search([]))
        with self.assertRaises(UserError):
            wizard.action_upload()

    def test_several_at_once(self):
        """REP-01: several files become reports; a bad one is said and left out."""
        files = {"1.pdf": pdf("1"), "2.png": b"no picture", "3.pdf": pdf("3")}
        wizard = self.upload(files, patient_id=self.anna.id)
        temporary = wizard.file_ids
        bad = wizard.line_ids.filtered("problem")
        self.assertEqual(bad.name, "2.png")
        wizard.action_upload()
        reports = self.env["clinic.diagnostic.report"].search([])
        self.assertEqual(reports.patient_id, self.anna)
        self.assertEqual(len(reports), 2)
        self.assertEqual(set(reports.mapped("delivery")), {"ready"})
        self.assertEqual(len(temporary.exists()), 1, "only the bad file is left")
        failure = self.env["clinic.report.access"].search([("outcome", "=", "refused")])
        self.assertEqual((failure.file_name, failure.reason), ("2.png", "bad_file"))
        self.assertEqual(failure.user_id, self.desk)

    def test_replace(self):
        """REP-02: the corrected file replaces the old one, on the same report."""
        report = self.report()
        self.upload({"new.pdf": pdf("New")}, report_id=report.id)
        self.assertEqual((report.status, report.version_count), ("amended", 2))
        self.upload({"new.html": b"<html>"}, report_id=report.id)
        self.assertEqual(report.version_count, 2)

    def test_files_of_something_else_stay(self):
        """S1: a file that hangs on another record is not removed by an upload."""
        file = self.env["ir.attachment"].create(
            {
                "name": "card.pdf",
                "raw": pdf("Other"),
                "res_model": "res.partner",
                "res_id": self.anna.id,
            }
        )
        wizard = self.upload({"1.pdf": pdf("1")}, patient_id=self.anna.id)
        wizard.file_ids = [Command.link(file.id)]
        wizard.action_read()
        wizard.action_upload()
        self.assertTrue(file.exists())

    def test_left_files_are_removed(self):
        """Files that were chosen and never uploaded do not lie about."""
        wizard = self.upload({"1.pdf": pdf()})
        file = wizard.file_ids
        with freeze_time(datetime.now() + timedelta(days=2)):
            wizard._gc_files()
        self.assertFalse(file.exists())
