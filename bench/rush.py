"""A rush on the same times: the plain constraint against the product's way in.

Many ask for the same few times of a few practitioners, rooms and patients, as fast as
they can. Whoever loses rolls back, those who waited for the loser then wait for each
other, and the plain INSERT stands still until PostgreSQL finds the deadlock. The way in
is what the product sends (savepoint, sorted advisory locks, INSERT); the product's own
``create`` is run beside it, with everything it does more.
"""

import multiprocessing
import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import dataset
import psycopg2
from crowd import OVERLAPS, TAKING
from lab import Result, env_of, say, server
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

PATIENCE = 40
TIMES = 20
ATTEMPTS = 3200
INSERT = """
    INSERT INTO clinic_appointment (practitioner_id, room_id, patient_id, start, stop,
        location_id, company_id, service_id, specialty_id, duration, local_day,
        buffer_before, buffer_after, state, regime, channel, price)
    SELECT %(practitioner)s, %(room)s, %(patient)s, %(start)s, %(stop)s, location_id,
           company_id, service_id, specialty_id, duration, local_day, buffer_before,
           buffer_after, state, regime, channel, price
      FROM clinic_appointment WHERE id = %(pattern)s
"""
LOCKED = (
    """
    SAVEPOINT rush;
    SELECT pg_advisory_xact_lock(kind, id)
      FROM unnest(%(kinds)s::int[], %(ids)s::int[]) AS resource(kind, id);
    """
    + INSERT
)


class Arena:
    """A few practitioners, rooms and patients, wanted by everybody at once."""

    def __init__(self, name, practitioners, rooms, patients, pattern):
        self.name, self.pattern = name, pattern
        self.practitioners, self.rooms = practitioners, rooms
        self.patients = patients

    def connect(self):
        connection = psycopg2.connect(server().url(self.name))
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ)
        return connection

    def storm(self, connections, statement, times):
        """Everybody tries all times again and again, in a process each.

        Those who are not through after a while stop and count what they did.

        :returns: ``(attempts in a second, Counter of what became of them)``
        """
        fork = multiprocessing.get_context("fork")
        gate = fork.Barrier(connections + 1, timeout=120)
        answers = fork.SimpleQueue()
        workers = [
            fork.Process(
                target=self.take_part,
                args=(gate, answers, statement, times, number, ATTEMPTS // connections),
            )
            for number in range(connections)
        ]
        for worker in workers:
            worker.start()
        gate.wait()
        began = time.perf_counter()
        counts = sum((answers.get() for _worker in workers), Counter())
        took = time.perf_counter() - began
        for worker in workers:
            worker.join()
        return sum(counts.values()) / took, counts

    def take_part(self, gate, answers, statement, times, number, attempts):
        """One connection, in a process of its own."""
        connection = self.connect()
        chance = random.Random(number)
        counts = Counter()
        gate.wait()
        until = time.perf_counter() + PATIENCE
        for attempt in range(attempts):
            if time.perf_counter() > until:
                break
            start = times[attempt % len(times)]
            wish = {
                "practitioner": chance.choice(self.practitioners),
                "room": chance.choice(self.rooms),
                "patient": chance.choice(self.patients),
                "start": start,
                "stop": start + timedelta(minutes=20),
                "pattern": self.pattern,
            }
            wish["kinds"] = [7401, 7402, 7403]
            wish["ids"] = [wish["practitioner"], wish["room"], wish["patient"]]
            counts[self.try_one(connection, statement, wish)] += 1
        answers.put(counts)
        connection.close()
        os._exit(0)

    def try_one(self, connection, statement, wish):
        """One attempt in one transaction; what became of it."""
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, wish)
            connection.commit()
        except psycopg2.errors.ExclusionViolation:
            connection.rollback()
            return "taken"
        except psycopg2.errors.DeadlockDetected:
            connection.rollback()
            return "deadlock"
        except psycopg2.errors.SerializationFailure:
            connection.rollback()
            return "serialization"
        return "booked"

    def overlaps(self):
        """How many pairs of visits should not exist."""
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute(OVERLAPS, [list(TAKING)])
            found = len(cursor.fetchall())
        connection.close()
        return found


def measure(name):
    """Rows at 8 and 32 connections."""
    with env_of(name) as env:
        data = dataset.fill(env, "S")
        pattern = env["clinic.appointment"].search([], limit=1).id
        slots = env["clinic.slot"].search_slots(
            data["service_id"],
            data["date_from"],
            data["date_from"] + timedelta(days=data["days"]),
        )
        practitioner = slots[0]["practitioner_id"]
        free = [s for s in slots if s["practitioner_id"] == practitioner]
        patients = env["res.partner"].search([("is_patient", "=", True)]).ids
        rooms = env["clinic.room"].create(
            [
                {"name": f"Rush {number}", "location_id": data["location_id"]}
                for number in range(4)
            ]
        )
        practitioners = env["clinic.practitioner"].search([], limit=8)
        arena = Arena(name, practitioners.ids, rooms.ids, patients[:200], pattern)
    days = (data["date_from"] + timedelta(days=4000 + number) for number in count())
    for connections in (8, 32):

        def fresh_times():
            first = next(days)
            return [first + timedelta(minutes=20 * n) for n in range(TIMES)]

        say(f"rush of {connections}: plain INSERT …")
        slow, trouble = arena.storm(connections, INSERT, fresh_times())
        quick, counts = arena.storm(connections, LOCKED, fresh_times())
        assert counts["booked"], counts
        assert arena.overlaps() == 0
        yield Result(
            "rush on the same times: statements of the way in",
            str(connections),
            "",
            f"{slow:,.0f}/s, {trouble['deadlock']} deadlocks",
            f"{quick:,.0f}/s, {counts['deadlock']} deadlocks",
            quick / slow,
            ">= 50",
            f"plain: {dict(trouble)}; way in: {dict(counts)}",
        )
        yield from whole(name, arena, data, free, patients, connections)


def whole(name, arena, data, free, patients, connections):
    """The product's own create, in as many transactions at once."""
    from odoo import api
    from odoo.modules.registry import Registry

    times = [free.pop()["start"] for _number in range(10)]
    counts = Counter()
    lock = threading.Lock()
    gate = threading.Barrier(connections)
    registry = Registry(name)
    module = "odoo.addons.clinic_agenda.models.clinic_appointment_allocation"
    taken = __import__(module, fromlist=["SlotTaken"]).SlotTaken

    def run(number):
        gate.wait()
        for moment in times:
            with registry.cursor() as cursor:
                env = api.Environment(cursor, 1, {})
                try:
                    env["clinic.appointment"].create(
                        {
                            "service_id": data["service_id"],
                            "practitioner_id": data["practitioner_id"],
                            "location_id": data["location_id"],
                            "patient_id": patients[number],
                            "start": moment,
                        }
                    )
                    word = "booked"
                except taken:
                    word = "taken"
                except psycopg2.errors.DeadlockDetected:
                    word = "deadlock"
                except psycopg2.errors.SerializationFailure:
                    word = "serialization"
                if word != "booked":
                    cursor.rollback()
            with lock:
                counts[word] += 1

    data = data | {"practitioner_id": free[0]["practitioner_id"]}
    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(run, range(connections)))
    took = time.perf_counter() - began
    assert counts["booked"] == len(times), counts
    yield Result(
        "rush on the same times: overlaps, deadlocks, retries of create",
        str(connections),
        "",
        "",
        f"{sum(counts.values()) / took:,.0f}/s",
        arena.overlaps() + counts["deadlock"] + counts["serialization"],
        "= 0",
        str(dict(counts)),
    )
