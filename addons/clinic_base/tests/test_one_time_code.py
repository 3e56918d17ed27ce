import re
from concurrent.futures import ThreadPoolExecutor

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from ..models.clinic_one_time_code import PER_NETWORK
from .common import ClinicBaseCommon, RealConnections

PHONE = "+393331234567"


class OneTimeCodeCase(ClinicBaseCommon):
    def issue(self, phone=PHONE, purpose="booking", ip="192.0.2.1", env=None):
        """Ask for a code; return what the SMS says, or False when none was sent."""
        env = env or self.env
        outbox = env["clinic.outbox"]
        before = len(outbox._waiting(phone))
        sent = env["clinic.one.time.code"]._issue(phone, purpose, ip, "en_US")
        waiting = outbox._waiting(phone)
        self.assertEqual(len(waiting), before + bool(sent))
        return bool(sent) and re.search(r"\b(\d{6})\b", waiting[0])[1]

    def other_than(self, code):
        return f"{(int(code) + 1) % 10**6:06}"


@tagged("post_install", "-at_install")
class TestOneTimeCode(OneTimeCodeCase):
    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()
        self.Code = self.env["clinic.one.time.code"]

    def verify(self, code, phone=PHONE, purpose="booking"):
        answer = self.Code._verify(phone, purpose, code)
        self.env.invalidate_all()
        return answer

    def test_right_code_once(self):
        """S4: the code is accepted once, in any spelling of the phone."""
        code = self.issue()
        self.assertTrue(self.verify(f" {code[:3]} {code[3:]} ", "0039 333 1234567"))
        self.assertFalse(self.verify(code))

    def test_five_tries(self):
        """S4: after five wrong tries the right code is refused too."""
        code = self.issue()
        for _number in range(5):
            self.assertFalse(self.verify(self.other_than(code)))
        self.assertFalse(self.verify(code))

    def test_fifth_try_may_be_right(self):
        code = self.issue()
        for _number in range(4):
            self.assertFalse(self.verify(self.other_than(code)))
        self.assertTrue(self.verify(code))

    def test_ten_minutes(self):
        """S4: a code is refused after ten minutes."""
        code = self.issue()
        row = self.Code.search([], limit=1)
        self.assertAlmostEqual(
            (row.expires_at - self.env.cr.now()).total_seconds(), 600, delta=60
        )
        self.env.cr.execute(
            "UPDATE clinic_one_time_code SET expires_at = expires_at - interval '601 s'"
        )
        self.assertFalse(self.verify(code))

    def test_code_serves_one_phone_and_one_purpose(self):
        code = self.issue()
        self.assertFalse(self.verify(code, phone="+393330000000"))
        self.assertFalse(self.verify(code, purpose="report"))
        self.assertTrue(self.verify(code))

    def test_new_code_replaces_the_old(self):
        old, new = self.issue(), self.issue()
        if old != new:
            self.assertFalse(self.verify(old))
        self.assertTrue(self.verify(new))

    def test_nonsense(self):
        self.issue()
        for code in (None, "", "abc", "12345", "1234567", "١٢٣٤٥٦", 123456.0, "😀"):
            self.assertFalse(self.verify(code))
        self.assertFalse(self.verify("123456", phone="nonsense"))

    def test_three_sends_to_a_phone(self):
        """S4: three codes in 15 minutes for a phone, whoever asks for what."""
        for number in range(3):
            self.assertTrue(self.issue(ip=f"192.0.2.{number}", purpose=str(number)))
        self.assertFalse(self.issue(ip="192.0.2.9", purpose="3"))
        self.assertTrue(self.issue(phone="+393330000000", ip="192.0.2.9"))

    def test_an_address_is_shared(self):
        """S4: a mobile network shares one address; still it has a bound."""
        parameters = self.env["ir.config_parameter"]
        answers = [
            bool(self.issue(phone=f"+3933300000{number:02}")) for number in range(50)
        ]
        self.assertEqual(answers, [True] * 50)
        parameters.set_param(PER_NETWORK, "50")
        self.assertFalse(self.issue(phone="+393330000099"))
        self.assertTrue(self.issue(ip="192.0.2.2"))

    def test_ten_for_a_browser(self):
        """S4: ten codes in an hour for a browser, to whatever phones, from anywhere."""
        answers = [
            self.Code._issue(
                f"+3933300000{n:02}", "booking", f"192.0.2.{n}", session="a"
            )
            for n in range(11)
        ]
        self.assertEqual(answers, [True] * 10 + [False])
        self.assertTrue(
            self.Code._issue("+393330000099", "booking", "192.0.2.1", session="b")
        )

    def test_browsers_of_a_refused_address_leave_no_counters(self):
        """S4: visitors without cookies do not fill the table."""
        self.env["ir.config_parameter"].set_param(PER_NETWORK, "1")
        for number in range(4):
            self.Code._issue(
                f"+3933300000{number:02}", "booking", "192.0.2.1", session=str(number)
            )
        counted = self.env["clinic.rate.limit"].search_count(
            [("key", "like", "one_time_code:session:")]
        )
        self.assertEqual(counted, 1)

    def test_a_refusal_says_when(self):
        """Who gets no code hears when the next one may be asked for."""
        for number in range(3):
            self.issue(ip=f"192.0.2.{number}")
        self.env.cr.execute(
            "UPDATE clinic_rate_limit SET hits = ("
            " SELECT jsonb_agg(hit::float8 - 600) FROM jsonb_array_elements(hits) hit)"
            " WHERE key LIKE 'one_time_code:phone:%'"
        )
        self.assertFalse(self.issue(ip="192.0.2.9"))
        self.assertIn("in 5 minutes", self.Code._refusal(PHONE, "booking", "192.0.2.9"))
        self.env["ir.config_parameter"].set_param(
            "clinic_base.one_time_code_daily_budget", "3"
        )
        refusal = self.Code._refusal("+393330000099", "booking", "192.0.2.9")
        self.assertIn("call us", refusal)

    def test_daily_budget(self):
        """S4: a day has a budget, so that nobody makes the clinic pay for SMS."""
        self.env["ir.config_parameter"].set_param(
            "clinic_base.one_time_code_daily_budget", "2"
        )
        answers = [
            bool(self.issue(phone=f"+3933300000{n:02}", ip=f"192.0.2.{n}"))
            for n in range(4)
        ]
        self.assertEqual(answers, [True, True, False, False])

    def test_nothing_readable_is_stored_or_logged(self):
        """S4: neither log, nor codes table, nor counters hold code or number."""
        with self.assertLogs(level="DEBUG") as logs:
            code = self.issue()
            self.verify(self.other_than(code))
            self.verify(code)
            self.env.cr.execute(
                "SELECT row_to_json(c)::text FROM clinic_one_time_code c"
                " UNION ALL SELECT key FROM clinic_rate_limit"
            )
            stored = "\n".join(row[0] for row in self.env.cr.fetchall())
        written = "\n".join(
            record.getMessage()
            for record in logs.records
            if not record.name.startswith("odoo.sql_db")
        )
        for text in (stored, written):
            self.assertNotIn("3331234567", text)
            self.assertNotRegex(text, rf"(?<![0-9a-f]){code}(?![0-9a-f])")

    def test_visitor_needs_no_rights(self):
        public = self.env["clinic.one.time.code"].with_user(
            self.env.ref("base.public_user")
        )
        self.assertTrue(public._issue(PHONE, "booking", "192.0.2.1", "en_US"))
        code = re.search(r"\d{6}", self.env["clinic.outbox"]._waiting(PHONE)[0])[0]
        self.assertTrue(public._verify(PHONE, "booking", code))


