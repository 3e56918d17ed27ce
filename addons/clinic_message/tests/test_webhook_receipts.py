import hashlib
import hmac
import json
import random
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .gateway_common import GatewayCommon


class ReportCommon(GatewayCommon, HttpCase):
    """Providers of two companies that report over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Other clinic"})
        cls.first = cls.sms
        cls.first.company_id = cls.env.company
        cls.second = cls.make_provider(
            "sms",
            "http_sms",
            company_id=cls.other_company.id,
            webhook_secret="another secret",
            account_key="another key",
        )

    def send(self, provider=None):
        """One run of a provider's first sender; the test mode is on already."""
        self.env.flush_all()
        provider.cron_ids[:1].method_direct_trigger()
        self.env.invalidate_all()

    def make_messages(self, provider, count=1, **vals):
        """Messages that a provider took, numbered uid-0, uid-1, …"""
        return self.Message.create(
            [
                {
                    "channel": "sms",
                    "kind_id": self.kind.id,
                    "company_id": provider.company_id.id,
                    "patient_id": self.anna.id,
                    "recipient_id": self.anna.id,
                    "address": "+393331234567",
                    "body": "Words",
                    "state": "accepted",
                    "provider_id": provider.id,
                    "provider_uid": f"uid-{number}",
                    **vals,
                }
                for number in range(count)
            ]
        )

    def report(self, provider, body, secret=None, signature=None, **options):
        """POST a report and take it in; the status of the answer."""
        status = self.tell(provider, body, secret, signature, **options)
        self.take_in()
        return status

    def tell(self, provider, body, secret=None, signature=None, **options):
        """POST a report as the provider does; the status of the answer."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        secret = provider.webhook_secret if secret is None else secret
        right = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        headers = {"Content-Type": options.pop("kind", "application/json")}
        if signature is None:
            signature = f"sha256={right}"
        if signature:
            headers["X-Signature"] = signature
        path = options.pop("path", f"/clinic/gateway/{provider.secret_path}")
        self.env.flush_all()
        return self.url_open(path, data=raw, headers=headers, timeout=60).status_code

    def receipt(self, uid="uid-0", status="delivered", **values):
        return {"type": "receipt", "id": uid, "status": status, "time": 0, **values}


@tagged("post_install", "-at_install", "long")
class TestManyReports(ReportCommon):
    """A provider that repeats itself, in any order."""

    def test_ten_thousand_shuffled(self):
        """R13: 10,008 receipts, each told three times in any order: the same end."""
        count = 1112
        messages = self.make_messages(self.first, count)
        rows = [
            self.receipt(f"uid-{number}", status, error="late" if last else "")
            for number in range(count)
            for last in ["failed" if number % 10 == 0 else "delivered"]
            for status in ("accepted", "sent", last)
        ] * 3
        self.assertGreaterEqual(len(rows), 10_000)
        random.Random(13).shuffle(rows)
        for first in range(0, len(rows), 1000):
            part = rows[first : first + 1000]
            self.assertEqual(self.report(self.first, part), 200)
        for message in messages:
            number = int(message.provider_uid.partition("-")[2])
            last = "failed" if number % 10 == 0 else "delivered"
            self.assertEqual(message.state, last)
        self.env.cr.execute(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE state IN ('delivered', 'failed'))"
            " FROM clinic_message_event WHERE message_id = ANY(%s) AND applied",
            [messages.ids],
        )
        applied, ends = self.env.cr.fetchone()
        self.assertEqual(ends, count, "each message ended once")
        self.assertLessEqual(applied, 2 * count)


@tagged("post_install", "-at_install")
class TestWebhookReceipts(ReportCommon):
    """What providers report is believed only when it is theirs, and only once."""

    def test_a_right_report(self):
        message = self.make_messages(self.first)
        self.assertEqual(self.report(self.first, self.receipt()), 200)
        self.assertEqual(message.state, "delivered")

    def test_what_nobody_should_believe(self):
        """S7: bad, missing, non-ASCII and other companies' signatures, replays, emoji
        and floods change nothing they should not, and never give an error 500."""
        mine = self.make_messages(self.first)
        theirs = self.make_messages(self.second)
        good = self.receipt()
        latin = "sha256=ü".encode().decode("latin-1")
        for name, expected, options in (
            ("wrong", 403, {"signature": "sha256=" + "0" * 64}),
            ("missing", 403, {"signature": ""}),
            ("not ASCII", 403, {"signature": latin}),
            ("long", 403, {"signature": "x" * 5000}),
            ("another secret", 403, {"secret": "another secret"}),
            ("unknown path", 404, {"path": "/clinic/gateway/" + "x" * 32}),
            ("no path", 404, {"path": "/clinic/gateway/x"}),
            ("odd path", 404, {"path": "/clinic/gateway/%C3%BC" + "x" * 32}),
            ("no text", 400, {"path": "/clinic/gateway/%00" + "x" * 32}),
        ):
            with self.subTest(name):
                status = self.report(self.first, good, **options)
                self.assertEqual(status, expected)
                self.assertEqual(mine.state, "accepted")
        for name, body in (
            ("no JSON", b"{"),
            ("not UTF-8", b"\xff\xfe"),
            ("a number", b"5"),
            ("nothing", b"{}"),
            ("a list of words", b'["a"]'),
            ("deep", b"[" * 50000),
            (
                "odd types",
                json.dumps({"type": "receipt", "id": {}, "status": []}).encode(),
            ),
            ("NUL", json.dumps({**good, "id": "\0"}).encode()),
            (
                "half an emoji",
                b'{"type": "inbound", "from": "+39333", "text": "\\ud83d"}',
            ),
        ):
            with self.subTest(name), mute_logger("odoo.addons.clinic_message"):
                self.assertIn(self.report(self.first, body), (200, 400))
                self.assertEqual(mine.state, "accepted")
        self.assertEqual(self.report(self.first, b" " * (11 * 1024 * 1024)), 413)
        # The other clinic's provider says something about the same number of its own.
        self.assertEqual(self.report(self.second, good), 200)
        self.assertEqual((mine.state, theirs.state), ("accepted", "delivered"))
        # Rightly signed by the other clinic, at this clinic's address.
        path = f"/clinic/gateway/{self.first.secret_path}"
        self.assertEqual(self.report(self.second, good, path=path), 403)
        self.assertEqual(mine.state, "accepted")

    def test_replays(self):
        """S7: the same report again and again is one report."""
        message = self.make_messages(self.first)
        for _turn in range(5):
            self.assertEqual(self.report(self.first, self.receipt()), 200)
        self.assertEqual(message.state, "delivered")
        events = message.event_ids.filtered(lambda each: each.state == "delivered")
        self.assertEqual(len(events), 1)
        written = {
            "type": "inbound",
            "id": "in-1",
            "from": "+393331234567",
            "to": "Clinic",
            "text": "Grazie 😀👍🏽",
            "time": 0,
        }
        for _turn in range(3):
            self.assertEqual(self.report(self.first, written), 200)
        found = self.Message.search([("provider_uid", "=", "in-1")])
        self.assertEqual(found.mapped("body"), ["Grazie 😀👍🏽"])
        self.assertEqual(found.patient_id, self.anna)

    def test_form_bodies_are_signed_too(self):
        message = self.make_messages(self.first)
        kind = "application/x-www-form-urlencoded"
        body = b"type=receipt&id=uid-0&status=delivered"
        self.assertEqual(
            self.report(self.first, body, signature="sha256=0", kind=kind), 403
        )
        self.assertEqual(self.report(self.first, body, kind=kind), 200)
        self.assertEqual(message.state, "delivered")

    def test_three_days_late(self):
        """R15: 72 hours later, after Odoo's clean-up, in both companies."""
        before = fields.Datetime.now() - timedelta(hours=72)
        mine = self.make_messages(self.first, queued_at=before)
        theirs = self.make_messages(self.second, queued_at=before)
        self.env.ref("base.autovacuum_job").method_direct_trigger()
        self.env.invalidate_all()
        # Meanwhile that clinic has gone to another provider.
        self.second.active = False
        self.assertEqual(self.report(self.second, self.receipt()), 200)
        self.assertEqual((mine.state, theirs.state), ("accepted", "delivered"))
        self.assertEqual(
            self.report(self.second, self.receipt(), secret="not so secret"), 403
        )
        self.assertEqual(self.report(self.first, self.receipt(status="failed")), 200)
        self.assertEqual((mine.state, theirs.state), ("failed", "delivered"))

    def test_too_many_that_wait_come_later(self):
        """S13: above the agreed number the provider is told to come later, until what
        waits was taken in; other providers notice nothing."""
        self.env["ir.config_parameter"].set_param("clinic_message.webhook_waiting", "5")
        self.make_messages(self.first)
        seen = [self.tell(self.first, self.receipt()) for _turn in range(8)]
        self.assertEqual(seen, [200] * 5 + [429] * 3)
        self.assertEqual(self.tell(self.second, self.receipt()), 200)
        self.take_in()
        self.assertEqual(self.tell(self.first, self.receipt()), 200)

    def test_a_report_needs_one_connection(self):
        """H12: a burst of receipts took two connections each until none was left."""
        self.make_messages(self.first)
        whole, registry = [], self.env.registry
        for secret in (self.first.secret_path, "x" * 32):
            path = f"/clinic/gateway/{secret}"
            with patch.object(
                registry, "cursor", side_effect=registry.cursor
            ) as opened:
                self.tell(self.first, self.receipt(), path=path)
            whole.append(opened.call_count)
        # A wrong address is counted apart, so that the count stays.
        self.assertEqual(whole[0], whole[1] - 1)

    def test_guessing_is_slowed_down(self):
        """S13: who tries addresses is soon told to wait."""
        path = "/clinic/gateway/" + "x" * 32
        seen = {self.report(self.first, {}, path=path) for _turn in range(62)}
        self.assertEqual(seen, {404, 429})

    def test_the_real_gateway_reports(self):
        """From the queue to the telephone and back, over sockets both ways."""
        self.gateway.control(
            "accounts",
            channel="sms",
            key="key-http_sms",
            secret="not so secret",
            callback=f"{self.base_url()}/clinic/gateway/{self.first.secret_path}",
        )
        self.gateway.control(channel="sms", travel=50, receipts="hold", repeat=2)
        messages = self.queue(3)
        self.send(self.first)
        self.wait_until(
            lambda: self.gateway.ask("GET", "/control")[1]["held"] == 3 * 2 * 2
        )
        with self.allow_requests(all_requests=True):
            self.hear_everything()
        self.take_in()
        self.assertTrue(
            {"delivered", "replied"} >= set(messages.mapped("state")), messages
        )
        answer = self.Message.search(
            [("direction", "=", "in"), ("provider_id", "=", self.first.id)]
        )
        self.assertEqual(answer.body, "Va bene 👍")

    def hear_everything(self):
        """Let the gateway tell twelve receipts and, twice, one answer."""
        status, _answer = self.gateway.ask(
            "POST",
            "/api/phones/+393331234567",
            {"channel": "sms", "text": "Va bene 👍"},
        )
        self.assertEqual(status, 201)
        self.assertEqual(self.gateway.control("release", shuffle=True)["released"], 14)

        def all_heard():
            counts = self.gateway.ask("GET", "/control")[1]["counts"]
            return counts.get("callback.200", 0) >= 14

        self.wait_until(all_heard, 30)
