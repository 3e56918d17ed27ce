"""Days of visits in five languages, on pages and in mails: never in figures."""

from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.spoken_common import FIGURES, LANGUAGES, words_of

from .common_website import WebsiteCommon


@tagged("post_install", "-at_install", "slow")
class TestSpokenVisits(WebsiteCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in LANGUAGES:
            cls.env["res.lang"]._activate_lang(code)
        cls.website = cls.env["website"].search([], limit=1)
        cls.website.language_ids = cls.env["res.lang"].search(
            [("code", "in", LANGUAGES)]
        )
        cls.maria = cls.make_patient("Bruni", "Maria", email="maria@example.com")
        cls.make_portal_user("maria", cls.maria)

    def test_pages(self):
        """Visits in the portal and the times one may choose."""
        visit = self.book(self.free(days=4)["start"], patient_id=self.maria.id)
        self.authenticate("maria", "maria")
        paths = (
            "/my",
            "/my/appointments",
            f"/my/appointments/{visit.id}",
            f"/my/appointments/{visit.id}/times",
            f"/clinic/book/times?service={self.service.id}",
        )
        for lang in self.website.language_ids:
            spoken = visit.location_id._speak_day(visit.start, lang.code)
            for path in paths:
                words = words_of(self.get(f"/{lang.url_code}{path}"))
                with self.subTest(lang.code, page=path):
                    self.assertEqual(FIGURES.findall(words), [])
                    if path.endswith(str(visit.id)):
                        self.assertIn(spoken, words)

    def test_mails(self):
        """What is written about a visit that was booked, moved and cancelled."""
        for number, code in enumerate(LANGUAGES):
            self.maria.lang = code
            visit = self.book(
                self.free(days=4 + number)["start"], patient_id=self.maria.id
            )
            mails = self.mails(("res_id", "=", visit.id))
            visit.state = "cancelled"
            mails |= self.mails(("res_id", "=", visit.id))
            with self.subTest(code):
                self.assertTrue(mails)
                for mail in mails:
                    self.assertEqual(FIGURES.findall(mail.subject + mail.body_html), [])
