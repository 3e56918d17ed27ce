"""Large clinics for measuring: written by SQL, the same on every machine.

Sizes follow the targets: S = 10 practitioners x 30 days, M = 50 x 60, L = 200 x 90,
XL = 1,000 x 180; days 70 % full of 20-minute visits.
"""

from datetime import datetime, timedelta

SIZES = {"S": (10, 30), "M": (50, 60), "L": (200, 90), "XL": (1000, 180)}

#: Weekday-less opening: every day has two sessions, 9 to 13 and 14 to 18 UTC.
SESSIONS = ((9, 13), (14, 18))


def fill(env, size, first_day=None):
    """Fill an empty database with a clinic of a size.

    :param env: superuser environment of a database with ``clinic_agenda``
    :param str size: key of :data:`SIZES`
    :param datetime first_day: first day with sessions; tomorrow if ``None``
    :returns: dict with service_id, location_id, date_from, days
    """
    practitioners, days = SIZES[size]
    first_day = first_day or datetime.combine(
        datetime.now().date() + timedelta(days=1), datetime.min.time()
    )
    cr = env.cr
    location = env["clinic.location"].create(
        {"name": f"Bench {size}", "tz": "UTC", "notice_minutes": 0, "horizon_days": 365}
    )
    specialty = env["clinic.specialty"].create({"name": "Bench"})
    service = env["product.template"].create(
        {
            "name": "Bench visit",
            "type": "service",
            "is_healthcare_service": True,
            "specialty_id": specialty.id,
            "duration": 20,
            "list_price": 80,
        }
    )
    staff = env["clinic.practitioner"].create(
        [{"name": f"Practitioner {number:04d}"} for number in range(practitioners)]
    )
    env["clinic.offer"].create(
        [
            {
                "practitioner_id": practitioner.id,
                "service_id": service.id,
                "location_id": location.id,
            }
            for practitioner in staff
        ]
    )
    env.flush_all()
    make_patients(cr, practitioners * 100)
    cr.execute(
        """
        INSERT INTO clinic_session (practitioner_id, location_id, start, stop, regime,
                                    online_share, service_restricted)
        SELECT p, %(location)s, %(first)s + d * interval '1 day'
                  + span.a * interval '1 hour',
               %(first)s + d * interval '1 day' + span.b * interval '1 hour',
               'any', 100, FALSE
          FROM unnest(%(staff)s) p, generate_series(0, %(days)s - 1) d,
               (VALUES (9, 13), (14, 18)) span(a, b)
        """,
        {
            "location": location.id,
            "first": first_day,
            "staff": staff.ids,
            "days": days,
        },
    )
    cr.execute(
        """
        WITH pool AS (
            SELECT id, row_number() OVER (ORDER BY id) - 1 AS number
              FROM res_partner WHERE is_patient
        ), visit AS (
            SELECT s.practitioner_id, s.location_id, t,
                   row_number() OVER (ORDER BY t, s.practitioner_id)
                       %% (SELECT count(*) FROM pool) AS number
              FROM clinic_session s
             CROSS JOIN LATERAL generate_series(
                   s.start, s.stop - interval '20 minutes', interval '20 minutes') t
             WHERE s.location_id = %(location)s
               AND abs(hashint4(s.practitioner_id)
                       + hashtext(t::text)::bigint) %% 100 < 70
        )
        INSERT INTO clinic_appointment (practitioner_id, location_id, company_id,
            service_id, specialty_id, patient_id, start, stop, duration, local_day,
            buffer_before, buffer_after, state, regime, channel, price,
            create_date, write_date, create_uid, write_uid)
        SELECT practitioner_id, location_id, %(company)s, %(service)s, %(specialty)s,
               pool.id, t, t + interval '20 minutes', 20, t::date, 0, 0, 'booked',
               'private', 'desk', 80, now(), now(), 1, 1
          FROM visit JOIN pool USING (number)
        """,
        {
            "company": env.company.id,
            "service": service.id,
            "specialty": specialty.id,
            "location": location.id,
        },
    )
    visits = cr.rowcount
    cr.execute("COMMIT")
    for table in (
        "clinic_session",
        "clinic_appointment",
        "clinic_offer",
        "res_partner",
    ):
        vacuum(cr, table)
    env.invalidate_all()
    return {
        "service_id": service.id,
        "location_id": location.id,
        "date_from": first_day,
        "days": days,
        "visits": visits,
    }


def vacuum(cr, table):
    """Let the planner and index-only scans know the new rows."""
    connection = cr._cnx
    connection.commit()
    autocommit = connection.autocommit
    connection.autocommit = True
    with connection.cursor() as plain:
        plain.execute(f"VACUUM ANALYZE {table}")
    connection.autocommit = autocommit


def make_patients(cr, count):
    """Patients with invented names, by SQL."""
    cr.execute(
        """
        INSERT INTO res_partner (name, complete_name, family_name, given_name,
            is_patient, active, type, company_id, create_date, write_date)
        SELECT 'Family' || n || ' Given' || n %% 500,
               'Family' || n || ' Given' || n %% 500, 'Family' || n, 'Given' || n %% 500, TRUE, TRUE, 'contact', NULL,
               now(), now()
          FROM generate_series(1, %s) n
        """,
        [count],
    )
