from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .report_common import ReportCommon


@tagged("post_install", "-at_install")
class TestReportAccess(ReportCommon):
    """Who sees what, and until when."""

    def test_roles(self):
        """REP-01: desk sees how far it came, doctors what it says, others nothing."""
        report = self.report()
        report.sudo().conclusion = "All values are fine"
        self.assertEqual(
            report.with_user(self.desk).read(["delivery"])[0]["id"], report.id
        )
        own = report.with_user(self.doctor)
        self.assertEqual(own.conclusion, "All values are fine")
        for role in ("manager", "chief_doctor", "administrator"):
            self.assertEqual(
                report.with_user(self.user(role)).conclusion, "All values are fine"
            )
        with self.assertRaises(AccessError):
            report.with_user(self.desk).read(["conclusion"])
        closed = [self.other_doctor, self.portal_user(self.anna), self.user()]
        closed += [
            self.user(role)
            for role in (
                "operator",
                "supervisor",
                "marketing",
                "cashier",
                "client_representative",
            )
        ]
        with mute_logger("odoo.addons.base.models.ir_rule"):
            for user in closed:
                for record in (report, report.version_ids, report.sudo().access_ids):
                    if not record:
                        continue
                    with self.subTest(user=user.login, model=record._name):
                        with self.assertRaises(AccessError):
                            record.with_user(user).read(["id"])

    def test_no_way_to_the_file(self):
        """S3: the stored file opens by its link only, for no role in another way."""
        report = self.report()
        version = report.version_ids
        file = self.env["ir.attachment"].search(
            [
                ("res_model", "=", version._name),
                ("res_id", "=", version.id),
                ("res_field", "=", "content"),
            ]
        )
        self.assertTrue(file)
        for user in (self.desk, self.doctor, self.user("administrator")):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    version.with_user(user).read(["content"])
                with self.assertRaises(AccessError):
                    file.with_user(user).read(["raw"])
        with self.assertRaises(AccessError):
            report.with_user(self.desk).action_open_file()
        self.assertIn(
            str(version.id), report.with_user(self.doctor).action_open_file()["url"]
        )

    def test_log_is_append_only(self):
        """S3: nobody changes or removes what stands in the log of accesses."""
        row = self.env["clinic.report.access"]._log("view", self.report())
        for user in (self.desk, self.doctor, self.user("administrator")):
            log = row.with_user(user)
            for change in (
                lambda log=log: log.write({"outcome": "done"}),
                log.unlink,
                lambda log=log: log.create({"action": "view"}),
            ):
                with self.assertRaises(AccessError):
                    change()
        with freeze_time(fields.Datetime.now() + timedelta(days=700)):
            row._gc_old()
            self.assertTrue(row.exists())
        with freeze_time(fields.Datetime.now() + timedelta(days=800)):
            row._gc_old()
            self.assertFalse(row.exists())

    def test_two_companies(self):
        """REP-01: staff see the reports of their own company only."""
        report = self.report()
        other = self.env["res.company"].create({"name": "Other clinic"})
        report.sudo().company_id = other
        found = self.env["clinic.diagnostic.report"].with_user(self.desk)
        self.assertFalse(found.search([]))

    def test_birthdays(self):
        """S16: at 14 the mother sees sensitive ones no more, at 18 nothing; on the
        clinic's clock, whatever zone she is in, and from the first minute."""
        child = self.patient("Verdi", "Luca", birth_date=date(2012, 7, 10))
        with freeze_time("2026-07-01 10:00:00"):
            self.relate(child, self.anna)
            plain = self.report(child)
            sensitive = self.report(child, self.sensitive)
            (plain | sensitive).sudo().online_until = "2040-01-01"
        # Midnight in Rome, in summer, is 22:00 UTC of the day before.
        for moment, expected in (
            ("2026-07-09 21:59:59", plain | sensitive),
            ("2026-07-09 22:00:01", plain),
            ("2030-07-09 21:59:59", plain),
            ("2030-07-09 22:00:01", self.env["clinic.diagnostic.report"]),
        ):
            for zone in ("Europe/Rome", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
                with self.subTest(moment, zone=zone), freeze_time(moment):
                    self.env.invalidate_all()
                    reports = plain.sudo().with_context(tz=zone)
                    self.assertEqual(reports._search_readable(self.anna), expected)
                    self.assertEqual(reports._search_readable(child), plain | sensitive)
                    wards = self.anna.with_context(tz=zone)._clinic_patients_for("read")
                    self.assertEqual(child in wards, moment < "2030-07-09 22")

    def test_sensitive_without_birth_date(self):
        """S16: when the age is not known, guardians do not see what is sensitive."""
        child = self.patient("Verdi", "Luca")
        self.relate(child, self.anna)
        plain = self.report(child)
        sensitive = self.report(child, self.sensitive)
        self.assertEqual(self.readable(self.anna), plain)
        self.assertEqual(self.readable(child), plain | sensitive)
        child.birth_date = date(2020, 1, 1)
        self.assertEqual(self.readable(self.anna), plain | sensitive)

    def test_ex_guardian_and_bookers(self):
        """S1: who may only book, or once could read, sees no report."""
        child = self.patient("Verdi", "Luca", birth_date=date(2020, 1, 1))
        relation = self.relate(child, self.anna, can_read=False)
        report = self.report(child)
        self.assertFalse(self.readable(self.anna))
        relation.can_read = True
        self.assertEqual(self.readable(self.anna), report)
        relation.write({"date_start": "2020-02-01", "date_end": "2021-01-01"})
        self.assertFalse(self.readable(self.anna))

    def test_merge_and_back(self):
        """PAT-05: reports go with a merged card, and come back."""
        report = self.report()
        secret = self.report(kind=self.sensitive)
        own_stop = secret.guardian_stop
        double = self.patient("Verdi", "Anna Maria", birth_date=date(2012, 3, 12))
        merge = self.env["clinic.merge"]._merge(self.anna, double)
        self.env.invalidate_all()
        self.assertEqual(report.patient_id, double)
        self.assertEqual(self.readable(double), report | secret)
        self.assertEqual(secret.guardian_stop, datetime(2026, 3, 11, 23))
        merge.action_undo()
        self.env.invalidate_all()
        self.assertEqual(report.patient_id, self.anna)
        self.assertFalse(self.readable(double))
        self.assertEqual(secret.guardian_stop, own_stop)
