import base64
import hashlib
import hmac
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon

from ..lib.http_sms_presets import PRESETS


class Service(ThreadingHTTPServer):
    """A service on loopback that answers what a test says, and remembers requests."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Talk)
        self.answers, self.heard = [], []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class Talk(BaseHTTPRequestHandler):
    def log_message(self, *_words):
        """Nothing is written."""

    def do_POST(self):  # noqa: N802
        size = int(self.headers.get("Content-Length") or 0)
        self.server.heard.append(
            (self.command, self.path, dict(self.headers), self.rfile.read(size))
        )
        status, answer = self.server.answers.pop(0)
        body = answer if isinstance(answer, str) else json.dumps(answer)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_POST  # noqa: N815


@tagged("post_install", "-at_install")
class TestSmsPresets(ClinicPatientCommon):
    """MSG-02: gateways of Turkey and China as data, each in its own way of signing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = Service()
        cls.addClassCleanup(cls.service.stop)
        port = cls.service.server_address[1]
        cls.base = f"http://127.0.0.1:{port}"
        cls.env["ir.config_parameter"].set_param(
            "clinic_message.inside_hosts", f"127.0.0.1:{port}"
        )
        cls.Message = cls.env["clinic.message"]
        cls.env["clinic.message.provider"].search([("channel", "=", "sms")]).active = 0
        cls.anna = cls.patient("Verdi", "Anna", phone="+905311234567")
        for code, purpose in (("test_care", "service"), ("test_news", "marketing")):
            kind = cls.env["clinic.message.kind"].create(
                {
                    "name": code,
                    "code": code,
                    "purpose": purpose,
                    "is_urgent": True,
                    "switch_ids": [(0, 0, {"channel": "sms"})],
                }
            )
            kind.switch_ids.template_id = cls.env["clinic.message.template"].create(
                {
                    "name": code,
                    "kind_id": kind.id,
                    "provider_name": "SMS_1",
                    "text_ids": [(0, 0, {"body": "Dear {first_name}, {clinic} & co"})],
                }
            )
        cls.env["clinic.consent"]._decide(cls.anna, "marketing", "given", "portal")

    def setUp(self):
        super().setUp()
        self.service.heard.clear()

    def provider(self, preset, **vals):
        return self.env["clinic.message.provider"].create(
            {
                "name": preset,
                "channel": "sms",
                "kind": "http_sms",
                "preset": preset,
                "base_url": self.base,
                "sender": "Clinic",
                "account_user": "user",
                "account_key": "secret",
                "timeout": 5,
                **vals,
            }
        )

    def send(self, provider, answer, code="test_care", status=200):
        """A message that the service was given; the request it saw."""
        message = self.Message._queue(
            code, self.anna, step=f"{provider.preset}{len(self.service.heard)}"
        )
        self.service.answers.append((status, answer))
        ((_message, item),) = message._items()
        (outcome,) = provider._send([item])
        method, path, headers, body = self.service.heard[-1]
        return message, outcome, (method, urlsplit(path), headers, body)

    def hear(self, provider, message, rows):
        """What a service reports, as its webhook reads it."""
        gateway = provider._http_sms()
        for event in gateway.hear(json.dumps(rows).encode(), "application/json"):
            provider._take_in(event)
        return message.state

    def test_every_preset_says_what_it_rests_on(self):
        for name in PRESETS:
            provider = self.provider(name)
            with self.subTest(preset=name):
                self.assertEqual(bool(provider.preset_about), name != "demo")

    def test_verimor(self):
        """Words in the body; the filter of the consent registry for news alone."""
        provider = self.provider("verimor")
        message, outcome, request = self.send(provider, "20212\n")
        sent = json.loads(request[3])
        self.assertEqual((outcome.state, outcome.uid), ("accepted", "20212"))
        self.assertEqual(request[1].path, "/v2/send.json")
        self.assertEqual(sent["messages"][0]["dest"], "905311234567")
        self.assertNotIn("is_commercial", sent)
        message.write(
            {"state": "accepted", "provider_uid": "20212", "provider_id": provider.id}
        )
        receipt = {
            "type": "outbound",
            "campaign_id": 20212,
            "campaign_custom_id": message.uuid,
            "status": "DELIVERED",
            "gsm_error": "0",
        }
        self.assertEqual(self.hear(provider, message, [receipt]), "delivered")
        self.service.answers.append((200, [{**receipt, "status": "NOT_DELIVERED"}]))
        ((uid, state, _error),) = provider._poll(message)
        self.assertEqual((uid, state), ("20212", "failed"))
        _message, refused, request = self.send(
            provider, "INVALID_DESTINATION_ADDRESS", "test_news", status=400
        )
        self.assertEqual(refused.state, "refused")
        sent = json.loads(request[3])
        self.assertEqual(
            (sent["is_commercial"], sent["iys_recipient_type"]), (True, "BIREYSEL")
        )

    def test_netgsm(self):
        """Basic authentication; «00» is good, other codes are not."""
        provider = self.provider("netgsm")
        _message, outcome, request = self.send(provider, {"code": "00", "jobid": "J1"})
        self.assertEqual((outcome.state, outcome.uid), ("accepted", "J1"))
        words = request[2]["Authorization"].removeprefix("Basic ")
        self.assertEqual(base64.b64decode(words), b"user:secret")
        self.assertEqual(json.loads(request[3])["iysfilter"], "0")
        _message, outcome, request = self.send(
            provider, {"code": "30"}, "test_news", status=406
        )
        self.assertEqual((outcome.state, outcome.failure), ("retry", "30"))
        self.assertEqual(json.loads(request[3])["iysfilter"], "11")
        asked = {"code": "00", "jobs": [{"jobid": "J1", "status": 1}]}
        self.service.answers.append((200, asked))
        self.assertEqual(provider._http_sms().poll("J1")[0].state, "delivered")
        self.assertEqual(json.loads(self.service.heard[-1][3]), {"jobids": ["J1"]})

    def test_jetsms(self):
        provider = self.provider("jetsms")
        answer = {
            "responseCode": "00",
            "responseGroupIdArray": [{"messageid": "M1", "status": "00"}],
        }
        _message, outcome, request = self.send(provider, answer, "test_news")
        self.assertEqual((outcome.state, outcome.uid), ("accepted", "M1"))
        self.assertEqual(json.loads(request[3])["iysfilter"], 1)

    def test_aliyun(self):
        """The whole query is signed; text and signature are approved ones."""
        provider = self.provider("aliyun")
        message, outcome, request = self.send(provider, {"Code": "OK", "BizId": "B1"})
        self.assertEqual((outcome.state, outcome.uid), ("accepted", "B1"))
        query = dict(parse_qsl(request[1].query))
        self.assertEqual(query["TemplateCode"], "SMS_1")
        self.assertEqual(
            json.loads(query["TemplateParam"]),
            {"p1": "Anna", "p2": self.env.company.name},
        )
        # As the service works it out, from what came over the wire.
        given = query.pop("Signature")
        pairs = "&".join(
            f"{quote(name, safe='~')}={quote(value, safe='~')}"
            for name, value in sorted(query.items())
        )
        words = f"POST&%2F&{quote(pairs, safe='~')}"
        digest = hmac.new(b"secret&", words.encode(), hashlib.sha1).digest()
        self.assertEqual(given, base64.b64encode(digest).decode())
        message.write(
            {"state": "accepted", "provider_uid": "B1", "provider_id": provider.id}
        )
        receipt = {
            "biz_id": "B1",
            "out_id": message.uuid,
            "success": True,
            "err_code": "DELIVERED",
        }
        rows = [receipt, {**receipt, "success": False}]
        self.assertEqual(self.hear(provider, message, rows), "delivered")
        _message, outcome, _request = self.send(
            provider, {"Code": "isv.BUSINESS_LIMIT_CONTROL"}
        )
        self.assertEqual(outcome.state, "retry")
        answer = {"phone_number": "13800000000", "content": "TD", "sequence_id": "7"}
        (event,) = provider._http_sms().hear(
            json.dumps([answer]).encode(), "application/json"
        )
        self.assertEqual(event.sender, "+8613800000000")

    def test_huawei(self):
        """A user name token in the header; the texts' values in their order."""
        provider = self.provider("huawei", settings='{"values": {"channel": "8823"}}')
        answer = {"code": "000000", "result": [{"smsMsgId": "H1", "status": "000000"}]}
        _message, outcome, request = self.send(provider, answer)
        self.assertEqual((outcome.state, outcome.uid), ("accepted", "H1"))
        sent = dict(parse_qsl(request[3].decode()))
        self.assertEqual((sent["from"], sent["to"]), ("8823", "+905311234567"))
        self.assertEqual(
            json.loads(sent["templateParas"]), ["Anna", self.env.company.name]
        )
        token = dict(re.findall(r'(\w+)="([^"]*)"', request[2]["X-WSSE"]))
        digest = hashlib.sha256(
            f"{token['Nonce']}{token['Created']}secret".encode()
        ).hexdigest()
        right = base64.b64encode(digest.encode()).decode()
        self.assertEqual(token["PasswordDigest"], right)

    def test_a_text_without_a_name(self):
        """Nothing leaves: the provider would refuse it."""
        provider = self.provider("huawei")
        message = self.Message._queue("test_care", self.anna, step="own", body="Own")
        ((_message, item),) = message._items()
        (outcome,) = provider._send([item])
        self.assertEqual((outcome.state, outcome.failure), ("refused", "not_approved"))
        self.assertFalse(self.service.heard)
