"""Segments: five conditions over all patients, against SQL by hand."""

import time

import dataset
from lab import Result, env_of, medians, ms, say

#: Of a clinic in its fourth year: 3.1 visits a patient, two months ahead booked.
VISITS = 3.1
PRACTITIONERS = 100

#: What marketing asks: women of 30 to 50 who were here twice or more, not for half a
#: year, and have nothing planned.
RULE = [
    ("sex", "=", "female"),
    ("birth_date", ">=", "today -50y"),
    ("birth_date", "<", "today -30y"),
    ("visit_count", ">=", 2),
    ("last_visit_date", "<", "today -6m"),
    ("has_next_visit", "=", False),
]

#: The same as one would write it first: the next visit is looked up among the visits.
NAIVE = """
    SELECT %s
      FROM res_partner p JOIN clinic_patient_facts f ON f.id = p.id
     WHERE p.active AND p.is_patient AND p.sex = 'female'
       AND p.birth_date >= current_date - interval '50 years'
       AND p.birth_date < current_date - interval '30 years'
       AND f.visit_count >= 2 AND f.last_visit_date < current_date - interval '6 months'
       AND NOT EXISTS (SELECT FROM clinic_appointment a
                        WHERE a.patient_id = p.id AND a.start > now() AT TIME ZONE 'UTC'
                          AND a.state IN ('booked', 'rescheduled', 'confirmed',
                                          'arrived', 'in_room'))
"""

#: And with nothing worked out beforehand.
FROM_VISITS = """
    SELECT %s
      FROM res_partner p
      JOIN (SELECT patient_id,
                   COUNT(*) FILTER (WHERE state IN ('done', 'closed')) AS visit_count,
                   MAX(local_day) FILTER (WHERE state IN ('done', 'closed'))
                       AS last_visit_date,
                   MAX(start) FILTER (WHERE state IN ('booked', 'rescheduled',
                       'confirmed', 'arrived', 'in_room')) AS planned_until
              FROM clinic_appointment GROUP BY patient_id) f ON f.patient_id = p.id
     WHERE p.active AND p.is_patient AND p.sex = 'female'
       AND p.birth_date >= current_date - interval '50 years'
       AND p.birth_date < current_date - interval '30 years'
       AND f.visit_count >= 2 AND f.last_visit_date < current_date - interval '6 months'
       AND (f.planned_until IS NULL OR f.planned_until <= now() AT TIME ZONE 'UTC')
"""


def fill(env, count):
    """Patients with visits over four years, and their facts.

    :returns: number of visits, and the seconds that working out all facts took
    """
    cr = env.cr
    dataset.make_patients(cr, count)
    data = dataset.fill_places(env, PRACTITIONERS)
    aside = dataset.set_aside(cr, "clinic_appointment")
    cr.execute("ALTER TABLE clinic_appointment DISABLE TRIGGER USER")
    cr.execute(
        """
        WITH visit AS (
            SELECT p.id AS patient_id, abs(hashint4(p.id * 8 + j)) AS chance,
                   row_number() OVER (ORDER BY hashint4(p.id * 8 + j), p.id, j) AS k
              FROM res_partner p,
                   generate_series(1, 1 + abs(hashint4(p.id)) %% 5
                                      + (abs(hashint4(p.id)) / 5 %% 10 = 0)::int) j
             WHERE p.is_patient
        ), placed AS (
            SELECT *, date_trunc('hour', now() AT TIME ZONE 'UTC') + interval '60 days'
                      - (k / %(staff_count)s) * interval '1 hour'
                      * GREATEST(1, 35000 * %(staff_count)s / %(visits)s) AS start,
                   row_number() OVER (PARTITION BY patient_id, k / %(staff_count)s)
                       AS again
              FROM visit
        )
        INSERT INTO clinic_appointment (practitioner_id, location_id, company_id,
            service_id, specialty_id, patient_id, start, stop, duration, local_day,
            buffer_before, buffer_after, state, regime, channel, price,
            create_date, write_date, create_uid, write_uid)
        SELECT (%(staff)s)[1 + k %% %(staff_count)s], %(location)s, %(company)s,
               %(service)s, %(specialty)s, patient_id, start,
               start + interval '30 minutes', 30, start::date, 0, 0,
               CASE WHEN start > now() AT TIME ZONE 'UTC' THEN 'booked'
                    WHEN chance %% 100 < 7 THEN 'no_show'
                    WHEN chance %% 100 < 15 THEN 'cancelled' ELSE 'done' END,
               'private', 'desk', 80, now(), now(), 1, 1
          FROM placed WHERE again = 1
        """,
        {
            **data,
            "company": env.company.id,
            "staff_count": PRACTITIONERS,
            "visits": int(count * VISITS),
        },
    )
    visits = cr.rowcount
    # Nothing is booked here: the constraints, minutes of work, stay away.
    dataset.put_back(cr, [make for make in aside if " EXCLUDE " not in make])
    cr.execute("ALTER TABLE clinic_appointment ENABLE TRIGGER USER")
    cr.execute("COMMIT")
    for table in ("clinic_appointment", "res_partner"):
        dataset.vacuum(cr, table)
    facts = env["clinic.patient.facts"]
    began, after = time.monotonic(), 0
    while after is not None:
        after, _changed = facts._check(after, 20_000)
        cr.execute("COMMIT")
    took = time.monotonic() - began
    dataset.vacuum(cr, "clinic_patient_facts")
    env.invalidate_all()
    return visits, took


