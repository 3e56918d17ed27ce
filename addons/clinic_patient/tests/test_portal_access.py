import re
from datetime import date

from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail

from .common import ROLES, ClinicPatientCommon

PHONE = "+393335550001"
BORN = date(1980, 3, 12)
LET_IN = {
    "administrator",
    "manager",
    "receptionist",
    "coordinator",
    "operator",
    "supervisor",
}


@tagged("post_install", "-at_install")
class TestPortalAccess(ClinicPatientCommon, MockEmail):
    def test_staff_let_in_reset_and_revoke(self):
        """PAT-11: the desk gives access, sends a new link and revokes."""
        anna = self.patient(email="anna@verdi.example")
        card = anna.with_user(self.user("receptionist"))
        self.assertEqual(card.portal_state, "none")
        with self.mock_mail_gateway():
            card.action_portal_grant()
        self.assertEqual(
            (card.portal_state, card.portal_login), ("invited", "anna@verdi.example")
        )
        self.assertEqual(len(self._new_mails), 1)
        with self.mock_mail_gateway():
            card.action_portal_send_link()
        self.assertEqual(len(self._new_mails), 1)
        card.action_portal_revoke()
        self.assertEqual(card.portal_state, "revoked")
        with self.assertRaises(UserError):
            card.action_portal_send_link()
        with self.mock_mail_gateway():
            card.action_portal_grant()
        self.assertEqual(card.portal_state, "invited")
        self.assertIn("revoked", str(anna.message_ids.mapped("body")))

    def test_without_address(self):
        """Without an e-mail address one is told what to do, and nothing happens."""
        anna = self.patient()
        with self.assertRaisesRegex(UserError, "e-mail address on the card"):
            anna.action_portal_grant()
        self.assertFalse(anna.with_context(active_test=False).user_ids)

    def test_roles(self):
        """OPS-01: who may let patients in; nobody decides about colleagues."""
        for role in ROLES:
            anna = self.patient("Verdi", role, email=f"{role}@verdi.example")
            card = anna.with_user(self.user(role))
            with self.subTest(role), self.mock_mail_gateway():
                if role in LET_IN:
                    card.action_portal_grant()
                    self.assertTrue(anna.sudo().user_ids)
                else:
                    with self.assertRaises(AccessError), mute_logger("odoo.models"):
                        card.action_portal_grant()
                    self.assertFalse(anna.sudo().user_ids)
        colleague = self.user().partner_id
        with self.assertRaises(UserError):
            colleague.with_user(self.env.ref("base.user_admin")).action_portal_revoke()