@tagged("post_install", "-at_install")
class TestOneTimeCodeRace(RealConnections, OneTimeCodeCase):
    """On real connections: the limits of one code hold between processes."""

    phone = "+393339876543"

    def setUp(self):
        super().setUp()
        self.addCleanup(self.forget)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
            self.code = self.issue(self.phone, ip="198.51.100.7", env=env)
        self.assertTrue(self.code, "Counters of an earlier run are still there")

    def forget(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["sms.sms"].search([("number", "=", self.phone)]).unlink()
            env["clinic.one.time.code"].search([]).unlink()
            env["clinic.rate.limit"].search(
                [("key", "like", "one_time_code:")]
            ).unlink()

    def verify(self, code, fail=False):
        """Show a code in a request of its own; wrong ones are rolled back."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            answer = env["clinic.one.time.code"]._verify(self.phone, "booking", code)
            if fail or not answer:
                cr.rollback()
            return answer

    def test_a_request_that_failed_uses_up_nothing(self):
        """S4: what was done with a code is undone: it is right once more, then not."""
        for _time in range(7):
            self.assertTrue(self.verify(self.code, fail=True))
        self.assertTrue(self.verify(self.code))
        self.assertFalse(self.verify(self.code))

    def test_used_once_by_parallel_requests(self):
        """S4: of many right answers at one time exactly one is accepted."""
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(self.verify, [self.code] * 24))
        self.assertEqual(sum(answers), 1)

    def test_five_tries_by_parallel_requests(self):
        """S4: many guesses at one time are five tries, rolled back or not."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self.verify, [self.other_than(self.code)] * 24))
        with self.registry.cursor() as cr:
            cr.execute("SELECT tries FROM clinic_one_time_code ORDER BY id DESC")
            self.assertEqual(cr.fetchone()[0], 5)
        self.assertFalse(self.verify(self.code))
