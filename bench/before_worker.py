"""Do a work whose name comes on standard input, and say the seconds it took.

Run in the root of a checkout, which may be an older one: whatever is used of it here
has been there since the day sheet has. With the word `prepare` it is set up first. What
is written is taken back.
"""

import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path.cwd()
NAME = "clinic_bench_before"
DAYS = 40


def inside(prepare):
    """Set up, if wished, and go on with the Python of the checkout."""
    sys.path.insert(0, str(ROOT))
    from command import database, odoo_tests, place, setup

    if prepare:
        server = setup.tests()
        odoo_tests.install(server, list(database.addons()), False)
    os.environ["CLINIC_INSIDE"] = "1"
    sys.stdout.flush()
    os.execv(place.PYTHON, [str(place.PYTHON), __file__])


def fill(env):
    """A full day, and free weeks of the same people later; what the works need."""
    import sheet

    midnight = datetime.combine(datetime.now().date(), datetime.min.time())
    day = midnight + timedelta(days=7, hours=8)
    location = sheet.fill(env, day)
    staff = env["clinic.practitioner"].search([("name", "like", "Column")])
    env.cr.execute(
        "UPDATE res_partner SET email = 'p' || id || '@example.com' WHERE is_patient"
    )
    env.cr.execute(
        "INSERT INTO clinic_session (practitioner_id, location_id, start, stop, regime,"
        " online_share, service_restricted)"
        " SELECT p, %s, later, later + interval '10 hours', 'any', 100, FALSE"
        "   FROM unnest(%s) p, generate_series(1, %s) n,"
        "        LATERAL (SELECT %s + n * interval '1 day' AS later) AS days",
        [location, staff.ids, DAYS, day],
    )
    groups = ("base.group_user", "clinic_patient.group_clinic_receptionist")
    desk = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Desk",
                "login": "desk_before",
                "group_ids": [(6, 0, [env.ref(name).id for name in groups])],
            }
        )
    )
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()
    return {
        "desk": desk.id,
        "day": day,
        "location": location,
        "staff": staff.ids,
        "service": env["product.template"].search([("name", "=", "Short visit")]).id,
        "patients": env["res.partner"].search([("is_patient", "=", True)]).ids,
    }


class Works:
    """The three works, each time with other people at another time."""

    def __init__(self, env, data):
        self.data = data
        self.env = env(user=data["desk"])
        self.count = 0

    def patient(self):
        """The next one."""
        self.count += 1
        return self.data["patients"][self.count % len(self.data["patients"])]

    def sheet(self):
        """The full day, as the desk's screen asks for it."""
        day = str(self.data["day"].date())
        self.env["clinic.day.sheet"].get_day(day, self.data["location"])

    def visit(self):
        """Book a free time."""
        patient, data = self.patient(), self.data
        day, minute = 1 + self.count // 30 % DAYS, 20 * (self.count % 30)
        self.env["clinic.appointment"].create(
            {
                "practitioner_id": data["staff"][self.count % len(data["staff"])],
                "location_id": data["location"],
                "service_id": data["service"],
                "patient_id": patient,
                "start": data["day"] + timedelta(days=day, minutes=minute),
            }
        )
        self.env.flush_all()

    def message(self):
        """Write to a patient by e-mail."""
        patient = self.env["res.partner"].browse(self.patient())
        messages = self.env["clinic.message"].sudo()
        words = f"before {self.count}"
        messages._queue("direct", patient, step=words, channel="email", body=words)
        self.env.flush_all()


def main():
    """Fill a database, then work until nobody asks any more."""
    sys.path[:0] = [str(ROOT / folder) for folder in (".", "bench", "tests")]
    import lab

    from command import database, odoo_tests, setup

    server = lab.server()
    server.ensure()
    database.copy(server, setup.TEST_DATA, odoo_tests.CLEAN, NAME)
    try:
        with lab.env_of(NAME) as env:
            works = Works(env, fill(env))
            print("ready", flush=True)
            for line in sys.stdin:
                env.invalidate_all()
                began = time.perf_counter()
                getattr(works, line.strip())()
                took = time.perf_counter() - began
                env.cr.rollback()
                print(took, flush=True)
    finally:
        lab.forget(NAME)
        database.discard(server, setup.TEST_DATA, NAME)
        if ROOT.name == "before":
            server.stop()


if __name__ == "__main__":
    if os.environ.pop("CLINIC_INSIDE", None):
        main()
    else:
        inside("prepare" in sys.argv)
