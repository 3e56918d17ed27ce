"""Messages: queueing a mass, sending through a gateway, taking in receipts."""

import hashlib
import hmac
import itertools
import json
import statistics
import time
import uuid
from datetime import timedelta

import dataset
import requests
from lab import Result, addons_path, env_of, forget, medians, ms, rate, say, served
from sending import DemoGateway, Sending

#: One patient in so many gets the message.
SHARE = 10
#: What the gateway takes in a second, as a contract would say it.
LIMIT = 150
SENT = 3000
#: Rows that the peer on mail.thread writes: it takes too long for all of them.
THREADS = 2000

#: The same messages, written as one would by hand.
RAW = """
    INSERT INTO clinic_message (direction, channel, kind_id, purpose, company_id,
           patient_id, recipient_id, address, lang, zone, res_model, step, key, uuid,
           provider_id, state, attempts, due, expires_at, queued_at, user_id, is_paused)
    SELECT 'out', 'sms', %(kind)s, 'marketing', %(company)s, p.id, p.id, f.e164,
           COALESCE(p.lang, 'en_US'), 'UTC', NULL, 'raw', 'raw:' || p.id || ':%(run)s',
           gen_random_uuid()::text, %(provider)s, 'queued', 0, %(now)s,
           %(now)s + interval '3 days', %(now)s, 1, FALSE
      FROM res_partner p
      JOIN clinic_phone f ON f.partner_id = p.id
     WHERE p.is_patient AND p.active AND hashint4(p.id) %% %(share)s = 0
"""


def measure(name, count, repeats):
    """The rows of messages."""
    say(f"filling {count:,} patients …")
    with env_of(name) as env:
        env.company.country_id = env.ref("base.it")
        dataset.make_patients(env.cr, count)
        for table in ("res_partner", "clinic_phone"):
            dataset.vacuum(env.cr, table)
        env.invalidate_all()
    with env_of(name) as env:
        yield from queueing(env, count, repeats)
    forget(name)


def queueing(env, count, repeats):
    """Write the messages of a campaign, in ways."""
    from odoo import fields
    from odoo.tools import SQL

    env["clinic.message.provider"].search([]).active = False
    provider = env["clinic.message.provider"].create(
        {
            "name": "SMS",
            "channel": "sms",
            "kind": "http_sms",
            "preset": "demo",
            "base_url": "http://127.0.0.1:9",
        }
    )
    kind = env["clinic.message.kind"].create(
        {
            "name": "Bench",
            "code": "bench",
            "purpose": "marketing",
            "switch_ids": [(0, 0, {"channel": "sms"})],
        }
    )
    env.flush_all()
    env.cr.execute(
        """
        INSERT INTO clinic_consent (patient_id, kind_id, decision, date, channel)
        SELECT id, %s, 'given', now() AT TIME ZONE 'UTC', 'portal'
          FROM res_partner WHERE is_patient
        """,
        [env["clinic.consent.kind"]._by_code("marketing").id],
    )
    env.cr.execute("COMMIT")
    dataset.vacuum(env.cr, "clinic_consent")
    query = SQL(
        "SELECT id AS patient_id, NULL::int AS origin_id FROM res_partner"
        " WHERE is_patient AND active AND hashint4(id) %% %s = 0",
        SHARE,
    )
    runs = itertools.count()
    counts = {}

    def undone(name, work):
        """Run something and take it back: each run finds the same table."""

        def run():
            savepoint = env.cr.savepoint(flush=False)
            began = time.perf_counter()
            counts[name] = work()
            passed = time.perf_counter() - began
            savepoint.close(rollback=True)
            env.invalidate_all(flush=False)
            return passed

        return run

    def raw():
        env.cr.execute(
            RAW,
            {
                "kind": kind.id,
                "company": env.company.id,
                "provider": provider.id,
                "now": fields.Datetime.now(),
                "share": SHARE,
                "run": next(runs),
            },
        )
        return env.cr.rowcount

    def product():
        return env["clinic.message"]._queue_query("bench", query, step=f"{next(runs)}")

    env.cr.execute(
        "SELECT p.id, f.e164, p.lang FROM res_partner p"
        " JOIN clinic_phone f ON f.partner_id = p.id"
        " WHERE p.is_patient AND p.active AND hashint4(p.id) %% %s = 0 LIMIT %s",
        [SHARE, THREADS],
    )
    people = env.cr.fetchall()

    def thread():
        run, now = next(runs), fields.Datetime.now()
        env["bench.thread.message"].create(
            [
                {
                    "direction": "out",
                    "channel": "sms",
                    "kind_id": kind.id,
                    "purpose": "marketing",
                    "company_id": env.company.id,
                    "patient_id": patient,
                    "recipient_id": patient,
                    "address": phone,
                    "lang": lang or "en_US",
                    "zone": "UTC",
                    "step": "raw",
                    "key": f"raw:{patient}:{run}",
                    "uuid": str(uuid.uuid4()),
                    "provider_id": provider.id,
                    "state": "queued",
                    "due": now,
                    "expires_at": now + timedelta(days=3),
                    "queued_at": now,
                    "user_id": env.uid,
                }
                for patient, phone, lang in people
            ]
        )
        env.flush_all()
        return len(people)

    taken = medians(
        repeats,
        raw=undone("raw", raw),
        product=undone("product", product),
        thread=undone("thread", thread),
    )
    assert counts["raw"] == counts["product"] > 0, counts
    size = f"{counts['product']:,} of {count:,}"
    yield Result(
        "queue messages for a segment",
        size,
        "",
        ms(taken["raw"]),
        ms(taken["product"]),
        taken["product"] / taken["raw"],
        "<= 2.5",
        "raw: INSERT .. SELECT; product: consent, STOP, caps, channel and provider too",
    )
    each = taken["thread"] / counts["thread"]
    yield Result(
        "the same by mail.thread",
        size,
        f"{each * 1000:.2f} ms a row",
        "",
        f"{taken['product'] / counts['product'] * 1000:.3f} ms a row",
        each / (taken["product"] / counts["product"]),
        ">= 10",
        f"peer: create of {counts['thread']:,} of the same rows, state tracked",
    )


