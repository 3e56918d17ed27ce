import re
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_patient.tests.file_common import pdf

from .report_common import ReportCommon

LINK = re.compile(r"/my/reports/file/([\w-]+)")


@tagged("post_install", "-at_install", "slow")
class TestReportPortal(ReportCommon, HttpCase):
    """Reports in the portal: owner, guardian, ex-guardian, stranger, anonymous."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.child = cls.patient("Verdi", "Luca", birth_date=date(2020, 1, 1))
        cls.former = cls.patient("Bruni", "Piero")
        cls.stranger = cls.patient("Rossi", "Carla")
        cls.relate(cls.child, cls.anna)
        cls.relate(
            cls.child,
            cls.former,
            date_start=fields.Date.today() - timedelta(days=30),
            date_end=fields.Date.today() - timedelta(days=2),
        )
        for login, partner in (
            ("anna", cls.anna),
            ("former", cls.former),
            ("stranger", cls.stranger),
        ):
            cls.env["res.users"].create(
                {
                    "login": login,
                    "password": login,
                    "partner_id": partner.id,
                    "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
                }
            )
        cls.own = cls.report()
        cls.wards = cls.report(cls.child)

    def sign_in(self, login):
        self.authenticate(None, None)
        if login:
            self.authenticate(login, login)

    def post(self, address, **data):
        data["csrf_token"] = Request.csrf_token(self)
        return self.url_open(address, data=data, allow_redirects=False)

    def link(self, report, how="read"):
        """The address that the form of a report leads to."""
        answer = self.post(f"/my/reports/{report.id}/open", how=how)
        self.assertEqual(answer.status_code, 303)
        return answer.headers["Location"]

    def file_address(self, report):
        page = self.url_open(self.link(report))
        return LINK.search(page.text)[0]

    def test_read_and_download(self):
        """REP-01, S3: patient and guardian find, read and download; each is logged."""
        self.sign_in("anna")
        page = self.url_open("/my/reports")
        self.assertEqual(page.text.count(">New<"), 2)
        for report in (self.own, self.wards):
            address = self.file_address(report)
            self.assertGreaterEqual(len(address.split("/")[-1]), 43, "256 bits")
            answer = self.url_open(address)
            self.assertEqual(answer.content, pdf())
            self.assertEqual(answer.headers["Content-Type"], "application/pdf")
            self.assertEqual(answer.headers["Cache-Control"], "no-store")
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
            self.assertTrue(answer.headers["Content-Disposition"].startswith("inline"))
            answer = self.url_open(f"{address}?download=1")
            self.assertTrue(
                answer.headers["Content-Disposition"].startswith("attachment")
            )
            self.assertEqual(report.delivery, "read")
            rows = report.access_ids
            self.assertEqual(rows.mapped("action"), ["download", "load", "view"])
            self.assertEqual(rows.partner_id, self.anna)
            self.assertEqual(set(rows.mapped("network")), {"127.0.0.0/24"})
        self.assertNotIn(">New<", self.url_open("/my/reports").text)
        self.assertIn("downloaded", self.url_open(f"/my/reports/{self.own.id}").text)

    def test_looking_changes_nothing(self):
        """S12: lists and pages do not make a report a read one."""
        self.sign_in("anna")
        self.link(self.own)
        for address in ("/my", "/my/reports", f"/my/reports/{self.own.id}"):
            self.assertEqual(self.url_open(address).status_code, 200)
        self.assertEqual(self.own.delivery, "ready")
        self.assertFalse(self.own.access_ids)

    def test_nobody_else(self):
        """S1, S3: ex-guardian, stranger and anonymous get nothing, also with a link."""
        self.sign_in("anna")
        links = [self.link(self.own), self.file_address(self.wards)]
        before = (self.own | self.wards).access_ids
        for login in ("former", "stranger", None):
            self.sign_in(login)
            for address in (
                f"/my/reports/{self.own.id}",
                f"/my/reports/{self.wards.id}",
                f"/clinic/report/{self.own.current_version_id.id}",
                *links,
            ):
                with self.subTest(login=login, address=address):
                    answer = self.url_open(address, allow_redirects=False)
                    self.assertEqual(answer.status_code, 404 if login else 303)
            for step in ("open", "code"):
                answer = self.post(f"/my/reports/{self.wards.id}/{step}")
                self.assertEqual(answer.status_code, 404 if login else 303)
            if login:
                self.assertNotIn("Blood test", self.url_open("/my/reports").text)
        self.env.invalidate_all()
        self.assertEqual((self.own | self.wards).access_ids, before)

    def test_five_times(self):
        """S3: a link works five times; the sixth is told how to get another."""
        self.sign_in("anna")
        address = self.file_address(self.own)
        for _time in range(5):
            self.assertEqual(self.url_open(address).status_code, 200)
        answer = self.url_open(address)
        self.assertEqual(answer.status_code, 410)
        self.assertIn(f"/my/reports/{self.own.id}", answer.text)
        refused = self.own.access_ids.filtered(lambda row: row.outcome == "refused")
        self.assertEqual(refused.reason, "used_up")

    def test_quarter_of_an_hour(self):
        """S3: after fifteen minutes a link opens nothing and says so."""
        self.sign_in("anna")
        address, page = self.file_address(self.own), self.link(self.own)
        links = self.env["clinic.report.link"].search([])
        self.assertTrue(
            all(
                link.expires_at <= fields.Datetime.now() + timedelta(minutes=15)
                for link in links
            )
        )
        links.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        for ended in (address, page):
            self.assertEqual(self.url_open(ended).status_code, 410)
        refused = self.own.access_ids.filtered("reason")
        self.assertEqual(refused.mapped("reason"), ["expired", "expired"])

    def test_link_of_what_is_gone(self):
        """S3, S16: withdrawn, replaced, or no longer the guardian's: no link helps."""
        self.sign_in("anna")
        address = self.file_address(self.own)
        self.own._withdraw("Wrong sample")
        self.env.flush_all()
        self.assertEqual(self.url_open(address).status_code, 410)
        self.own.action_make_available()
        address = self.file_address(self.own)
        self.own._add_version("new.pdf", pdf("Corrected"))
        self.env.flush_all()
        self.assertEqual(self.url_open(address).status_code, 410)
        address = self.file_address(self.wards)
        self.child.relationship_ids.write(
            {
                "date_start": fields.Date.today() - timedelta(days=9),
                "date_end": fields.Date.today() - timedelta(days=2),
            }
        )
        self.env.flush_all()
        answer = self.url_open(address)
        self.assertEqual(answer.status_code, 410)
        self.assertNotIn("Blood test", answer.text)

    def test_only_hashes_are_stored(self):
        """S3, S15: the secret of a link stands nowhere in the database."""
        self.sign_in("anna")
        token = self.file_address(self.own).split("/")[-1]
        self.env.cr.execute("SELECT to_jsonb(l)::text FROM clinic_report_link l")
        self.assertNotIn(token, str(self.env.cr.fetchall()))

    def test_damaged_is_told_and_listed(self):
        """REP-02: a file that cannot be given out is said and stands on the panel."""
        self.sign_in("anna")
        address = self.file_address(self.own)
        self.own.current_version_id.sudo().sha256 = "0" * 64
        manager = self.user("manager")
        self.env.flush_all()
        for _time in range(2):
            with self.assertLogs("odoo.addons.clinic_report", "WARNING"):
                answer = self.url_open(address)
        self.assertEqual(answer.status_code, 410)
        self.assertIn("damaged", answer.text)
        self.assertEqual(self.own.access_ids[:1].reason, "damaged")
        self.assertEqual(self.own.delivery, "ready", "nobody has read it")
        told = self.own.activity_ids.filtered(lambda each: "damaged" in each.summary)
        self.assertIn(self.own.doctor_id or self.own.create_uid, told.user_id)
        self.assertEqual(len(told.filtered(lambda each: each.user_id == manager)), 1)

    def test_code_by_sms(self):
        """S3: where the clinic wants it, a code is asked for before the first file."""
        self.env["ir.config_parameter"].set_param("clinic_report.report_code", "1")
        self.sign_in("anna")
        page = f"/my/reports/{self.own.id}"
        self.assertIn("ends", self.url_open(page).text)
        self.assertEqual(self.post(f"{page}/open").status_code, 409)
        self.post(f"{page}/code")
        sms = self.env["sms.sms"].search([], order="id desc", limit=1)
        self.assertEqual(sms.number, "+393331234567")
        code = re.search(r"\b\d{6}\b", sms.body)[0]
        wrong = f"{(int(code) + 1) % 10**6:06}"
        self.assertEqual(self.post(f"{page}/code", code=wrong).status_code, 409)
        self.assertEqual(self.own.access_ids[0].reason, "code")
        self.assertEqual(self.post(f"{page}/code", code=code).status_code, 303)
        self.assertEqual(self.url_open(self.file_address(self.own)).content, pdf())
        with freeze_time(fields.Datetime.now() + timedelta(minutes=16)):
            self.assertEqual(self.post(f"{page}/open").status_code, 409)

    def test_staff_open_and_are_logged(self):
        """REP-01: doctors open files of their own reports, and it is written down."""
        version = self.own.current_version_id
        address = f"/clinic/report/{version.id}"
        for user, status in (
            (self.doctor, 200),
            (self.desk, 404),
            (self.other_doctor, 404),
            (self.user("manager"), 200),
        ):
            self.sign_in(user.login)
            with self.subTest(user.login):
                self.assertEqual(self.url_open(address).status_code, status)
        self.assertEqual(len(self.own.access_ids), 2)
        self.assertEqual(self.own.delivery, "ready", "staff reading is not the patient")
        self.sign_in("anna")
        self.assertIn("our staff", self.url_open(f"/my/reports/{self.own.id}").text)
