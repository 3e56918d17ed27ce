import base64
import hashlib
import hmac
import json

import requests

from odoo.tests import BaseCase, HttpCase, tagged

from odoo.addons.clinic_base.lib import safe_http

from ..lib import whatsapp_cloud
from ..lib.port import Item
from .gateway_common import GatewayCommon

#: A picture of one point.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestGatewayWhatsapp(GatewayCommon, HttpCase):
    """MSG-02: WhatsApp by the Cloud API, with its window, statuses and refusals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.whatsapp = cls.make_provider(
            "whatsapp",
            "whatsapp_cloud",
            base_url=f"{cls.gateway.url}/v21.0",
            account_user="1000001",
            account_key="token",
            verify_token="the word",
            lost_reply="leave",
        )
        cls.template = cls.env["clinic.message.template"].create(
            {
                "name": "Approved",
                "kind_id": cls.kind.id,
                "provider_name": "visit_reminder",
                "text_ids": [
                    (0, 0, {"lang": "en_US", "subject": "News", "body": "Come back."})
                ],
            }
        )

    def setUp(self):
        super().setUp()
        self.account(callback="")
        self.gateway.control(channel="whatsapp", travel=20)

    def account(self, **values):
        self.gateway.control(
            "accounts",
            channel="whatsapp",
            key="token",
            secret="not so secret",
            **values,
        )

    def send(self, provider=None):
        self.env.flush_all()
        (provider or self.whatsapp).cron_ids[:1].method_direct_trigger()
        self.env.invalidate_all()

    def remind(self, step="1"):
        return self.Message._queue(
            "test_gateway",
            self.anna,
            step=step,
            channel="whatsapp",
            template=self.template,
        )

    def hear(self, enough):
        """Let the gateway report until that is true."""
        self.env.flush_all()
        url = f"{self.base_url()}/clinic/gateway/{self.whatsapp.secret_path}"
        with self.allow_requests(all_requests=True):
            self.account(callback=url)
            self.gateway.control("release", shuffle=True)
            self.wait_until(lambda: enough(self.counts()), 30)
        self.take_in()

    def counts(self):
        return self.gateway.ask("GET", "/control")[1]["counts"]

    def held(self, number):
        self.wait_until(
            lambda: self.gateway.ask("GET", "/control")[1]["held"] == number
        )

    def test_template_statuses_and_answer(self):
        url = f"{self.base_url()}/clinic/gateway/{self.whatsapp.secret_path}"
        self.account(callback=url)
        self.gateway.control(channel="whatsapp", receipts="hold", repeat=3)
        message = self.remind()
        self.send()
        self.assertEqual(message.state, "accepted")
        self.assertTrue(message.provider_uid.startswith("wamid."))
        self.held(6)
        self.gateway.ask("POST", "/api/read/+393331234567", {})
        self.held(9)
        self.hear(lambda counts: counts.get("callback.200", 0) >= 9)
        self.assertEqual(message.state, "read")
        heard = message.event_ids.filtered(lambda each: each.source == "provider")
        self.assertEqual(heard.mapped("state").count("read"), 1, "told three times")

    def test_photographs_and_what_calls_itself_one(self):
        """MSG-05: a photograph is kept with the message; what only says it is one is
        not, and the text says so; a repeat keeps it once."""
        pictures = {
            "photo": base64.b64decode(PIXEL),
            "page": b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        }
        for caption, content in pictures.items():
            form = b'--b\r\nContent-Disposition: form-data; name="file"\r\n'
            form += b"Content-Type: image/png\r\n\r\n" + content + b"\r\n--b--\r\n"
            kind = "multipart/form-data; boundary=b"
            with self.allow_requests(all_requests=True):
                kept = requests.post(
                    f"{self.gateway.url}/v21.0/1000001/media",
                    form,
                    headers={"Authorization": "Bearer token", "Content-Type": kind},
                    timeout=10,
                ).json()
            image = {"id": kept["id"], "caption": caption, "mime_type": "image/png"}
            for _time in range(2):
                self.assertEqual(self.told(f"wamid.{caption}", image=image), 200)
        found = self.Message.search([("direction", "=", "in")], order="id")
        self.assertEqual(found[0].body, "photo")
        self.assertEqual(found[0].attachment_ids.raw, pictures["photo"])
        self.assertFalse(found[1].attachment_ids)
        self.assertIn("A file was not kept", found[1].body)
        self.assertEqual(len(found), 2)

    def told(self, uid, **message):
        """What Anna sends, as Meta would report it; the status of the answer."""
        (kind,) = message
        value = {
            "metadata": {"phone_number_id": "1000001"},
            "messages": [{"id": uid, "from": "393331234567", "type": kind, **message}],
        }
        body = json.dumps(
            {
                "object": "whatsapp_business_account",
                "entry": [{"changes": [{"field": "messages", "value": value}]}],
            }
        ).encode()
        secret = self.whatsapp.webhook_secret.encode()
        signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
        self.env.flush_all()
        answer = self.url_open(
            f"/clinic/gateway/{self.whatsapp.secret_path}",
            data=body,
            headers={
                "Content-Type": "application/json",
                "X-Hub-Signature-256": f"sha256={signature}",
            },
        )
        self.take_in()
        return answer.status_code

    def test_no_whatsapp_on_that_number(self):
        """131026 fails the message, for another channel to take over."""
        url = f"{self.base_url()}/clinic/gateway/{self.whatsapp.secret_path}"
        self.account(callback=url)
        self.gateway.control(channel="whatsapp", receipts="hold")
        self.gateway.control("phones", flags={"+393331234567": {"no_whatsapp": True}})
        message = self.remind()
        self.send()
        self.held(1)
        self.hear(lambda counts: counts.get("callback.200", 0) >= 1)
        self.assertEqual(
            (message.state, message.failure_type), ("failed", "undeliverable")
        )

    def test_free_text_outside_the_window(self):
        """Outside 24 hours a free text is not even tried."""
        message = self.queue(channel="whatsapp")
        self.send()
        self.assertEqual(
            (message.state, message.failure_type), ("failed", "window_closed")
        )
        self.assertFalse(self.gateway.talk("+393331234567"))

    def test_a_lost_answer_is_found_again(self):
        """The status brings our key back: the message is known although its number
        never came, and it is not sent twice."""
        url = f"{self.base_url()}/clinic/gateway/{self.whatsapp.secret_path}"
        self.account(callback=url)
        self.gateway.control(channel="whatsapp", lose=100, receipts="hold")
        message = self.remind()
        self.send()
        self.assertEqual(message.state, "unknown")
        self.held(2)
        self.hear(lambda counts: counts.get("callback.200", 0) >= 2)
        self.assertEqual(message.state, "delivered")
        self.assertTrue(message.provider_uid.startswith("wamid."))
        self.assertEqual(len(self.gateway.talk("+393331234567")), 1)

    def test_too_many(self):
        self.gateway.control(channel="whatsapp", limit=0.001)
        first, second = self.remind("1"), self.remind("2")
        self.send()
        self.assertEqual({first.state, second.state}, {"accepted", "queued"})
        self.assertEqual(self.counts()["whatsapp.out"], 1)

    def test_verification(self):
        """Meta asks with GET; only who knows the word is answered."""
        path = f"/clinic/gateway/{self.whatsapp.secret_path}?hub.mode=subscribe"
        answer = self.url_open(f"{path}&hub.verify_token=the word&hub.challenge=123")
        self.assertEqual((answer.status_code, answer.text), (200, "123"))
        for word in ("", "wrong", "ü"):
            answer = self.url_open(f"{path}&hub.verify_token={word}&hub.challenge=123")
            self.assertEqual((answer.status_code, answer.text), (403, ""))

    def test_without_a_secret_nothing_is_believed(self):
        self.whatsapp.webhook_secret = False
        self.env.flush_all()
        answer = self.url_open(
            f"/clinic/gateway/{self.whatsapp.secret_path}",
            data=json.dumps({"entry": []}),
            headers={"Content-Type": "application/json"},
        )
        self.assertEqual(answer.status_code, 403)


@tagged("post_install", "-at_install")
class TestWhatsappWords(BaseCase):
    """What the Cloud API says is read as it is meant, whatever shape it has."""

    def outcome(self, code, status=400):
        adapter = whatsapp_cloud.WhatsAppCloud("https://example.com", "1", "t")
        return adapter.refusal(code, safe_http.Reply(status, {}, b""))

    def test_codes(self):
        for code, state in (
            (131047, "refused"),
            (131026, "refused"),
            (131050, "refused"),
            (130429, "retry"),
            (131048, "retry"),
            (190, "retry"),
            (131000, "ambiguous"),
            (999999, "refused"),
        ):
            self.assertEqual(self.outcome(code).state, state, code)
        self.assertEqual(self.outcome(131050).failure, "opted_out")
        self.assertIsNone(
            self.outcome(190).retry_after, "an access that fails is a fault"
        )
        self.assertTrue(self.outcome(130429).retry_after)

    def test_template(self):
        adapter = whatsapp_cloud.WhatsAppCloud("https://example.com", "1", "t")
        item = Item(
            "key",
            "+39333",
            template_name="t",
            template_lang="it",
            parameters=("a\n b",),
        )
        body = adapter.body(item)
        self.assertEqual(body["to"], "39333")
        self.assertEqual(body["biz_opaque_callback_data"], "key")
        parameters = body["template"]["components"][0]["parameters"]
        self.assertEqual(parameters, [{"type": "text", "text": "a b"}])

    def test_odd_webhooks(self):
        good = {"id": "1", "status": "read", "timestamp": "x"}
        for value, count in (
            ({"statuses": [good]}, 1),
            ({"statuses": [{"id": "1", "status": "warning"}]}, 0),
            ({"statuses": "x", "messages": [5, {}]}, 0),
            ({"metadata": {"phone_number_id": "2"}, "statuses": [good]}, 0),
            ({"messages": [{"id": "1", "from": "39", "type": "reaction"}]}, 1),
        ):
            body = {"entry": [{"changes": [{"value": value}]}]}
            heard = whatsapp_cloud.hear(json.dumps(body).encode(), "1")
            self.assertEqual(len(heard), count, value)
