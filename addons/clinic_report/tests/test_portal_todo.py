import re
from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_patient.tests.test_contact_trust import ContactCommon
from odoo.addons.clinic_patient.tests.test_portal_home import PortalCommon

from .report_common import ReportCommon


@tagged("post_install", "-at_install")
class TestReportToDo(ReportCommon, PortalCommon):
    """The first page of the portal: reports to read, for whom one looks."""

    def todo(self):
        self.env.invalidate_all()
        return re.findall(r'href="(/my/reports/\d+)"', self.url_open("/my").text)

    def test_pages_are_not_kept(self):
        """PRT-01: no browser or worker keeps the list; without a log-in there is
        nothing but the way to it."""
        answer = self.url_open("/my/reports")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.authenticate(None, None)
        answer = self.url_open("/my/reports", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/login", answer.headers["Location"])

    def test_back_to_the_list(self):
        """Whoever chooses one of the family comes back to the reports."""
        answer = self.post("/my/family/choose", patient="", back="/my/reports")
        self.assertEqual(answer.headers["Location"], "/my/reports")

    def test_todo_and_family(self):
        """PRT-01: the page says what to do, for oneself and the family, or for one."""
        own, wards = self.report(), self.report(self.child)
        links = {r: f"/my/reports/{r.id}" for r in (own, wards)}
        self.assertEqual(set(self.todo()), set(links.values()))
        answer = self.post("/my/family/choose", patient=self.child.id)
        self.assertEqual(answer.headers["Location"], "/my")
        self.assertEqual(self.todo(), [links[wards]])
        self.assertNotIn(links[own], self.url_open("/my/reports").text)
        self.post("/my/family/choose", patient="")
        self.assertEqual(len(self.todo()), 2)
        wards._was_read()
        version = wards.current_version_id
        log = self.env["clinic.report.access"].with_user(self.login)
        log._log("load", wards.sudo(), version.sudo())
        self.assertEqual(self.todo(), [links[own]], "what I read is done")

    def test_choice_is_checked_each_time(self):
        """S1: a stranger cannot be chosen, and a choice ends with the right."""
        self.report(self.stranger)
        self.report(self.child)
        self.post("/my/family/choose", patient=self.stranger.id)
        self.assertNotIn("Carla", self.url_open("/my").text)
        self.assertEqual(len(self.todo()), 1)
        self.post("/my/family/choose", patient=self.child.id)
        self.end_relation()
        page = self.url_open("/my").text
        self.assertNotIn("Luca", page)
        self.assertFalse(self.todo())


@tagged("post_install", "-at_install", "slow")
class TestReportCode(ContactCommon, ReportCommon):
    """Codes that open reports go to numbers that are known for a while."""

    def test_own_number_gets_no_report_code(self):
        """S3: a number added in the portal opens no report before a day has passed."""
        self.env["ir.config_parameter"].set_param("clinic_report.report_code", "1")
        report = self.report()
        thief = self.add_phone("+39 340 1112223")
        self.assertIn("223", self.mails("anna@example.com"))
        self.post(f"/my/data/phone/{thief.id}/prefer")
        self.post(f"/my/reports/{report.id}/code")
        self.assertEqual(self.last_sms().number, "+393331234567", "the number before")
        old = self.anna.phone_ids - thief
        self.post(f"/my/data/phone/{old.id}/remove")
        self.env.invalidate_all()
        self.assertEqual(self.anna.phone_ids, thief)
        self.assertEqual(self.post(f"/my/reports/{report.id}/code").status_code, 409)
        self.assertNotEqual(self.last_sms().number, "+393401112223")
        thief.codes_from = clock.now() - timedelta(minutes=1)
        self.post(f"/my/reports/{report.id}/code")
        self.assertEqual(self.last_sms().number, "+393401112223")