@tagged("post_install", "-at_install")
class TestPasswordBySms(ClinicPatientCommon, HttpCase):
    """A new password by SMS: the visitor learns nothing, the owner gets a code."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("auth_signup.reset_password", "True")
        cls.anna = cls.patient(phone=PHONE, birth_date=BORN)
        cls.account = cls.portal_user(cls.anna)
        cls.account.password = "before-it-all"
        husband = cls.patient("Verdi", "Ugo", phone=PHONE, birth_date=date(1975, 1, 2))
        cls.husband = cls.portal_user(husband)
        cls.husband.password = "before-it-all"
        cls.patient("Verdi", "Luca", phone=PHONE, birth_date=date(2015, 5, 5))
        cls.patient("Rossi", "Carla", phone="+393335550002", birth_date=BORN)

    def ask(self, phone):
        page = self.url_open("/web/reset_password/sms").text
        self.token = re.search('name="csrf_token" value="([^"]+)"', page)[1]
        return self.url_open(
            "/web/reset_password/sms", data={"csrf_token": self.token, "phone": phone}
        )

    def sent(self):
        """Codes that went out since the last look, by number."""
        self.env.ref(
            "clinic_patient.ir_cron_answer_password_requests"
        ).method_direct_trigger()
        messages = self.env["sms.sms"].search([])
        codes = {sms.number: re.search(r"\d{6}", sms.body)[0] for sms in messages}
        messages.unlink()
        return codes

    def reset(self, phone, code, born=BORN, password="after-it-all", **form):
        return self.url_open(
            "/web/reset_password/sms/code",
            data={
                "csrf_token": self.token,
                "phone": phone,
                "code": code,
                "birth_date": born,
                "password": password,
                "again": password,
                **form,
            },
        )

    def logs_in(self, user, password):
        try:
            credential = {
                "type": "password",
                "login": user.login,
                "password": password,
            }
            user.with_user(user)._check_credentials(credential, {"interactive": True})
            return True
        except AccessDenied:
            return False

    def test_reset(self):
        """PAT-11: who holds the phone and knows the birth date sets a password."""
        self.assertIn("sms", self.url_open("/web/reset_password").text)
        answer = self.ask("333 5550001")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        code = self.sent()[PHONE]
        self.assertIn("password is set", self.reset(PHONE, code).text)
        self.env.invalidate_all()
        self.assertTrue(self.logs_in(self.account, "after-it-all"))
        self.assertTrue(self.logs_in(self.husband, "before-it-all"), "one phone, two")
        again = self.reset(PHONE, code, password="once-more-please")
        self.assertEqual(again.status_code, 400, "a code serves once")

    def test_answers_tell_nothing(self):
        """S5: the answers about a number with and without an account are the same."""
        known, unknown = self.ask(PHONE), self.ask("+393335550009")
        without_account = self.ask("+393335550002")

        def plain(answer):
            text = re.sub(r'value="[0-9a-f]{40}o\d+"', "", answer.text)
            text = re.sub(r'csrf_token: "[^"]+"', "", text)
            return re.sub(r"\+39333555000\d", "", text)

        self.assertEqual(plain(known), plain(unknown))
        self.assertEqual(plain(known), plain(without_account))
        code = self.sent()
        self.assertEqual(list(code), [PHONE])
        wrong = [
            self.reset(PHONE, "000000" if code[PHONE] != "000000" else "111111"),
            self.reset("+393335550009", "123456"),
            self.reset(PHONE, code[PHONE], born="1999-09-09"),
        ]
        self.assertEqual(len({plain(answer) for answer in wrong}), 1)
        self.assertEqual({answer.status_code for answer in wrong}, {400})
        self.env.invalidate_all()
        self.assertTrue(self.logs_in(self.account, "before-it-all"))

    def test_bad_input(self):
        """A number that is none, passwords that differ: told in words."""
        self.assertIn("cannot be a phone number", self.ask("hello").text)
        self.ask(PHONE)
        code = self.sent()[PHONE]
        self.assertIn("not the same", self.reset(PHONE, code, again="other").text)
        self.assertEqual(self.reset(PHONE, code, born="never").status_code, 400)

    def test_when_no_code_can_be_sent(self):
        """The page says what to do for everybody, the log says that none was sent."""
        settings = self.env["ir.config_parameter"]
        settings.set_param("clinic_base.one_time_code_daily_budget", "0")
        for phone in (PHONE, "+393335550009"):
            self.assertIn("ask again later or call us", self.ask(phone).text)
        with self.assertLogs("odoo.addons.clinic_patient", "WARNING") as logs:
            self.assertEqual(self.sent(), {})
        self.assertEqual(len(logs.output), 1)
        self.assertNotIn(PHONE, logs.output[0])

    def test_staff_are_left_out(self):
        """The number of an employee opens no account by SMS."""
        employee = self.user("manager")
        employee.partner_id.phone = "+393335550077"
        self.ask("+393335550077")
        self.assertEqual(self.sent(), {})

    def test_code_for_booking_resets_nothing(self):
        """A code is worth something only for what it was asked for."""
        self.ask(PHONE)
        self.sent()
        self.env["clinic.one.time.code"]._issue(PHONE, "booking", "192.0.2.1")
        code = re.search(r"\d{6}", self.env["sms.sms"].search([]).body)[0]
        self.assertEqual(self.reset(PHONE, code).status_code, 400)
