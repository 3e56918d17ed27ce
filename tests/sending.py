"""A demo gateway, and a site whose scheduled actions send messages through it."""

import contextlib
import json
import os
import signal
import time
import urllib.request
from collections import Counter

import psutil
import psycopg2

from gateway.program import Gateway

from command.steps import Failure

PATIENTS = 500

#: What a message may end as when it reached the gateway.
REACHED = ("accepted", "sent", "delivered", "read")


class DemoGateway(Gateway):
    """A demo gateway that is told to misbehave by the words of its own interface."""

    def control(self, name="", **values):
        """One word of the control interface; its answer."""
        return self.ask(f"/control/{name}".rstrip("/"), values)

    def ask(self, path, values=None, **headers):
        """The answer of any address of the gateway, read as JSON."""
        body = None if values is None else json.dumps(values).encode()
        headers = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(self.url + path, body, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


class Sending:
    """A site whose scheduled actions send through a demo gateway."""

    def __init__(self, site, gateway):
        self.site, self.gateway = site, gateway
        gateway.control("accounts", channel="sms", key="sms-key", sender="Clinic")
        gateway.control("accounts", channel="whatsapp", key="wa-key", sender="Clinic")
        gateway.control(receipts="off")
        site.expect_log("WorkerCron|Job .* (failed|timed out)|timeout|cron")

    def prepare(self, **provider):
        """Providers, a kind of message and patients with a telephone each."""

        def written(env):
            env["ir.config_parameter"].set_param(
                "clinic_message.inside_hosts", f"127.0.0.1:{self.gateway.port}"
            )
            providers = env["clinic.message.provider"]
            providers.search([]).active = False
            self.provider = providers.create(
                {
                    "name": "SMS",
                    "channel": "sms",
                    "kind": "http_sms",
                    "preset": "demo",
                    "base_url": self.gateway.url,
                    "account_key": "sms-key",
                    "webhook_secret": "sms-secret",
                    "senders": 3,
                    "lease_seconds": 3,
                    "timeout": 2,
                    **provider,
                }
            ).id
            kinds = env["clinic.message.kind"]
            if not kinds.search([("code", "=", "crash")]):
                kinds.create(
                    {
                        "name": "Crash",
                        "code": "crash",
                        "is_urgent": True,
                        "switch_ids": [(0, 0, {"channel": "sms", "sequence": 20})],
                    }
                )
                env["res.partner"].create(
                    [
                        {
                            "is_patient": True,
                            "family_name": "Crash",
                            "given_name": f"P{number}",
                            "phone": f"+3933312{number:05}",
                        }
                        for number in range(PATIENTS)
                    ]
                )

        self.site.transact(written)

    def queue(self, times, word):
        """Queue a message to each patient some times; how many."""
        from odoo.tools import SQL

        with self.site.env() as env:
            people = SQL(
                "SELECT id AS patient_id, NULL::int AS origin_id FROM res_partner"
                " WHERE family_name = 'Crash'"
            )
            return sum(
                env["clinic.message"]._queue_query(
                    "crash", people, step=f"{word}{each}", body=f"{word} {each}"
                )
                for each in range(times)
            )

    def states(self, word):
        """How many messages are in each state."""
        return Counter(
            dict(
                self.site.sql(
                    "SELECT state, COUNT(*) FROM clinic_message"
                    " WHERE body LIKE %s GROUP BY state",
                    f"{word} %",
                )
            )
        )

    def arrived(self, word):
        """How often each message arrived at the telephones: {(phone, text): times}."""
        with self.gateway.store.lock:
            return Counter(
                (message.phone, message.text)
                for message in self.gateway.store.messages.values()
                if message.text.startswith(f"{word} ")
            )

    def wake(self):
        """Tell the scheduled actions that there is work, as a new message does."""
        with self.site.env() as env:
            env["clinic.message.provider"].browse(self.provider)._wake()

    def nudge(self):
        """The same as a new message does, by SQL: where this process has no Odoo."""
        with contextlib.suppress(psycopg2.Error, Failure):
            self.site.sql(
                "INSERT INTO ir_cron_trigger (cron_id, call_at)"
                " SELECT id, now() AT TIME ZONE 'UTC' FROM ir_cron"
                " WHERE clinic_provider_id = %s",
                self.provider,
            )
            self.site.server.query(f"NOTIFY cron_trigger, '{self.site.database}'")

    def stop(self, phone):
        """Put a telephone on the list; as a request is, it is tried again in a race."""
        while True:
            try:
                with self.site.env() as env:
                    listed = env["clinic.message.optout"]
                    listed._stop(phone, purpose="care", source="reply")
                return
            except psycopg2.errors.SerializationFailure:
                time.sleep(0.02)

    def drain(self, word, seconds=240):
        """Wait until nothing waits any more."""
        deadline = time.monotonic() + seconds
        while True:
            states = self.states(word)
            if not states["queued"] + states["claimed"]:
                return states
            assert time.monotonic() < deadline, states
            self.wake()
            time.sleep(0.5)

    def cron_workers(self):
        """The processes that run scheduled actions, told by their lower priority."""
        master = psutil.Process(self.site.process.pid)
        return [each for each in master.children() if each.nice() != master.nice()]

    def kill_workers(self, word, kills):
        """Kill workers in the middle of their work, until so many are dead."""
        dead = 0
        while dead < kills:
            before = sum(self.arrived(word).values())
            deadline = time.monotonic() + 30
            woken = 0
            while sum(self.arrived(word).values()) < before + 15:
                if time.monotonic() > deadline:
                    return dead
                # A worker that has just begun to live hears of nothing before.
                if time.monotonic() > woken + 0.5:
                    self.wake()
                    woken = time.monotonic()
                time.sleep(0.005)
            for worker in self.cron_workers():
                try:
                    os.kill(worker.pid, signal.SIGKILL)
                    dead += 1
                except (ProcessLookupError, psutil.NoSuchProcess):
                    continue
        return dead


def connect_sms(site, gateway):
    """Let the site send all its SMS through a demo gateway, and hear of answers."""
    gateway.control("accounts", channel="sms", key="sms-key", sender="Clinic")

    def written(env):
        env["ir.config_parameter"].set_param(
            "clinic_message.inside_hosts", f"127.0.0.1:{gateway.port}"
        )
        providers = env["clinic.message.provider"]
        providers.search([("channel", "=", "sms")]).active = False
        provider = providers.create(
            {
                "name": "SMS",
                "channel": "sms",
                "kind": "http_sms",
                "preset": "demo",
                "base_url": gateway.url,
                "account_key": "sms-key",
                "webhook_secret": "sms-secret",
                "lost_reply": "same_key",
            }
        )
        return provider.secret_path

    path = site.transact(written)
    gateway.control(
        "accounts",
        channel="sms",
        key="sms-key",
        secret="sms-secret",
        sender="Clinic",
        callback=f"{site.url}/clinic/gateway/{path}",
    )


def telephones(site, gateway, **people):
    """Patients with telephones in the demo gateway, which carries all SMS of the site.

    Quiet hours are off: the tests run at any hour.

    :param people: ``{given name: number}``
    :returns: ``{given name: id of the card}``
    """
    gateway.control(
        "phones",
        people={
            number: {"name": f"Verdi {name.title()}"} for name, number in people.items()
        },
    )
    connect_sms(site, gateway)
    with site.env() as env:
        env["res.company"].search([("id", ">", 0)]).write(
            {"clinic_quiet_care_start": 0, "clinic_quiet_care_end": 0}
        )
        return {
            name: env["res.partner"]
            .create(
                {
                    "is_patient": True,
                    "family_name": "Verdi",
                    "given_name": name.title(),
                    "phone": number,
                }
            )
            .id
            for name, number in people.items()
        }


def answer(phone, words):
    """Type an SMS on the telephone page that shows a conversation."""
    phone.select_option("#channel", "sms")
    phone.fill("#text", words)
    phone.press("#text", "Enter")
