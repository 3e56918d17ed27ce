"""Messages under bad luck: workers killed, answers lost.

R5, R16 and R17 of the reliability plan, against the demo gateway over real sockets
and Odoo's own scheduled actions in processes of their own.
CLINIC_RELIABILITY_SECONDS=180 asks for the full form (10,000 messages, 20 kills), as in
test_reliability.py; otherwise there are fewer of both.
"""

import os
import time

import pytest
from sending import PATIENTS, REACHED, Sending
from support import Site

FULL = int(os.environ.get("CLINIC_RELIABILITY_SECONDS", "25")) >= 180
KILLS = 20 if FULL else 6
#: Messages to each of 500 patients.
TIMES = 20 if FULL else 6


@pytest.fixture(scope="module")
def sending_site():
    site = Site("sending", workers=1)
    try:
        site.start("--max-cron-threads", "3")
        yield site
    finally:
        site.discard()


@pytest.fixture
def sending(sending_site, gateway):
    return Sending(sending_site, gateway)


@pytest.mark.long
def test_killed_senders_with_keys(sending, report):
    """R5, MSG-07: workers killed while they send thousands of messages: every message
    arrives, and none twice, since the gateway knows repeats by their key."""
    sending.prepare(lost_reply="same_key")
    wanted = sending.queue(TIMES, "keyed")
    assert wanted == TIMES * PATIENTS
    dead = sending.kill_workers("keyed", KILLS)
    states = sending.drain("keyed")
    arrived = sending.arrived("keyed")
    report(f"R5: {dead} kills, {len(arrived)} arrived, {dict(states)}")
    assert dead >= KILLS
    assert len(arrived) == wanted
    assert set(arrived.values()) == {1}
    assert set(states) <= set(REACHED)


@pytest.mark.long
def test_killed_senders_without_keys(sending, report):
    """R5: a gateway that knows no keys: none lost, at most one doubled by each kill."""
    sending.gateway.control(channel="sms", honour_keys=False)
    sending.prepare(lost_reply="again")
    wanted = sending.queue(4 if FULL else 2, "bare")
    dead = sending.kill_workers("bare", KILLS)
    sending.drain("bare")
    arrived = sending.arrived("bare")
    doubled = sum(arrived.values()) - len(arrived)
    report(f"R5 without keys: {dead} kills, {doubled} doubled, {len(arrived)} arrived")
    assert dead >= KILLS
    assert len(arrived) == wanted
    assert doubled <= dead


@pytest.mark.slow
def test_answers_lost_after_acceptance(sending, report):
    """R5: the gateway takes a message and never answers: tried again with the same key,
    asked after, or left to the staff, as the provider allows; nobody gets two."""
    for policy, ends in (
        ("same_key", set(REACHED)),
        ("poll", {*REACHED, "unknown"}),
        ("leave", {*REACHED, "unknown"}),
    ):
        sending.gateway.control("reset")
        sending.gateway.control("accounts", channel="sms", key="sms-key")
        sending.gateway.control(channel="sms", lose=30, hang=0.1, receipts="off")
        sending.prepare(lost_reply=policy, timeout=1)
        wanted = sending.queue(1, policy)
        sending.site.sql("UPDATE ir_config_parameter SET value = value WHERE key = 'x'")
        deadline = time.monotonic() + 120
        while (states := sending.states(policy))["queued"] + states["claimed"]:
            assert time.monotonic() < deadline, states
            # Tries wait for half a minute and more: they are due now.
            sending.site.sql(
                "UPDATE clinic_message SET due = now() AT TIME ZONE 'UTC'"
                " WHERE state = 'queued'"
            )
            sending.wake()
            time.sleep(0.5)
        arrived = sending.arrived(policy)
        report(f"lost answers, {policy}: {dict(states)}, {len(arrived)} arrived")
        assert len(arrived) == wanted
        assert set(arrived.values()) == {1}
        assert set(states) <= ends


@pytest.mark.slow
def test_a_fallback_reaches_once(sending, report):
    """R16, MSG-02: the first channel fails for hundreds of patients: each gets it once
    by the next one."""
    with sending.site.env() as env:
        env["clinic.message.switch"].search(
            [("kind_id.code", "=", "crash"), ("channel", "=", "whatsapp")]
        ).unlink()
    sending.prepare(lost_reply="same_key")
    with sending.site.env() as env:
        kind = env["clinic.message.kind"].search([("code", "=", "crash")])
        kind.switch_ids = [(0, 0, {"channel": "whatsapp", "sequence": 1})]
        env["clinic.message.provider"].create(
            {
                "name": "WhatsApp",
                "channel": "whatsapp",
                "kind": "whatsapp_cloud",
                "base_url": f"{sending.gateway.url}/v21.0",
                "account_key": "wa-key",
                "webhook_secret": "wa-secret",
                "sender": "1234567890",
                "lost_reply": "same_key",
            }
        )
    sending.gateway.control(channel="whatsapp", refuse=100)
    wanted = sending.queue(2 if FULL else 1, "fall")
    with sending.site.env() as env:
        env["clinic.message.provider"].search([("active", "=", True)])._wake()
    states = sending.drain("fall")
    arrived = sending.arrived("fall")
    report(f"R16: {dict(states)}, {len(arrived)} arrived")
    assert wanted >= PATIENTS
    assert states["failed"] == wanted, "by WhatsApp"
    assert len(arrived) == wanted
    assert set(arrived.values()) == {1}


@pytest.mark.slow
def test_stop_in_the_middle(sending, report):
    """R17, MSG-06: patients say STOP while thousands of messages are sent: after that
    is on record not one more goes out to them."""
    sending.prepare(lost_reply="same_key")
    sending.gateway.control(channel="sms", delay=5)
    sending.queue(TIMES, "stop")
    sending.wake()
    stopped = {}
    number = 0
    most = 0.9 * TIMES * PATIENTS
    while sum(sending.arrived("stop").values()) < most and number < 60:
        phone = f"+3933312{number:05}"
        sending.stop(phone)
        stopped[phone] = sending.arrived("stop")
        number += 1
    states = sending.drain("stop")
    after = sending.arrived("stop")

    def of(counts, phone):
        return sum(n for (who, _text), n in counts.items() if who == phone)

    report(f"R17: {len(stopped)} said STOP, {dict(states)}")
    assert states["suppressed"]
    assert {
        phone: of(after, phone) - of(then, phone) for phone, then in stopped.items()
    } == dict.fromkeys(stopped, 0)
