"""A gateway that does not answer: nobody but its own sender waits for it.

The demo gateway holds its calls until the test lets them go, so that nothing here is a
question of seconds: what is done in between is done while the provider is silent.
"""

import hashlib
import hmac
import json
import time
import urllib.request

import pytest
from sending import Sending
from support import Site

#: More reports at once than the site has HTTP workers.
REPORTS = 6


@pytest.fixture(scope="module")
def slow_site():
    site = Site("slow", workers=2)
    try:
        yield site.start("--max-cron-threads", "2")
    finally:
        site.discard()


@pytest.fixture
def silent(slow_site, gateway):
    """A sender in the middle of a call that the gateway does not answer."""
    sending = Sending(slow_site, gateway)
    sending.prepare(lost_reply="same_key", timeout=90, senders=1)
    gateway.control(channel="sms", hold=True)
    sending.queue(1, "silent")
    sending.wake()
    wait(lambda: gateway.store.counts["sms.held"])
    yield sending
    gateway.control(channel="sms", hold=False)


def wait(true, seconds=60):
    """Wait for what another process does."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def in_the_call(sending):
    """The messages that the sender hands over at this moment."""
    return sending.site.sql(
        "SELECT id, uuid FROM clinic_message WHERE state = 'claimed'"
        " AND tried_at IS NOT NULL ORDER BY id"
    )


def report(sending, values):
    """POST a delivery report as the gateway does; the status of the answer."""
    [[path]] = sending.site.sql(
        "SELECT secret_path FROM clinic_message_provider WHERE id = %s",
        sending.provider,
    )
    body = json.dumps({"type": "receipt", "time": 0, **values}).encode()
    signature = hmac.new(b"sms-secret", body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(
        f"{sending.site.url}/clinic/gateway/{path}",
        body,
        {"Content-Type": "application/json", "X-Signature": f"sha256={signature}"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.status


def test_nobody_waits_for_a_silent_gateway(silent):
    """While the provider hangs no row is locked, its reports are taken, a visitor
    gets the booking page, and STOP is heard; each try is counted already."""
    rows = in_the_call(silent)
    assert len(rows) >= REPORTS
    locked = silent.site.sql(
        "SELECT id, attempts FROM clinic_message WHERE id = ANY(%s) FOR UPDATE NOWAIT",
        [number for number, _uuid in rows],
    )
    assert {attempts for _id, attempts in locked} == {1}
    for number, (_id, uuid) in enumerate(rows[:REPORTS]):
        values = {"id": f"early-{number}", "reference": uuid, "status": "delivered"}
        assert report(silent, values) == 200
    with urllib.request.urlopen(f"{silent.site.url}/clinic/book", timeout=20) as page:
        assert page.status == 200
    silent.stop("+393331200499")
    early = [number for number, _uuid in rows[:REPORTS]]
    delivered = (
        "SELECT COUNT(*) FROM clinic_message WHERE id = ANY(%s) AND state = 'delivered'"
    )
    wait(lambda: silent.site.sql(delivered, early) == [(REPORTS,)])
    assert len(in_the_call(silent)) == len(rows) - REPORTS, "the others are in the call"
    assert not silent.arrived("silent"), "the gateway has answered nothing yet"
    silent.gateway.control(channel="sms", hold=False)
    states = silent.drain("silent")
    # What was reported before the answer stays; nobody was told twice.
    assert silent.site.sql(delivered, early) == [(REPORTS,)]
    assert set(silent.arrived("silent").values()) == {1}
    assert states["suppressed"] == 1
    assert set(states) <= {"accepted", "delivered", "suppressed"}