def measure_site(source):
    """Sending with two workers, and receipts over HTTP."""
    gateway = DemoGateway()
    try:
        with served("messages", source, "--max-cron-threads", "2", *addons_path()) as s:
            sending = Sending(s, gateway)
            sending.prepare(lost_reply="same_key", senders=2, parallel=16, timeout=10)
            yield from delivery(sending)
            yield from receipts(s, sending)
    finally:
        gateway.stop()


def speed_of(sending, word, times):
    """Messages a second that the gateway took, the first and last tenth left out."""
    wanted = sending.queue(times, word)
    sending.wake()
    sending.drain(word)
    with sending.gateway.store.lock:
        moments = sorted(
            message.at
            for message in sending.gateway.store.messages.values()
            if message.text.startswith(f"{word} ")
        )
    assert len(moments) == wanted
    cut = len(moments) // 10
    middle = moments[cut:-cut]
    return len(middle) / (middle[-1] - middle[0])


def direct(gateway, seconds=3.0):
    """Messages a second that the gateway takes from a client that does nothing else."""
    numbers = itertools.count()
    sessions = [requests.Session() for _thread in range(8)]

    def work(number):
        each = next(numbers)
        sessions[number].post(
            f"{gateway.url}/sms/send",
            json={
                "to": f"+3933399{each % 99999:05}",
                "from": "Clinic",
                "text": f"direct {each}",
                "reference": f"direct-{each}",
            },
            headers={"Authorization": "Bearer sms-key"},
            timeout=20,
        ).raise_for_status()

    return rate(work, seconds, threads=8)


def delivery(sending):
    """How close two workers come to what the gateway takes."""
    gateway = sending.gateway
    gateway.control(channel="sms", limit=LIMIT)
    limited = speed_of(sending, "limited", SENT // 500)
    yield Result(
        "sending, two workers",
        f"{SENT:,}",
        "",
        f"limit {LIMIT}/s",
        f"{limited:.0f}/s",
        limited / LIMIT,
        ">= 0.8",
        "product / the limit that the gateway enforces",
    )
    gateway.control(channel="sms", limit=0)
    most = direct(gateway)
    free = speed_of(sending, "free", SENT // 500)
    yield Result(
        "sending, no limit",
        f"{SENT:,}",
        "",
        f"{most:.0f}/s",
        f"{free:.0f}/s",
        free / most,
        "",
        "raw: a client that does nothing else; all on the same two cores",
    )


def receipts(site, sending):
    """Receipts that come over HTTP, beside a route that does nothing."""
    path, secret = site.sql(
        "SELECT secret_path, webhook_secret FROM clinic_message_provider WHERE id = %s",
        sending.provider,
    )[0]
    uids = [
        row[0]
        for row in site.sql(
            "SELECT provider_uid FROM clinic_message WHERE provider_uid IS NOT NULL"
            " ORDER BY id"
        )
    ]
    waiting = itertools.cycle(uids)
    sessions = [requests.Session() for _thread in range(4)]
    site.sql(
        "INSERT INTO ir_config_parameter (key, value) VALUES"
        " ('clinic_message.webhook_waiting', '1000000') ON CONFLICT (key)"
        " DO UPDATE SET value = EXCLUDED.value"
    )

    def receipt(number):
        body = json.dumps(
            {
                "type": "receipt",
                "id": next(waiting),
                "status": "delivered",
                "time": int(time.time()),
            }
        ).encode()
        sign = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        answer = sessions[number].post(
            f"{site.url}/clinic/gateway/{path}",
            body,
            headers={
                "Content-Type": "application/json",
                "X-Signature": f"sha256={sign}",
            },
            timeout=30,
        )
        assert answer.status_code in (200, 202, 204), answer.status_code

    def noop(number):
        sessions[number].post(
            f"{site.url}/bench/noop/public", json={"params": {}}, timeout=30
        ).raise_for_status()

    receipt(0), noop(0)
    taken = {"receipt": [], "noop": []}
    for _round in range(3):
        taken["noop"].append(rate(noop))
        taken["receipt"].append(rate(receipt))
    middle = {key: statistics.median(values) for key, values in taken.items()}
    yield Result(
        "delivery receipts",
        "",
        "",
        f"noop {middle['noop']:.0f}/s",
        f"{middle['receipt']:.0f}/s",
        middle["receipt"] / middle["noop"],
        ">= 0.3",
        "product / noop: signature, rate limit, state and history written",
    )
