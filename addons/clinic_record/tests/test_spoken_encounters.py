"""Days of encounters in five languages, on pages and on paper: never in figures."""

from datetime import date

from lxml import html

from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_patient.tests.spoken_common import FIGURES, LANGUAGES, words_of

from .test_encounter import EncounterCommon


@tagged("post_install", "-at_install", "slow")
class TestSpokenEncounters(EncounterCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("clinic_record.portal_encounters", 1)
        for code in LANGUAGES:
            cls.env["res.lang"]._activate_lang(code)
        website = cls.env["website"].search([], limit=1)
        website.language_ids = cls.env["res.lang"].search([("code", "in", LANGUAGES)])
        cls.anna.birth_date = date(1980, 3, 12)
        user = cls.portal_user(cls.anna)
        user.write({"login": "spoken_anna", "password": "spoken_anna"})
        cls.encounter = cls.signed()

    def test_pages(self):
        """The list and one encounter in the portal."""
        self.authenticate("spoken_anna", "spoken_anna")
        for code in LANGUAGES:
            prefix = self.env["res.lang"]._lang_get(code).url_code
            day = (
                self.env["res.partner"]
                .with_context(lang=code)
                ._spoken_day(self.encounter.start)
            )
            for path in ("/my/encounters", f"/my/encounters/{self.encounter.id}"):
                answer = self.url_open(f"/{prefix}{path}")
                words = words_of(html.fromstring(answer.content))
                with self.subTest(code, page=path):
                    self.assertEqual(FIGURES.findall(words), [])
                    self.assertIn(day, words)

    def test_papers(self):
        """The encounter and the prescription as they are printed."""
        for code in LANGUAGES:
            self.anna.lang = code
            for report in ("report_encounter", "report_prescription"):
                content = (
                    self.env["ir.actions.report"]
                    .with_context(lang=code)
                    ._render_qweb_html(f"clinic_record.{report}", self.encounter.ids)
                )[0]
                with self.subTest(code, paper=report):
                    self.assertEqual(
                        FIGURES.findall(words_of(html.fromstring(content))), []
                    )
