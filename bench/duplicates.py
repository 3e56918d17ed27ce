"""The search for duplicate cards over the whole base."""

import time

import dataset
from lab import Result, env_of, say

#: One card in so many gets a second one, in each of the ways of SEEDS.
EVERY = 500

#: What differs on the second card, as columns of the first one ``p``; and whether the
#: two are one person. The tax code and the card number stand on the first card only.
SEEDS = {
    "same again": ({}, True),
    "family name misspelt": ({"family_name": "p.family_name || 'i'"}, True),
    "birth date missing": ({"birth_date": "NULL::date"}, True),
    "names swapped": (
        {"family_name": "p.given_name", "given_name": "p.family_name"},
        True,
    ),
    "twin": ({"given_name": "'Zaccaria'"}, False),
    "grandfather": (
        {"birth_date": "(p.birth_date - interval '60 years')::date"},
        False,
    ),
}


def seed(cr):
    """Add second cards; ``{name: {pairs of ids}}``."""
    found = {}
    for number, (name, (changes, _same)) in enumerate(SEEDS.items()):
        columns = {
            column: changes.get(column, f"p.{column}")
            for column in ("family_name", "given_name", "birth_date")
        }
        cr.execute(
            f"""
            WITH source AS (
                SELECT p.id AS old, p.phone, {columns["family_name"]} AS family,
                       {columns["given_name"]} AS given,
                       {columns["birth_date"]} AS birth
                  FROM res_partner p
                 WHERE p.card_number LIKE 'C-%%'
                   AND substr(p.card_number, 3)::int %% %(every)s = %(number)s
            ), numbered AS (
                SELECT *, nextval('res_partner_id_seq') AS id FROM source
            ), added AS (
                INSERT INTO res_partner (id, name, complete_name, family_name,
                    given_name, duplicate_key, birth_date, phone, is_patient, active,
                    type, lang, identity_state, partner_share, create_uid, write_uid,
                    create_date, write_date)
                SELECT id, family || ' ' || given, family || ' ' || given, family,
                       given, concat_ws('|', lower(CASE WHEN family < given
                           THEN family || ' ' || given
                           ELSE given || ' ' || family END),
                       lower(family), lower(given)), birth, phone, TRUE, TRUE,
                       'contact', 'en_US', 'confirmed', TRUE, 1, 1, now(), now()
                  FROM numbered
            ), phones AS (
                INSERT INTO clinic_phone (partner_id, number, e164, label,
                    is_preferred, sequence, allow_call, allow_sms, allow_whatsapp)
                SELECT id, phone, replace(phone, ' ', ''), 'mobile', TRUE, 10, TRUE,
                       TRUE, TRUE FROM numbered
            )
            SELECT old, id FROM numbered
            """,
            {"every": EVERY, "number": number + 1},
        )
        found[name] = set(cr.fetchall())
    return found


def memory(cr):
    """MiB of this process and of its server process, without shared buffers."""
    cr.execute("SELECT pg_backend_pid()")
    total = 0
    for process in ("self", cr.fetchone()[0]):
        with open(f"/proc/{process}/status") as file:
            total += sum(
                int(line.split()[1]) for line in file if line.startswith("RssAnon")
            )
    return total / 1024


def search(env):
    """Search all cards; (seconds, MiB at most, pairs)."""
    env["clinic.duplicate.search"].search([]).unlink()
    job = env["clinic.duplicate.search"].create({"kind": "full"})
    env.cr.commit()
    began, most = time.monotonic(), 0
    while job.state != "done":
        job._step()
        env.cr.commit()
        most = max(most, memory(env.cr))
    passed = time.monotonic() - began
    env.cr.execute("SELECT first_id, second_id FROM clinic_duplicate")
    return passed, most, set(env.cr.fetchall())


def check(seeded, pairs):
    """Assert that every seeded pair of one person was found, and no other."""
    for name, (_changes, same) in SEEDS.items():
        found = len(seeded[name] & pairs)
        expected = len(seeded[name]) if same else 0
        assert found == expected, f"{name}: {found} found of {expected}"


def measure(name, count):
    """Search ``count`` patients and more for seeded second cards."""
    say(f"filling {count:,} patients with duplicates …")
    with env_of(name) as env:
        dataset.make_patients(env.cr, count)
        seeded = seed(env.cr)
        for table in ("res_partner", "clinic_phone"):
            dataset.vacuum(env.cr, table)
    with env_of(name) as env:
        passed, most, pairs = search(env)
        check(seeded, pairs)
    size = f"{count:,}"
    found = f"{len(pairs):,} pairs"
    minutes = passed / 60
    yield Result(
        "search for duplicate cards",
        size,
        "",
        "",
        f"{minutes:.1f} min",
        minutes,
        "<= 10",
        f"minutes; {found}, all seeded ones and no twins",
    )
    yield Result(
        "memory of that search",
        size,
        "",
        "",
        f"{most:,.0f} MiB",
        most / 1024,
        "<= 1",
        "GiB, Odoo and PostgreSQL together, without shared buffers",
    )
