"""Days of reports in the portal, in five languages: never in figures."""

from lxml import html

from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_patient.tests.spoken_common import FIGURES, LANGUAGES, words_of

from .report_common import ReportCommon


@tagged("post_install", "-at_install", "slow")
class TestSpokenReports(ReportCommon, HttpCase):
    def test_pages(self):
        """The list, and a report that was looked at."""
        for code in LANGUAGES:
            self.env["res.lang"]._activate_lang(code)
        website = self.env["website"].search([], limit=1)
        website.language_ids = self.env["res.lang"].search([("code", "in", LANGUAGES)])
        user = self.portal_user(self.anna)
        user.write({"login": "spoken_anna", "password": "spoken_anna"})
        report = self.report(effective_date="2025-12-01")
        self.authenticate("spoken_anna", "spoken_anna")
        for code in LANGUAGES:
            prefix = self.env["res.lang"]._lang_get(code).url_code
            day = (
                self.env["res.partner"]
                .with_context(lang=code)
                ._spoken_day(report.effective_date)
            )
            for path in ("/my/reports", f"/my/reports/{report.id}"):
                answer = self.url_open(f"/{prefix}{path}")
                words = words_of(html.fromstring(answer.content))
                with self.subTest(code, page=path):
                    self.assertEqual(FIGURES.findall(words), [])
                    self.assertIn(day, words)
