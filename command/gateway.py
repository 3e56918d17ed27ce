"""The demo gateway beside the demo clinic: started, connected, stopped with it."""

import json
import shutil
import time
import urllib.request

from . import place, ports, processes
from .steps import Failure

STATE = place.HOME / "gateway"
#: Telephones that stand in the gateway's list from the start.
PEOPLE = 200


def start(server, site_port):
    """The step: the gateway runs, and the demo clinic's providers lead to it."""
    if not has_messages(server):
        return "not needed"
    http, smtp, pop = (
        ports.fresh(f"gateway-{name}") for name in ("http", "smtp", "pop")
    )
    process = processes.start(
        "gateway",
        [
            *(place.PYTHON, "-m", "gateway", "--port", http, "--smtp-port", smtp),
            *("--pop-port", pop, "--state", STATE),
        ],
        cwd=place.ROOT,
    )
    place.write_state(gateway=http)
    connect(server, http, smtp)
    wait(process, http)
    introduce(server, http, site_port)
    return f"port {http}"


def stop():
    """Stop the gateway."""
    processes.stop("gateway")


def forget():
    """Remove what the gateway remembers."""
    shutil.rmtree(STATE, ignore_errors=True)


def has_messages(server):
    """Whether the demo clinic has providers at all."""
    there = server.query(
        "SELECT to_regclass('clinic_message_provider') IS NOT NULL"
        " AND EXISTS (SELECT FROM ir_model_data WHERE module = 'clinic_message'"
        " AND name = 'demo_provider_sms')",
        server.database,
    )
    return there.strip() == "t"


def connect(server, http, smtp):
    """Write the gateway's ports into the demo records, and allow the calls inside."""
    url = f"http://127.0.0.1:{http}"
    server.query(
        f"""
        UPDATE clinic_message_provider p SET failures = 0, open_until = NULL,
               base_url = '{url}' || CASE WHEN kind = 'whatsapp_cloud'
                                          THEN '/v21.0' ELSE '' END
          FROM ir_model_data d
         WHERE d.module = 'clinic_message' AND d.model = 'clinic.message.provider'
           AND d.name LIKE 'demo\\_provider\\_%' AND d.res_id = p.id
           AND p.base_url IS NOT NULL;
        UPDATE ir_mail_server s SET smtp_port = {smtp}
          FROM ir_model_data d
         WHERE d.module = 'clinic_message' AND d.name = 'demo_mail_server'
           AND d.res_id = s.id;
        INSERT INTO ir_config_parameter (key, value)
        VALUES ('clinic_message.inside_hosts', '127.0.0.1:{http}')
            ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value
        """,
        server.database,
    )


def wait(process, http, seconds=10):
    """Return when the gateway answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{http}/control", timeout=5):
                return
        except OSError:
            time.sleep(0.02)
    raise Failure("the demo gateway does not answer", place.log_path("gateway"))


def introduce(server, http, site_port):
    """Tell the gateway where to report, and whose telephones there are."""
    accounts = server.query(
        "SELECT json_agg(json_build_object('key', account_key, 'channel', channel,"
        " 'secret', webhook_secret, 'sender', coalesce(sender, ''),"
        " 'verify_token', coalesce(verify_token, ''), 'callback',"
        f" 'http://127.0.0.1:{site_port}/clinic/gateway/' || secret_path))"
        " FROM clinic_message_provider p JOIN ir_model_data d ON d.res_id = p.id"
        " AND d.model = 'clinic.message.provider' AND d.module = 'clinic_message'"
        " WHERE account_key IS NOT NULL",
        server.database,
    )
    people = server.query(
        "SELECT json_object_agg(e164, card) FROM (SELECT f.e164, json_build_object("
        "'name', string_agg(DISTINCT p.name, ', '), 'addresses',"
        " array_remove(array_agg(DISTINCT p.email_normalized), NULL)) AS card"
        " FROM clinic_phone f JOIN res_partner p ON p.id = f.partner_id"
        " WHERE p.is_patient AND p.active AND f.e164 IS NOT NULL"
        f" GROUP BY f.e164 ORDER BY f.e164 LIMIT {PEOPLE}) card",
        server.database,
    )
    for account in json.loads(accounts or "null") or ():
        post(http, "accounts", account)
    post(http, "phones", {"people": json.loads(people or "null") or {}})


def post(http, name, values):
    """One word of the control interface."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{http}/control/{name}",
        json.dumps(values).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()
