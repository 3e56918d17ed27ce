"""Dates of the suite on pages and papers: in words, in the reader's language."""

from datetime import date, datetime

from lxml import html

from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.spoken_common import FIGURES, LANGUAGES, words_of

from .care_plan_common import CarePlanCommon
from .test_signature import PortalCommon

#: The first of December 2027 as each language writes it.
DAYS = {
    "en_US": "Wednesday 1 December 2027",
    "it_IT": "mercoledì 1 dicembre 2027",
    "ru_RU": "среда, 1 декабря 2027 г.",
    "tr_TR": "1 Aralık 2027 Çarşamba",
    "zh_CN": "2027年12月1日 星期三",
}
PAGES = (
    "/my",
    "/my/care-plans",
    "/my/care-plans/{plan}",
    "/my/documents",
    "/my/documents/{document}",
    "/my/consents",
    "/my/access-log",
    "/my/data",
    "/my/family",
)


class DatesCommon(CarePlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in LANGUAGES:
            cls.env["res.lang"]._activate_lang(code)
        child = cls.patient("Verdi", "Luca", birth_date="2018-01-02")
        cls.relate(child, cls.anna, date_start="2020-01-02", date_end="2027-12-01")
        cls.anna.birth_date = date(1980, 3, 12)
        plan = cls.draft(cls, valid_until=date(2027, 12, 1), diagnosis="Caries")
        plan.action_submit()
        plan.with_user(cls.chief).action_approve()
        plan.action_present()
        cls.env["clinic.care.plan.instalments"].create(
            {"plan_id": plan.id, "count": 2, "first_date": "2027-12-01"}
        ).action_split()
        plan.action_sign_at_desk()
        template = cls.env.ref("clinic_patient.document_template_privacy")
        document = cls.env["clinic.document"]._issue(template, cls.anna)
        document.action_signed_on_paper()
        cls.env["clinic.consent"]._decide(cls.anna, "marketing", "given", "paper")
        cls.shown = {
            "plan": plan,
            "document": document,
        }


@tagged("post_install", "-at_install", "slow")
class TestSpokenDates(DatesCommon, PortalCommon):
    """Five languages; no date that can be read the wrong way round."""

    def test_pages(self):
        """Every page of the portal that shows a day."""
        website = self.env["website"].search([], limit=1)
        website.language_ids = self.env["res.lang"].search([("code", "in", LANGUAGES)])
        ids = {name: record.id for name, record in self.shown.items()}
        self.assertEqual(self.url_open("/my/access-log").status_code, 200)
        for code in LANGUAGES:
            prefix = self.env["res.lang"]._lang_get(code).url_code
            texts = {}
            for path in PAGES:
                url = f"/{prefix}{path.format(**ids)}"
                if code == website.default_lang_id.code:
                    url = path.format(**ids)
                texts[path] = words_of(self.page(url))
                with self.subTest(code, page=path):
                    self.assertEqual(FIGURES.findall(texts[path]), [])
            with self.subTest(code):
                self.assertIn(DAYS[code], texts["/my/care-plans/{plan}"])

    def test_papers(self):
        """Plan and document as they are printed."""
        for code in LANGUAGES:
            self.anna.lang = code
            for report, name in (
                ("clinic_care_plan.report_care_plan", "plan"),
                ("clinic_patient.report_document", "document"),
            ):
                printing = self.env["ir.actions.report"].with_context(lang=code)
                content = printing._render_qweb_html(report, self.shown[name].ids)[0]
                words = words_of(html.fromstring(content))
                with self.subTest(code, paper=name):
                    self.assertEqual(FIGURES.findall(words), [])
                    if name == "plan":
                        self.assertIn(DAYS[code], words)

    def test_hour_and_zone(self):
        """An hour is that of the clinic, and says its zone."""
        self.env.company.partner_id.tz = "Europe/Rome"
        spoken = self.env["res.partner"]._spoken_time(datetime(2027, 11, 30, 23, 30))
        self.assertEqual(spoken, "Wednesday 1 December 2027, 00:30 (CET)")
