import json

from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.sms.tests.common import MockSMS

from .gateway_common import GatewayCommon


@tagged("post_install", "-at_install")
class TestGatewayVoice(GatewayCommon, HttpCase):
    """MSG-02: a call speaks the text; a key is an answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.voice = cls.make_provider("voice", "voice_http")

    def setUp(self):
        super().setUp()
        self.url = f"{self.base_url()}/clinic/gateway/{self.voice.secret_path}"
        self.gateway.control(
            "accounts",
            channel="voice",
            key="key-voice_http",
            secret="not so secret",
            callback=self.url,
        )
        # Nobody takes the call but the test.
        self.gateway.control(channel="voice", travel=60_000, receipts="hold")

    def send(self, provider=None):
        self.env.flush_all()
        (provider or self.voice).cron_ids[:1].method_direct_trigger()
        self.env.invalidate_all()

    def release(self, number):
        """Let the gateway tell what it kept; it must be so much."""
        with self.allow_requests(all_requests=True):
            self.assertEqual(self.gateway.control("release")["released"], number)

            def heard():
                counts = self.gateway.ask("GET", "/control")[1]["counts"]
                return counts.get("callback.200", 0) >= number

            self.wait_until(heard, 30)
        self.take_in()

    def test_one_confirms(self):
        message = self.queue(channel="voice")
        self.send()
        self.assertEqual(message.state, "accepted")
        (call,) = self.gateway.talk("+393331234567")
        self.assertEqual((call["text"], call["call"]), (message.body, "ringing"))
        self.gateway.ask("POST", f"/api/key/{call['id']}", {"key": "1"})
        self.release(4)
        self.assertEqual(message.state, "replied")
        answer = self.Message.search(
            [("direction", "=", "in"), ("provider_id", "=", self.voice.id)]
        )
        self.assertEqual(answer.reply_to_id, message)
        self.assertEqual(answer.keyword, "yes")

    def test_nobody_answers(self):
        self.gateway.control("phones", flags={"+393331234567": {"absent": True}})
        self.gateway.control(channel="voice", travel=0)
        message = self.queue(channel="voice")
        self.send()
        self.wait_until(lambda: self.gateway.ask("GET", "/control")[1]["held"] == 2)
        self.release(2)
        self.assertEqual((message.state, message.failure_type), ("failed", "no_answer"))

    def test_forged(self):
        message = self.queue(channel="voice")
        self.send()
        self.env.flush_all()
        body = json.dumps({"id": message.provider_uid, "status": "answered"})
        answer = self.url_open(self.url, data=body)
        self.assertEqual(answer.status_code, 403)
        self.env.invalidate_all()
        self.assertEqual(message.state, "accepted")


@tagged("post_install", "-at_install")
class TestOtherProviders(GatewayCommon, MockEmail, MockSMS):
    """MSG-02: SMS by Odoo's own service, and letters to print."""

    def send(self, provider=None):
        self.env.flush_all()
        provider.cron_ids[:1].method_direct_trigger()
        self.env.invalidate_all()

    def test_sms_of_odoo(self):
        provider = self.make_provider("sms", "odoo_sms", sequence=0)
        message = self.queue()
        self.assertEqual(message.provider_id, provider)
        with self.mockSMSGateway():
            self.send(provider)
        self.assertEqual(message.state, "sent")
        again = self.Message._queue(
            "test_gateway", self.anna, step="2", channel="sms", body="Again"
        )
        with self.mockSMSGateway(sim_error="wrong_number_format"):
            self.send(provider)
        self.assertEqual(
            (again.state, again.failure_type), ("failed", "wrong_number_format")
        )

    def test_a_test_by_mail(self):
        self.env.user.partner_id.email = "me@mail.example"
        self.env.company.email = "clinic@mail.example"
        provider = self.env.ref("clinic_message.provider_odoo_mail")
        with self.mock_mail_gateway():
            answer = provider.action_test()
        self.assertEqual(answer["params"]["type"], "success", answer)

    def test_letter(self):
        provider = self.make_provider("letter", "letter")
        self.anna.write({"street": "Via Roma 1", "zip": "00100", "city": "Roma"})
        message = self.queue(channel="letter", subject="Come back")
        # In tests Odoo prints only when it is asked to.
        printing = provider.with_context(force_report_rendering=True)
        (outcome,) = printing._send([message._item()])
        self.assertEqual(outcome.state, "accepted")
        file = message.attachment_ids
        self.assertEqual(file.mimetype, "application/pdf")
        self.assertTrue(file.raw.startswith(b"%PDF"))
