"""Crowds for the tests under load: a small clinic, visitors, and what must hold.

Visitors come over real sockets, each with a session of its own, as browsers do. What
must hold is asked from PostgreSQL in words of its own, not through the product.
"""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

import requests
from lxml import html

#: States in which a visit takes its time, written down again on purpose.
TAKING = (
    "held",
    "booked",
    "rescheduled",
    "confirmed",
    "arrived",
    "in_room",
    "done",
    "closed",
)

QUEUES = ("sms.ir_cron_sms_scheduler_action", "mail.ir_cron_mail_scheduler_action")

#: Every pair of visits that share a resource at the same time, buffers included.
OVERLAPS = """
    WITH visit AS (
        SELECT id, practitioner_id, room_id, patient_id, start, stop,
               start - buffer_before * interval '1 minute' AS begins,
               stop + buffer_after * interval '1 minute' AS ends
          FROM clinic_appointment
         WHERE state = ANY(%s) AND NOT COALESCE(overbooked, FALSE)
    ), taken AS (
        SELECT 'practitioner' AS kind, practitioner_id AS resource, id, begins, ends
          FROM visit
        UNION ALL SELECT 'room', room_id, id, begins, ends FROM visit
        UNION ALL SELECT 'patient', patient_id, id, start, stop FROM visit
        UNION ALL SELECT 'equipment', rel.equipment_id, id, begins, ends
          FROM visit JOIN clinic_appointment_equipment_rel rel
            ON rel.appointment_id = visit.id
    )
    SELECT one.kind, one.resource, one.id, other.id
      FROM taken one
      JOIN taken other ON other.kind = one.kind AND other.resource = one.resource
       AND other.id > one.id AND other.begins < one.ends AND other.ends > one.begins
"""


def overlaps(site):
    """The pairs of visits that should not exist: (kind, resource, id, id)."""
    return site.sql(OVERLAPS, list(TAKING))


def deadlocks(site):
    """How many deadlocks PostgreSQL has counted in the database so far."""
    site.sql("SELECT pg_stat_clear_snapshot()")
    return site.sql(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )[0][0]


class Clinic(NamedTuple):
    """A location with one service, open on one day."""

    location: int
    service: int
    practitioners: list
    rooms: list
    starts: list
    patients: list

    def visits(self, site, *states):
        """(id, practitioner, start, state) of the visits here."""
        return site.sql(
            "SELECT id, practitioner_id, start, state FROM clinic_appointment"
            " WHERE location_id = %s AND state = ANY(%s) ORDER BY id",
            self.location,
            list(states or TAKING),
        )


def next_monday():
    """A day some weeks ahead, without a change of the clock in Rome."""
    day = date.today() + timedelta(days=14 - date.today().weekday())
    return day + timedelta(days=7) if day.month in (3, 10) and day.day > 24 else day


