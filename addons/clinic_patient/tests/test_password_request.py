from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import ClinicPatientCommon

SAME = "If there is an account with this address"


@tagged("post_install", "-at_install")
class TestPasswordRequest(ClinicPatientCommon, MockEmail, HttpCase):
    """Asking for a new password: the visitor learns nothing, the owner gets a link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("auth_signup.reset_password", "True")
        users = cls.env["res.users"].with_context(no_reset_password=True)
        portal = [(6, 0, cls.env.ref("base.group_portal").ids)]
        cls.known, cls.nameless, _twin, _other_twin = users.create(
            [
                {"name": name, "login": login, "email": email, "group_ids": portal}
                for name, login, email in (
                    ("Known", "known@example.com", "known@example.com"),
                    ("Without Mail", "nomail", False),
                    ("Twin", "twin1", "twin@example.com"),
                    ("Twin", "twin2", "twin@example.com"),
                )
            ]
        )

    def ask(self, login):
        """What a visitor reads after asking; the form as the page has it."""
        page = self.url_open("/web/reset_password").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        answer = self.url_open(
            "/web/reset_password", data={"csrf_token": token, "login": login}
        )
        self.assertEqual(answer.status_code, 200)
        return answer.text.replace(token, "").replace(login, "")

    def requests(self):
        return self.env["clinic.password.request"].search([])

    def test_same_words_for_everybody(self):
        """PAT-11, S5: known, unknown, without address, twice there: the same page."""
        before = self.env["mail.mail"].search_count([])
        pages = {
            login: self.ask(login)
            for login in (
                "known@example.com",
                "unknown@example.com",
                "nomail",
                "twin@example.com",
                "x" * 5000,
                "<b>x</b>",
            )
        }
        for login, page in pages.items():
            with self.subTest(login[:20]):
                self.assertIn(SAME, page)
                self.assertNotIn("Without Mail", page)
        self.assertEqual(
            self.env["mail.mail"].search_count([]), before, "nothing is sent meanwhile"
        )
        self.assertEqual(len(self.requests()), 6)

    def test_owner_gets_a_link(self):
        """PAT-11: the mail with the link comes from the queue, to nobody else."""
        asked = self.env["clinic.password.request"]
        for login, user in (
            ("known@example.com", self.known),
            (" KNOWN@example.com ", self.known),
            ("unknown@example.com", None),
            ("nomail", None),
            ("twin@example.com", None),
            ("%", None),
        ):
            with self.subTest(login):
                found = asked._account(login.strip())
                self.assertEqual(found, user or found.browse())
        self.ask("known@example.com")
        with self.mock_mail_gateway():
            self.requests()._answer()
        [mail] = self._mails
        self.assertEqual(mail["email_to"], ["known@example.com"])
        self.assertIn("/web/reset_password?", mail["body"])
        self.assertFalse(self.requests(), "what was typed is forgotten")

    def test_not_too_often(self):
        """S5: three mails in a quarter of an hour for a login; then the page says when
        to ask again, whether there is an account or not."""
        for login in ("known@example.com", "unknown@example.com"):
            pages = [self.ask(login) for _time in range(4)]
            for page in pages[:3]:
                self.assertIn(SAME, page)
            self.assertNotIn(SAME, pages[3])
            self.assertIn("ask again in 15 minutes", " ".join(pages[3].split()))
        self.assertEqual(len(self.requests()), 6)

    def test_address_is_not_an_oracle(self):
        """S5: the page does not go elsewhere for an address that has an account."""
        for page in ("reset_password", "signup"):
            answers = [
                self.url_open(
                    f"/web/{page}?signup_email={email}", allow_redirects=False
                ).status_code
                for email in ("known@example.com", "unknown@example.com")
            ]
            self.assertEqual(answers[0], answers[1])
        self.known._change_password("a long password")

    def test_rpc_tells_nothing(self):
        """S2, S5: the method behind the page answers alike over RPC."""
        users = self.env["res.users"]
        self.assertEqual(
            users.reset_password("known@example.com"),
            users.reset_password("unknown@example.com"),
        )