def measure(name, count, repeats):
    """Count and ids of the segment by the product and by hand, in one run."""
    with env_of(name) as env:
        say(f"filling {count:,} patients and their visits …")
        visits, took = fill(env, count)
        say(f"{visits:,} visits; all facts worked out in {took:.0f} s")
        yield from measure_in(env, count, visits, took, repeats)


def measure_in(env, count, visits, took, repeats):
    """The rows, in an environment that is filled."""
    from odoo.tools import SQL

    size = f"{count:,}"
    cr = env.cr
    users = env["res.users"].with_context(no_reset_password=True)
    marketing = users.create(
        {
            "name": "Bench marketing",
            "login": "bench-marketing",
            "group_ids": [(4, env.ref("clinic_patient.group_clinic_marketing").id)],
        }
    )
    segment = env["clinic.segment"].with_user(marketing)
    segment = segment.create({"name": "Bench", "domain": repr(RULE)})
    env.flush_all()

    def ask(template, what):
        def work():
            cr.execute(SQL(template, SQL(what)))
            cr.fetchall()

        return work

    def ids(template):
        cr.execute(SQL(template, SQL("p.id")))
        return {row[0] for row in cr.fetchall()}

    def product_ids():
        segment.env["res.partner"].invalidate_model()
        segment._patients_query().get_result_ids()

    mine = set(segment._patients_query().get_result_ids())
    assert mine and mine == ids(NAIVE) == ids(FROM_VISITS), "the same patients"
    for words, what, product in (
        ("count", "count(*)", lambda: segment._count() and None),
        ("ids", "p.id", product_ids),
    ):
        taken = medians(
            repeats,
            naive=ask(NAIVE, what),
            visits=ask(FROM_VISITS, what),
            product=product,
        )
        yield Result(
            f"segment of five conditions, {words}",
            size,
            "",
            ms(taken["naive"]),
            ms(taken["product"]),
            taken["product"] / taken["naive"],
            "<= 0.6",
            f"{len(mine):,} patients of {visits:,} visits; next visit looked up",
        )
        yield Result(
            f"the same from the visits, {words}",
            size,
            "",
            ms(taken["visits"]),
            ms(taken["product"]),
            taken["product"] / taken["visits"],
            "<= 0.6",
            "nothing worked out beforehand",
        )
    yield Result(
        "facts of all patients from nothing",
        size,
        "",
        "",
        f"{took:.0f} s",
        took / count * 1_000_000,
        "<= 600",
        "seconds for a million patients; the nightly check does the same",
    )
    yield from measure_drain(env, size, repeats)


def measure_drain(env, size, repeats):
    """A thousand patients to whom something happened."""
    facts, changes = env["clinic.patient.facts"], env["clinic.patient.change"]
    env.cr.execute(
        "SELECT id FROM res_partner WHERE is_patient ORDER BY hashint4(id) LIMIT 1000"
    )
    patients = [row[0] for row in env.cr.fetchall()]

    def drain():
        changes._append(patients)
        facts._drain()

    taken = medians(repeats, product=drain)
    yield Result(
        "facts of 1,000 changed patients",
        size,
        "",
        "",
        ms(taken["product"]),
        taken["product"] * 1000,
        "<= 1000",
        "milliseconds",
    )
