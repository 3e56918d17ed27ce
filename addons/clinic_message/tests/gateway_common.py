import http.client
import json
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon

#: The checkout: the demo gateway lies at its top.
ROOT = Path(__file__).resolve().parents[3]


class DemoGateway:
    """The demo gateway in a process of its own, on free ports.

    Not in a thread: a test may stop the clock of this process, a provider's goes on.
    """

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gateway"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        words = self.process.stdout.readline().split()
        self.url = words[0].rstrip("/")
        self.port, self.smtp_port, self.pop_port = (
            int(self.url.rsplit(":", 1)[1]),
            int(words[2]),
            int(words[4]),
        )
        self.inside = f"127.0.0.1:{self.port}"

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()

    def ask(self, method, path, body=None, headers=None):
        """``(status, content)`` of a request; the content read as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(
                method,
                path,
                None if body is None else json.dumps(body),
                {"Content-Type": "application/json", **(headers or {})},
            )
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(content) if content else None

    def control(self, name="", **values):
        """One word of the control interface; its answer."""
        status, content = self.ask("POST", f"/control/{name}".rstrip("/"), values)
        assert status == 200, content
        return content

    def talk(self, phone):
        """The messages on a telephone."""
        return self.ask("GET", f"/api/phones/{phone}")[1]["messages"]


class GatewayCommon(ClinicPatientCommon):
    """A clinic whose SMS go through a demo gateway, over a real socket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = DemoGateway()
        cls.addClassCleanup(cls.gateway.stop)
        cls.env["ir.config_parameter"].set_param(
            "clinic_message.inside_hosts", cls.gateway.inside
        )
        cls.Message = cls.env["clinic.message"]
        cls.Provider = cls.env["clinic.message.provider"]
        cls.Provider.search([("channel", "!=", "email")]).active = False
        cls.sms = cls.make_provider("sms", "http_sms", preset="demo")
        cls.anna = cls.patient("Verdi", "Anna", phone="+39 333 1234567")
        cls.kind = cls.env["clinic.message.kind"].create(
            {
                "name": "Test of the gateway",
                "code": "test_gateway",
                # No quiet hours, whenever the tests run.
                "is_urgent": True,
                "switch_ids": [(0, 0, {"channel": "sms"})],
            }
        )

    def setUp(self):
        super().setUp()
        self.gateway.control("reset")

    @classmethod
    def make_provider(cls, channel, kind, **vals):
        return cls.Provider.create(
            {
                "name": f"Test {channel}",
                "channel": channel,
                "kind": kind,
                "base_url": cls.gateway.url,
                "account_key": f"key-{kind}",
                "webhook_secret": "not so secret",
                "lost_reply": "same_key",
                "timeout": 2,
                "sequence": 1,
                **vals,
            }
        )

    def queue(self, count=1, **options):
        """Messages to Anna that wait for the gateway."""
        options.setdefault("channel", "sms")
        messages = self.Message
        for number in range(count):
            messages |= self.Message._queue(
                "test_gateway",
                self.anna,
                step=f"{self._testMethodName} {number}",
                body=f"Dear Anna, this is number {number}.",
                **options,
            )
        self.env.flush_all()
        return messages

    def send(self, provider=None):
        """One run of a provider's first sender."""
        cron = (provider or self.sms).sudo().cron_ids[:1]
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def take_in(self):
        """One run of the job that takes in what providers reported.

        In tests over HTTP the test mode is on already.
        """
        self.env.flush_all()
        job = self.env.ref("clinic_message.ir_cron_hear")
        on = self._registry_patched
        with nullcontext() if on else self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()

    def wait_until(self, true, seconds=10):
        """Wait for what another process does."""
        deadline = time.perf_counter() + seconds
        while not true():
            self.assertLess(time.perf_counter(), deadline, "it did not happen")
            time.sleep(0.05)
