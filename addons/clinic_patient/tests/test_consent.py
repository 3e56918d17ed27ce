from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import ROLES, ClinicPatientCommon

RECORDS = {
    "administrator",
    "manager",
    "receptionist",
    "coordinator",
    "operator",
    "supervisor",
}


@tagged("post_install", "-at_install")
class TestConsent(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Consent = cls.env["clinic.consent"]
        cls.anna = cls.patient()
        cls.marketing = cls.env.ref("clinic_patient.clinic_consent_kind_marketing")

    def decide(self, decision="given", patient=None, code="marketing", **vals):
        return self.Consent._decide(
            patient or self.anna, code, decision, vals.pop("channel", "paper"), **vals
        )

    def test_latest_decision_holds(self):
        """PAT-10: consents have a history; other parts ask what holds now."""
        self.assertFalse(self.anna._has_consent("marketing"))
        given = self.decide()
        self.assertTrue(given.text_id, "the version that was read")
        self.assertTrue(self.anna._has_consent("marketing"))
        self.assertFalse(self.anna._has_consent("loyalty"))
        self.assertEqual(self.decide(), given, "said twice is said once")
        withdrawn = self.decide("withdrawn")
        self.assertFalse(self.anna._has_consent("marketing"))
        self.assertEqual(len(self.anna.consent_ids), 2)
        self.assertTrue(withdrawn.is_current)
        self.assertFalse(given.is_current)
        self.assertEqual(
            self.Consent.search([("is_current", "=", True)]) & self.anna.consent_ids,
            withdrawn,
        )

    def test_recorded_late(self):
        """A paper of last week that is typed in today does not undo yesterday's no."""
        week = fields.Datetime.now() - timedelta(days=7)
        self.decide("withdrawn")
        self.Consent.create(
            {"patient_id": self.anna.id, "kind_id": self.marketing.id, "date": week}
        )
        self.assertFalse(self.anna._has_consent("marketing"))

    def test_many_patients_at_once(self):
        """One statement answers for any number of patients."""
        other = self.patient("Rossi", "Carla")
        self.decide(patient=other)
        both = self.anna | other
        with self.assertQueryCount(1):
            both._with_consent("marketing")
        self.assertEqual(both._with_consent("marketing"), other)

    def test_history_is_not_rewritten(self):
        """What was decided, and the text it was about, stay as they were."""
        given = self.decide()
        with self.assertRaises(UserError):
            given.decision = "refused"
        given.note = "Sheet 12 in the folder"
        with self.assertRaisesRegex(UserError, "make a new one"):
            given.text_id.text = "<p>Everything is allowed</p>"
        with self.assertRaises(UserError):
            given.text_id.unlink()
        newer = self.env["clinic.consent.text"].create(
            {"kind_id": self.marketing.id, "lang": "en_US", "text": "<p>New</p>"}
        )
        self.assertEqual(newer.version, given.text_id.version + 1)
        self.assertEqual(self.marketing._text("en_US"), newer)
        self.assertEqual(self.marketing._text("fr_FR"), newer, "English stands in")

    def test_shipped_texts_in_five_languages(self):
        """OPS-04: what a clinic begins with is read in each language of the suite."""
        for code in ("care_notice", "marketing", "loyalty", "apps"):
            kind = self.env.ref(f"clinic_patient.clinic_consent_kind_{code}")
            for language in ("en_US", "it_IT", "ru_RU", "tr_TR", "zh_CN"):
                self.assertEqual(kind._text(language).lang, language, code)

    def test_notice_is_not_withdrawn(self):
        """A notice is read; there is nothing to withdraw."""
        with self.assertRaises(ValidationError):
            self.decide("withdrawn", code="care_notice")
        with self.assertRaises(UserError):
            self.decide(code="no_such_kind")

    def test_merge_keeps_what_was_withdrawn(self):
        """PAT-04: of two cards of a person the latest decision holds."""
        second = self.patient()
        self.decide(patient=self.anna)
        self.decide("withdrawn", patient=second)
        merge = self.env["clinic.merge"]._merge(second, self.anna)
        self.env.invalidate_all()
        self.assertFalse(self.anna._has_consent("marketing"))
        merge.action_undo()
        self.env.invalidate_all()
        self.assertTrue(self.anna._has_consent("marketing"))
        self.assertFalse(second._has_consent("marketing"))

    def test_roles(self):
        """OPS-01: staff read consents, the desk records them, nobody deletes them."""
        given = self.decide()
        for role in ROLES:
            user = self.user(role)
            mine = given.with_user(user)
            with self.subTest(role):
                self.assertEqual(
                    mine.has_access("read"), role != "client_representative"
                )
                self.assertEqual(mine.has_access("create"), role in RECORDS)
                self.assertFalse(mine.has_access("unlink"))


@tagged("post_install", "-at_install")
class TestConsentPortal(ClinicPatientCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mother = cls.patient("Verdi", "Anna")
        cls.child = cls.patient("Verdi", "Luca")
        cls.stranger = cls.patient("Zyxwvut", "Carla")
        cls.relation = cls.relate(cls.child, cls.mother)
        cls.portal = cls.portal_user(cls.mother)
        cls.portal.password = cls.portal.login
        cls.text = cls.env.ref("clinic_patient.clinic_consent_text_marketing")

    def setUp(self):
        super().setUp()
        self.authenticate(self.portal.login, self.portal.login)

    def post(self, patient, decision="given", **form):
        return self.url_open(
            "/my/consents/decide",
            data={
                "csrf_token": Request.csrf_token(self),
                "patient_id": patient.id,
                "kind": "marketing",
                "text": self.text._shown_mark(),
                "decision": decision,
                **form,
            },
        )

    def test_patient_and_guardian_decide(self):
        """PAT-10: in the portal one gives and withdraws, for oneself and the wards."""
        page = self.url_open("/my/consents")
        self.assertEqual(page.status_code, 200)
        self.assertIn("Verdi Luca", page.text)
        self.assertNotIn("Zyxwvut", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.post(self.child)
        consent = self.child.consent_ids
        self.assertEqual(
            (consent.decision, consent.channel, consent.giver_id, consent.text_id),
            ("given", "portal", self.mother, self.text),
        )
        self.post(self.child, "withdrawn")
        self.env.invalidate_all()
        self.assertFalse(self.child._has_consent("marketing"))

    def test_others_are_closed(self):
        """S1, S16: neither strangers nor guardians without the right to sign decide."""
        self.assertEqual(self.post(self.stranger).status_code, 404)
        self.relation.can_sign = False
        self.assertEqual(self.post(self.child).status_code, 404)
        self.relation.write({"can_sign": True, "date_start": "2020-01-01"})
        self.relation.date_end = fields.Date.today() - timedelta(days=1)
        self.assertEqual(self.post(self.child).status_code, 404)
        self.assertNotIn("Verdi Luca", self.url_open("/my/consents").text)
        self.assertFalse((self.child | self.stranger).consent_ids)

    def test_get_changes_nothing(self):
        """S12: a link that decides does not work."""
        answer = self.url_open(
            f"/my/consents/decide?patient_id={self.mother.id}&kind=marketing"
            f"&text={self.text._shown_mark()}&decision=given",
            allow_redirects=False,
        )
        self.assertEqual(answer.status_code, 303, "it leads to the page")
        self.assertFalse(self.mother.consent_ids)

    def test_text_that_changed(self):
        """Nobody agrees to a text that was not the one on the page."""
        self.env["clinic.consent.text"].create(
            {"kind_id": self.text.kind_id.id, "lang": "en_US", "text": "<p>New</p>"}
        )
        answer = self.post(self.mother)
        self.assertEqual(answer.status_code, 409)
        self.assertIn("has changed", answer.text)
        self.assertFalse(self.mother.consent_ids)

    def test_access_log_in_the_portal(self):
        """The patient sees who opened the card; of others one sees nothing."""
        user = self.user("receptionist", name="Giulia Portelli")
        for card in (self.mother, self.stranger):
            card.with_user(user).web_read({"birth_date": {}})
        page = self.url_open("/my/access-log").text
        self.assertIn("Giulia Portelli", page)
        self.assertNotIn("Zyxwvut", page)


@tagged("post_install", "-at_install")
class TestAccessLog(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.patient()
        cls.receptionist = cls.user("receptionist")

    def lines(self):
        return self.env["clinic.access.log"].search([("patient_id", "=", self.anna.id)])

    def test_opening_a_card_is_logged(self):
        """PAT-10: opening a card is written down once; a name in a list is not."""
        card = self.anna.with_user(self.receptionist)
        card.web_read({"display_name": {}})
        self.assertFalse(self.lines())
        card.web_read({"birth_date": {}, "phone": {}})
        card.web_read({"birth_date": {}, "phone": {}})
        line = self.lines()
        self.assertEqual(
            (line.user_id, line.action, len(line)), (self.receptionist, "open", 1)
        )
        self.anna._log_opening("report", "7")
        card._log_opening("report", "7")
        self.assertEqual(len(self.lines()), 2, "the system opens nothing")
        self.env["res.partner"].create({"name": "No patient"}).with_user(
            self.env.ref("base.user_admin")
        )._log_opening("open")
        self.assertFalse(
            self.env["clinic.access.log"].search([("patient_id", "=", False)])
        )

    def test_refused_access_is_no_access(self):
        """Who may not read the card leaves no line in its log."""
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.anna.with_user(self.user()).web_read({"birth_date": {}})
        self.assertFalse(self.lines())

    def test_append_only(self):
        """Nobody changes the log, the system included."""
        self.anna.with_user(self.receptionist).web_read({"birth_date": {}})
        with self.assertRaises(UserError):
            self.lines().action = "portal"
        with self.assertRaises(UserError):
            self.lines().unlink()
        for role in ROLES:
            user = self.receptionist if role == "receptionist" else self.user(role)
            log = self.lines().with_user(user)
            self.assertEqual(
                log.has_access("read"), role in ("manager", "administrator")
            )
            for operation in ("create", "write", "unlink"):
                self.assertFalse(log.has_access(operation))

    def test_purged_after_the_time_of_the_site(self):
        """Lines are kept for two years at least, whatever the setting says."""
        self.anna.with_user(self.receptionist).web_read({"birth_date": {}})
        self.env["ir.config_parameter"].set_param(
            "clinic_patient.access_log_months", "1"
        )
        for months, left in ((23, 1), (25, 0)):
            self.env.cr.execute(
                "UPDATE clinic_access_log SET date = now() - %s * interval '1 month'"
                " WHERE patient_id = %s",
                (months, self.anna.id),
            )
            self.env["clinic.access.log"]._gc_old()
            self.env.invalidate_all()
            self.assertEqual(len(self.lines()), left)
