"""Large clinics for measuring: written by SQL, the same on every machine.

Sizes follow the targets: S = 10 practitioners x 30 days, M = 50 x 60, L = 200 x 90,
XL = 1,000 x 180; days 70 % full of 20-minute visits.
"""

from datetime import datetime, timedelta

import psycopg2.sql

SIZES = {"S": (10, 30), "M": (50, 60), "L": (200, 90), "XL": (1000, 180)}


def month_after(moment):
    """The first instant of the month after this one."""
    month = moment.replace(day=28) + timedelta(days=4)
    return month.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def fill(env, size, first_day=None):
    """Fill an empty database with a clinic of a size.

    :param env: superuser environment of a database with ``clinic_agenda``
    :param str size: key of :data:`SIZES`
    :param datetime first_day: first day with sessions; if ``None`` that of the next
        month, because the peer shows a calendar month at a time
    :returns: dict with service_id, location_id, date_from, days
    """
    practitioners, days = SIZES[size]
    first_day = first_day or month_after(datetime.now())
    cr = env.cr
    # The sessions below follow from no schedule: the nightly job would remove them.
    cr.execute("UPDATE ir_cron SET active = FALSE")
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
    aside = set_aside(cr, "clinic_session", "clinic_appointment")
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
    put_back(cr, aside)
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


def fill_places(env, practitioners):
    """A location, a service and practitioners, without hours.

    :returns: dict with location, service, specialty and staff: ids
    """
    location = env["clinic.location"].create({"name": "Bench", "tz": "UTC"})
    specialty = env["clinic.specialty"].create({"name": "Bench"})
    service = env["product.template"].create(
        {
            "name": "Bench visit",
            "type": "service",
            "is_healthcare_service": True,
            "specialty_id": specialty.id,
            "duration": 30,
        }
    )
    staff = env["clinic.practitioner"].create(
        [{"name": f"Practitioner {number:04d}"} for number in range(practitioners)]
    )
    env.flush_all()
    return {
        "location": location.id,
        "service": service.id,
        "specialty": specialty.id,
        "staff": staff.ids,
    }


def vacuum(cr, table):
    """Let the planner and index-only scans know the new rows."""
    connection = cr._cnx
    connection.commit()
    autocommit = connection.autocommit
    connection.autocommit = True
    with connection.cursor() as plain:
        plain.execute(
            psycopg2.sql.SQL("VACUUM ANALYZE {}").format(psycopg2.sql.Identifier(table))
        )
    connection.autocommit = autocommit


def set_aside(cr, *tables):
    """Drop the exclusion constraints and indexes of tables; filling is quicker then.

    :returns: statements for :func:`put_back`
    """
    cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
    cr.execute(
        """
        SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass,
                      conname),
               format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass,
                      conname, pg_get_constraintdef(oid))
          FROM pg_constraint
         WHERE conrelid::regclass::text = ANY(%s) AND contype = 'x'
        """,
        [list(tables)],
    )
    statements = cr.fetchall()
    cr.execute(
        """
        SELECT format('DROP INDEX %%I', i.indexname), i.indexdef
          FROM pg_indexes i
         WHERE i.tablename = ANY(%s)
           AND NOT EXISTS (SELECT FROM pg_constraint c
                            WHERE c.conindid = i.indexname::regclass)
        """,
        [list(tables)],
    )
    statements += cr.fetchall()
    for drop, _make in statements:
        cr.execute(drop)
    return [make for _drop, make in statements]


def put_back(cr, statements):
    """Make the constraints and indexes again; a wrong fill fails here."""
    for make in statements:
        cr.execute(make)


def make_patients(cr, count):
    """Patients with invented names, tax codes, phones and cards, by SQL.

    Names are drawn from few syllables, so that a common one has thousands of bearers
    as in life; telephone numbers are of no real form of any one person.
    """
    aside = set_aside(cr, "res_partner", "clinic_phone") if count > 50_000 else []
    cr.execute(
        """
        WITH person AS (
            SELECT n, 3200000000
                       + (hashint4(n)::bigint + 2147483648) %% 790000000 AS phone,
                   date '1930-01-01' + abs(hashint4(n + 7)) %% 34000 AS birth,
                   (ARRAY['Ros','Bian','Fer','Espo','Roma','Colom','Ric','Mar','Gre',
                          'Bru','Gal','Con','Cos','Gior','Man','Riz','Lom','Mor'])
                       [1 + abs(hashint4(n + 1)) %% 18]
                   || (ARRAY['si','chi','rari','sito','no','bo','ci','ino','co','ni',
                             'lo','ti','ta','dano','cini','zo'])
                       [1 + abs(hashint4(n + 2)) %% 16] AS family,
                   (ARRAY['Mar','Giu','Fran','An','Lu','Paol','Ales','Ste','Ro','Da',
                          'Mat','Lor','Chia','Sa','Eli'])
                       [1 + abs(hashint4(n + 3)) %% 15]
                   || (ARRAY['co','lia','cesca','na','ca','o','sandra','fano','berta',
                             'vide'])[1 + abs(hashint4(n + 4)) %% 10] AS given,
                   upper(substr(translate(md5(n::text), '0123456789', 'ghijklmnop'),
                                1, 6)) AS letters
              FROM generate_series(1, %(count)s) n
        ), card AS (
            SELECT *, family || ' ' || given AS full_name,
                   letters || to_char(birth, 'YY') || 'A' || to_char(birth, 'DD') || 'H'
                       || lpad((n %% 1000)::text, 3, '0') || chr(65 + n %% 26) AS code
              FROM person
        ), added AS (
            INSERT INTO res_partner (name, complete_name, family_name, given_name,
                duplicate_key, birth_date, sex, tax_code, tax_code_base, card_number,
                phone, phone_sanitized, is_patient, active, type, lang, identity_state,
                partner_share, clinic_search_text, create_uid, write_uid, create_date,
                write_date)
            SELECT full_name, full_name, family, given,
                   concat_ws('|', lower(CASE WHEN family < given
                       THEN family || ' ' || given ELSE given || ' ' || family END),
                       lower(family), lower(given)), birth,
                   CASE WHEN n %% 2 = 0 THEN 'female' ELSE 'male' END, code, code,
                   'C-' || n, '+39 ' || phone, '+39' || phone, TRUE, TRUE, 'contact',
                   'en_US',
                   'confirmed', TRUE,
                   ' ' || lower(full_name) || ' ' || lower(code) || ' c ' || n
                       || ' c' || n || ' ' || phone || ' 39' || phone,
                   1, 1, now(), now()
              FROM card
                ON CONFLICT DO NOTHING
         RETURNING id, phone, phone_sanitized
        )
        INSERT INTO clinic_phone (partner_id, number, e164, label, is_preferred,
                                  sequence, allow_call, allow_sms, allow_whatsapp)
        SELECT id, phone, phone_sanitized, 'mobile', TRUE, 10, TRUE, TRUE, TRUE
          FROM added
        """,
        {"count": count},
    )
    put_back(cr, aside)
