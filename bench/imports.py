"""Importing patients from a file, against SQL that believes what it is given."""

import base64
import csv
import io
import random
import time

from lab import Result, env_of, say

HEADERS = (
    "Family name",
    "Given name",
    "Date of birth",
    "Sex",
    "Card number",
    "Mobile",
    "Email",
    "City",
)
FAMILIES = "Rossi Bianchi Ferrari Esposito Romano Colombo Ricci Marino Greco Bruno"
GIVENS = "Marco Giulia Francesca Anna Luca Paolo Alessandra Stefano Roberta Davide"
SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi zo".split()

#: The same file into the same tables by hand: nothing is checked, compared or formatted
#: beyond what one INSERT can say.
STAGE = """
    CREATE TABLE bench_staging (number serial, family text, given text, birth text,
        sex text, card text, phone text, email text, city text)
"""
INSERT = """
    WITH picked AS (
        SELECT *, nextval('res_partner_id_seq')::int AS id FROM bench_staging
    ), added AS (
        INSERT INTO res_partner (id, commercial_partner_id, name, complete_name,
            family_name, given_name, duplicate_key, birth_date, sex, card_number, email,
            email_normalized, city, phone, phone_sanitized, is_patient, active, type,
            lang, identity_state, partner_share, clinic_search_text, create_uid,
            write_uid, create_date, write_date)
        SELECT id, id, family || ' ' || given, family || ' ' || given, family, given,
               concat_ws('|', lower(CASE WHEN family < given
                   THEN family || ' ' || given ELSE given || ' ' || family END),
                   lower(family), lower(given)), to_date(birth, 'DD/MM/YYYY'),
               CASE sex WHEN 'F' THEN 'female' ELSE 'male' END, card, email,
               lower(email), city, '+39 ' || phone, '+39' || replace(phone, ' ', ''),
               TRUE, TRUE, 'contact', 'en_US', 'confirmed', TRUE,
               ' ' || lower(family) || ' ' || lower(given) || ' ' || lower(card) || ' '
                   || lower(email) || ' ' || replace(phone, ' ', '') || ' 39'
                   || replace(phone, ' ', ''), 1, 1, now(), now()
          FROM picked
    )
    INSERT INTO clinic_phone (partner_id, number, e164, label, is_preferred, sequence,
        allow_call, allow_sms, allow_whatsapp, create_uid, write_uid, create_date,
        write_date)
    SELECT id, '+39 ' || phone, '+39' || replace(phone, ' ', ''), 'mobile', TRUE, 10,
           TRUE, TRUE, TRUE, 1, 1, now(), now()
      FROM picked
"""


def rows(count):
    """Lines of a file with invented people, the same each time."""
    chance = random.Random(20261124)
    families, givens = FAMILIES.split(), GIVENS.split()
    for n in range(count):
        family = chance.choice(families) + "".join(chance.choices(SYLLABLES, k=4))
        yield (
            family,
            chance.choice(givens),
            f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/"
            f"{chance.randint(1935, 2015)}",
            "FM"[n % 2],
            f"IMP-{n}",
            f"3{chance.randint(20, 89)} {chance.randint(10**6, 10**7 - 1)}",
            f"{family.lower()}.{n}@mail.example",
            "Roma",
        )


def make_file(count):
    """The bytes of a CSV file."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADERS)
    writer.writerows(rows(count))
    return buffer.getvalue().encode()


def by_hand(cr, data):
    """COPY into a staging table and INSERT ... SELECT; seconds. Undone afterwards."""
    cr.execute("SAVEPOINT by_hand")
    began = time.perf_counter()
    cr.execute(STAGE)
    cr.copy_expert(
        "COPY bench_staging (family, given, birth, sex, card, phone, email, city)"
        " FROM STDIN WITH (FORMAT csv, HEADER)",
        io.BytesIO(data),
    )
    cr.execute(INSERT)
    passed = time.perf_counter() - began
    cr.execute("ROLLBACK TO SAVEPOINT by_hand")
    cr.connection.commit()
    return passed


def product(env, data):
    """Upload, check and import as the buttons and the job do; seconds of each."""
    env.company.country_id = env.ref("base.it")
    # The job reports to the scheduler, of which there is none here.
    cron = type(env["ir.cron"])
    report, cron._commit_progress = cron._commit_progress, _commit
    try:
        began = time.perf_counter()
        job = env["clinic.patient.import"].create(
            {"name": "bench.csv", "data": base64.b64encode(data)}
        )
        job.action_read()
        job.action_check()
        env.cr.commit()
        job._work()
        checked = time.perf_counter()
        job.action_import()
        env.cr.commit()
        job._work()
        done = time.perf_counter()
    finally:
        cron._commit_progress = report
    return job, checked - began, done - checked


def _commit(cron, processed=0, *, remaining=None, deactivate=False):
    cron.env.cr.commit()
    return float("inf")


def measure(name, count):
    """Import ``count`` patients into an empty clinic."""
    data = make_file(count)
    say(f"a file of {count:,} patients, {len(data) / 2**20:.0f} MiB")
    with env_of(name) as env:
        raw = by_hand(env.cr, data)
    with env_of(name) as env:
        job, checking, importing = product(env, data)
        assert job.state == "done", job.state
        assert job.error_count == 0, job.error_count
        assert job.imported_count > 0.98 * count, job.imported_count
        left = job.left_count
    total = checking + importing
    yield Result(
        "import of patients from a file",
        f"{count:,}",
        "",
        f"{raw:.1f} s",
        f"{total:.1f} s",
        total / raw,
        "<= 4",
        f"checked in {checking:.1f} s (phones, duplicates, {left:,} repeated), "
        f"cards made in {importing:.1f} s",
    )
