import json

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .gateway_common import GatewayCommon


class PushCommon(GatewayCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Device = cls.env["clinic.push.device"]
        cls.push = cls.make_provider("push", "web_push", lost_reply="same_key")

    def browser(self):
        """What a browser hands to the page: endpoint and keys."""
        status, subscription = self.gateway.ask(
            "POST", "/push/devices", {"phone": "+393331234567"}
        )
        self.assertEqual(status, 201)
        return {"endpoint": subscription["endpoint"], **subscription["keys"]}


@tagged("post_install", "-at_install")
class TestGatewayPush(PushCommon):
    """MSG-02: a push reaches the browser, encrypted for it alone."""

    def shown(self):
        """The pushes on the telephone, decrypted there."""
        talk = self.gateway.talk("+393331234567")
        return [each["text"] for each in talk if each["channel"] == "push"]

    def test_it_is_shown(self):
        self.Device._add_device(self.anna, **self.browser())
        message = self.queue(channel="push")
        self.send(self.push)
        self.assertEqual(message.state, "sent")
        self.assertEqual(self.shown(), [message.body])

    def test_nobody_without_a_device_is_pushed(self):
        message = self.queue(channel="push")
        self.assertEqual(
            (message.state, message.suppress_reason), ("suppressed", "no_address")
        )

    def test_a_device_that_is_gone(self):
        """410: the device is removed; the other one still gets the message."""
        gone = self.Device._add_device(self.anna, **self.browser())
        kept = self.Device._add_device(self.anna, **self.browser())
        self.gateway.control("device", id=gone.endpoint.rsplit("/", 1)[1], gone=True)
        message = self.queue(channel="push")
        self.send(self.push)
        self.assertEqual(message.state, "sent")
        self.assertEqual(self.Device.search([("partner_id", "=", self.anna.id)]), kept)
        self.gateway.control("device", id=kept.endpoint.rsplit("/", 1)[1], gone=True)
        last = self.Message._queue(
            "test_gateway", self.anna, step="last", channel="push", body="Last"
        )
        self.send(self.push)
        self.assertEqual((last.state, last.failure_type), ("failed", "no_device"))
        self.assertFalse(self.Device.search([("partner_id", "=", self.anna.id)]))

    def test_too_many(self):
        self.Device._add_device(self.anna, **self.browser())
        self.gateway.control(channel="push", limit=0.001)
        first = self.queue(channel="push")
        self.send(self.push)
        second = self.Message._queue(
            "test_gateway", self.anna, step="second", channel="push", body="Second"
        )
        self.send(self.push)
        self.assertEqual((first.state, second.state), ("sent", "queued"))

    def test_one_browser_has_one_person(self):
        browser = self.browser()
        first = self.Device._add_device(self.anna, **browser)
        other = self.patient("Rossi", "Carla")
        self.assertEqual(self.Device._add_device(other, **browser), first)
        self.assertEqual(first.partner_id, other)


@tagged("post_install", "-at_install")
class TestPushPortal(PushCommon, HttpCase):
    """The patient switches pushes on and off; the server calls nobody else."""

    def setUp(self):
        super().setUp()
        self.user = self.portal_user(self.anna)
        self.user.password = "a long password"
        self.authenticate(self.user.login, "a long password")

    def post(self, path="/my/push", **params):
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        answer = self.url_open(
            path, data=json.dumps(body), headers={"Content-Type": "application/json"}
        )
        return answer.json().get("result") or {}

    def test_on_and_off(self):
        self.assertTrue(self.post("/my/push/key")["key"])
        browser = self.browser()
        for _turn in range(2):
            self.assertEqual(self.post(**browser), {"done": True})
        mine = self.Device.search([("partner_id", "=", self.anna.id)])
        self.assertEqual(mine.mapped("endpoint"), [browser["endpoint"]])
        foreign = self.Device._add_device(
            self.patient("Rossi", "Carla"), **self.browser()
        )
        self.post("/my/push/off", endpoint=foreign.endpoint)
        self.assertTrue(foreign.exists(), "a device of somebody else stays")
        self.post("/my/push/off", endpoint=browser["endpoint"])
        self.assertFalse(mine.exists())

    def test_addresses_inside_are_refused(self):
        """S8: a portal user cannot register an end point that is no push service."""
        browser = self.browser()
        for endpoint in (
            "http://127.0.0.1:8069/",
            "http://127.0.0.1:5432/",
            "https://169.254.169.254/",
            "https://fcm.googleapis.com.evil.example/x",
            "https://fcm.googleapis.com@127.0.0.1/",
            "https://fcm.googleapis.com:8443/",
            "file:///etc/passwd",
            "",
        ):
            with self.subTest(endpoint=endpoint):
                self.assertIn("error", self.post(**{**browser, "endpoint": endpoint}))
        self.assertIn("error", self.post(**{**browser, "p256dh": "AAAA"}))
        self.assertIn("error", self.post(**{**browser, "auth": ["x"]}))
        self.assertFalse(self.Device.search([("partner_id", "=", self.anna.id)]))
        with self.assertRaises(UserError):
            self.Device._add_device(self.anna, "https://example.com/", "", "")

    def test_nobody_registers_without_a_log_in(self):
        self.authenticate(None, None)
        self.assertEqual(self.post(**self.browser()), {})

    def test_the_worker(self):
        answer = self.url_open("/my/push/worker.js")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Service-Worker-Allowed"], "/my/push")
        page = self.url_open("/my")
        self.assertIn("o_clinic_push", page.text)
