"""The day sheet of 30 columns with 60 visits each: its data, and on a screen."""

from datetime import datetime, timedelta

from dataset import make_patients
from lab import CLEAN, Result, addons_path, env_of, medians, ms, say, served
from sheet_browser import LATE, look

COLUMNS, VISITS, MINUTES = 30, 60, 10

RAW = """
    SELECT a.id, a.start, a.stop, a.state, a.regime, a.channel, a.practitioner_id,
           a.room_id, a.patient_id, p.name, p.birth_date, p.phone, t.name, a.note
      FROM clinic_appointment a
      LEFT JOIN res_partner p ON p.id = a.patient_id
      JOIN product_template t ON t.id = a.service_id
     WHERE a.location_id = %s AND a.start >= %s AND a.start < %s ORDER BY a.start
"""
RAW_SESSIONS = """
    SELECT s.id, s.practitioner_id, c.name, s.room_id, s.start, s.stop, s.regime
      FROM clinic_session s JOIN clinic_practitioner c ON c.id = s.practitioner_id
     WHERE s.location_id = %s AND s.start >= %s AND s.start < %s
"""


def fill(env, day):
    """One full day of a big location."""
    location = env["clinic.location"].create({"name": "Busy", "tz": "UTC"})
    service = env["product.template"].create(
        {
            "name": "Short visit",
            "type": "service",
            "is_healthcare_service": True,
            "specialty_id": env["clinic.specialty"].create({"name": "Bench"}).id,
            "duration": MINUTES,
        }
    )
    staff = env["clinic.practitioner"].create(
        [{"name": f"Column {number:02d}"} for number in range(COLUMNS)]
    )
    env["clinic.offer"].create(
        [
            {
                "practitioner_id": each.id,
                "service_id": service.id,
                "location_id": location.id,
            }
            for each in staff
        ]
    )
    env.flush_all()
    make_patients(env.cr, COLUMNS * VISITS * 2)
    env.cr.execute(
        "INSERT INTO clinic_session (practitioner_id, location_id, start, stop, regime,"
        " online_share, service_restricted)"
        " SELECT p, %s, %s, %s, 'any', 100, FALSE FROM unnest(%s) p",
        [location.id, day, day + timedelta(minutes=VISITS * MINUTES), staff.ids],
    )
    env.cr.execute(
        """
        WITH pool AS (SELECT id, row_number() OVER (ORDER BY id) AS number
                        FROM res_partner WHERE is_patient)
        INSERT INTO clinic_appointment (practitioner_id, location_id, company_id,
            service_id, patient_id, start, stop, duration, local_day, buffer_before,
            buffer_after, state, regime, channel, price, create_date, write_date,
            create_uid, write_uid)
        SELECT p.id, %(location)s, %(company)s, %(service)s, pool.id,
               %(day)s + n * %(step)s, %(day)s + (n + 1) * %(step)s, %(minutes)s,
               %(day)s::date, 0, 0, 'booked', 'private', 'desk', 50, now(), now(), 1, 1
          FROM unnest(%(staff)s) WITH ORDINALITY p(id, place)
         CROSS JOIN generate_series(0, %(visits)s - 1) n
          JOIN pool ON pool.number = (p.place - 1) * %(visits)s + n + 1
        """,
        {
            "location": location.id,
            "company": env.company.id,
            "service": service.id,
            "day": day,
            "step": timedelta(minutes=MINUTES),
            "minutes": MINUTES,
            "staff": staff.ids,
            "visits": VISITS,
        },
    )
    assert env.cr.rowcount == COLUMNS * VISITS
    return location.id


def measure():
    """Ask for the sheet over HTTP, and for nothing, and in SQL."""
    today = datetime.combine(datetime.now().date(), datetime.min.time())
    day = today + timedelta(days=7, hours=8)
    with served("sheet", CLEAN, *addons_path()) as site:
        with env_of(site.database) as env:
            location = fill(env, day)
        site.sql("ANALYZE")
        user = site.rpc("admin")
        say(f"day sheet: {COLUMNS} columns x {VISITS} visits")

        def product():
            return user.call("clinic.day.sheet", "get_day", str(day.date()), location)

        assert len(product()["visits"]["rows"]) == COLUMNS * VISITS
        connection = site.connect()
        midnight = day - timedelta(hours=8)
        span = [location, midnight, midnight + timedelta(days=1)]

        def raw():
            with connection.cursor() as cursor:
                for query in (RAW, RAW_SESSIONS):
                    cursor.execute(query, span)
                    cursor.fetchall()

        for _number in range(4):
            product()
            user.post("/bench/noop/user", {})
        took = medians(
            15,
            raw=raw,
            noop=lambda: user.post("/bench/noop/user", {}),
            product=product,
        )
        connection.close()
        say("day sheet: Chromium without a graphics card, on the same cores")
        seen = look(
            site.url,
            user.session_id,
            {"clinic_date": str(day.date()), "clinic_location_id": location},
            COLUMNS * VISITS,
        )
    yield Result(
        "day sheet's data over HTTP",
        f"{COLUMNS} x {VISITS}",
        "",
        f"{ms(took['raw'])} + noop {ms(took['noop'])}",
        ms(took["product"]),
        (took["product"] - took["noop"]) / took["raw"],
        "<= 3",
        "(product - noop) / raw",
    )
    yield Result(
        "day sheet opened and painted, Chromium",
        f"{COLUMNS} x {VISITS}",
        "",
        "",
        ms(seen.paint / 1000),
        seen.paint / 1000,
        "<= 1",
        "seconds, data included",
    )
    yield Result(
        "frame while a visit is dragged, Chromium",
        f"{COLUMNS} x {VISITS}",
        "",
        "",
        f"{ms(seen.median_frame / 1000)}; {seen.late:.0%} above {LATE:.0f} ms",
        1000 / seen.median_frame,
        ">= 59",
        "frames a second, median",
    )
