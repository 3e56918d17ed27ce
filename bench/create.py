"""One visit through the ORM against the same rows by INSERT."""

from datetime import timedelta
from itertools import count

import dataset
from lab import Result, env_of, medians, ms, say

INSERT = """
    INSERT INTO clinic_appointment (practitioner_id, location_id, company_id,
        service_id, specialty_id, patient_id, start, stop, duration, local_day,
        buffer_before, buffer_after, state, regime, channel, price, reference,
        access_token, create_date, write_date, create_uid, write_uid)
    SELECT practitioner_id, location_id, company_id, service_id, specialty_id,
           patient_id, %(start)s, %(stop)s, duration, local_day, buffer_before,
           buffer_after, state, regime, channel, price, %(reference)s, %(token)s,
           now(), now(), 1, 1
      FROM clinic_appointment WHERE id = %(pattern)s
 RETURNING id
"""
EVENT = """
    INSERT INTO clinic_appointment_event (appointment_id, kind, date, user_id, channel,
        new_state, new_start, new_practitioner_id)
    SELECT id, 'created', now(), 1, channel, state, start, practitioner_id
      FROM clinic_appointment WHERE id = %s
"""


def measure(name, repeats):
    """Book free times one after the other, in turn by INSERT and by the ORM."""
    with env_of(name) as env:
        say("one create: filling a small clinic …")
        data = dataset.fill(env, "S")
        visits = env["clinic.appointment"]
        pattern = visits.search([], limit=1)
        patients = iter(env["res.partner"].search([("is_patient", "=", True)]).ids)
        free = iter(
            env["clinic.slot"].search_slots(
                data["service_id"],
                data["date_from"],
                data["date_from"] + timedelta(days=data["days"]),
            )
        )

        far = (
            data["date_from"] + timedelta(days=3650, minutes=20 * n) for n in count()
        )

        def insert():
            start = next(far)
            env.cr.execute(
                INSERT,
                {
                    "start": start,
                    "stop": start + timedelta(minutes=20),
                    "reference": visits._new_reference(),
                    "token": visits._new_reference() * 4,
                    "pattern": pattern.id,
                },
            )
            env.cr.execute(EVENT, [env.cr.fetchone()[0]])

        def create():
            slot = next(free)
            visits.create(
                {
                    "service_id": data["service_id"],
                    "practitioner_id": slot["practitioner_id"],
                    "location_id": slot["location_id"],
                    "patient_id": next(patients),
                    "start": slot["start"],
                }
            )
            env.flush_all()

        before = env.cr.sql_log_count
        create()
        queries = env.cr.sql_log_count - before
        took = medians(max(repeats, 40), raw=insert, product=create)
        yield Result(
            "one create (visit and its event)",
            "",
            "",
            ms(took["raw"]),
            ms(took["product"]),
            took["product"] / took["raw"],
            "<= 2.5",
            f"product / raw, {queries} statements",
        )
        env.cr.rollback()