def open_clinic(site, practitioners=1, rooms=0, patients=0, day=None, hours=(9, 13)):
    """Open a clinic on one day: visits of 30 minutes, limits per address off.

    :returns: a :class:`Clinic`; ``starts`` are the free times (naive UTC)
    """
    day = day or next_monday()
    with site.env() as env:
        for name in ("search_limit_per_ip", "booking_limit_per_ip"):
            env["ir.config_parameter"].set_param(f"clinic_agenda.{name}", "0")
        env["ir.config_parameter"].set_param("clinic_agenda.horizon_days", "400")
        # Nobody sends on this machine: codes and mails stay in their queues.
        for queue in QUEUES:
            env.ref(queue).active = False
        location = env["clinic.location"].create(
            {
                "name": f"Crowded {day}",
                "tz": "Europe/Rome",
                "notice_minutes": 0,
                "horizon_days": 400,
                "hold_minutes": 10,
            }
        )
        specialty = env["clinic.specialty"].create({"name": "Rush"})
        service = env["product.template"].create(
            {
                "name": "Wanted visit",
                "type": "service",
                "is_healthcare_service": True,
                "specialty_id": specialty.id,
                "duration": 30,
                "list_price": 90,
            }
        )
        staff = env["clinic.practitioner"].create(
            [{"name": f"Wanted {number}"} for number in range(practitioners)]
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
        places = env["clinic.room"].create(
            [
                {"name": f"Room {number}", "location_id": location.id}
                for number in range(rooms)
            ]
        )
        people = env["res.partner"].create(
            [
                {
                    "is_patient": True,
                    "name": f"Rush Patient{number}",
                    "family_name": "Rush",
                    "given_name": f"Patient{number}",
                }
                for number in range(patients)
            ]
        )
        env["clinic.schedule"].create(
            [
                {
                    "practitioner_id": practitioner.id,
                    "location_id": location.id,
                    "date_from": day,
                    "date_to": day,
                    "block_ids": [
                        (
                            0,
                            0,
                            {
                                "weekday": str(day.weekday()),
                                "hour_from": hours[0],
                                "hour_to": hours[1],
                            },
                        )
                    ],
                }
                for practitioner in staff
            ]
        )
        midnight = datetime.combine(day, datetime.min.time())
        slots = env["clinic.slot"].search_slots(
            service.id,
            midnight - timedelta(days=1),
            midnight + timedelta(days=2),
            online=True,
        )
        return Clinic(
            location.id,
            service.id,
            staff.ids,
            places.ids,
            sorted({slot["start"] for slot in slots}),
            people.ids,
        )


class Answer(NamedTuple):
    """What a visitor got: ``status`` is 0 when the connection broke."""

    status: int
    body: dict
    seconds: float
    ended: datetime


class Visitor:
    """Somebody without a log-in who books on the website, in a session of his own."""

    def __init__(self, site):
        self.url = site.url
        self.session = requests.Session()
        self.token = None

    def enter(self):
        """Open a page, as a browser does before it can send a form."""
        page = self.session.get(f"{self.url}/web/login", timeout=120).text
        self.token = re.search(r'csrf_token: "(\w+)"', page)[1]
        return self

    def hold(self, clinic, start, practitioner=None):
        """Ask for a time; of any practitioner if none is named."""
        began = time.monotonic()
        slot = f"{start.isoformat()}Z/{practitioner or ''}/{clinic.location}"
        try:
            answer = self.session.post(
                f"{self.url}/clinic/book/hold",
                data={
                    "service": clinic.service,
                    "slot": slot,
                    "csrf_token": self.token,
                },
                headers={"Accept": "application/json"},
                timeout=120,
            )
            status, body = answer.status_code, read_json(answer)
        except requests.ConnectionError as broken:
            status, body = 0, {"text": str(broken)}
        ended = datetime.now(timezone.utc).replace(tzinfo=None)
        return Answer(status, body, time.monotonic() - began, ended)


class Form:
    """A visitor's browser without JavaScript."""

    def __init__(self, site):
        self.url = site.url
        self.session = requests.Session()
        page = self.session.get(f"{self.url}/web/login", timeout=60).text
        self.token = re.search(r'csrf_token: "(\w+)"', page)[1]

    def send(self, path, **fields):
        """Send a form; (seconds, answer)."""
        fields["csrf_token"] = self.token
        began = time.perf_counter()
        answer = self.session.post(f"{self.url}{path}", data=fields, timeout=60)
        return time.perf_counter() - began, answer


def hidden(page, action):
    """The hidden fields of a form, the token of the session left out."""
    fields = html.fromstring(page.text).xpath(
        f"//form[@action='{action}']//input[@type='hidden']"
    )
    values = {field.get("name"): field.get("value") or "" for field in fields}
    return {name: value for name, value in values.items() if name != "csrf_token"}


def read_json(answer):
    """The body of an answer; what is no JSON is kept as text for the message."""
    try:
        return answer.json()
    except requests.JSONDecodeError:
        return {"text": answer.text[:300]}


def visitors(site, count):
    """Visitors who have opened a page each."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _number: Visitor(site).enter(), range(count)))


def all_at_once(tasks):
    """Run functions in threads that start together; their results in order."""
    gate = threading.Barrier(len(tasks))

    def run(task):
        gate.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result() for future in [pool.submit(run, t) for t in tasks]]


def moment(text):
    """An instant as the website writes it, naive UTC."""
    return datetime.fromisoformat(text.removesuffix("Z"))


def percentile(values, share):
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
