"""A rush on the same times: the plain constraint against the product's way in.

Both answer the same attempts on the same table at Odoo's isolation level. The way in is
the statements the product sends (savepoint, sorted advisory locks, INSERT); the
product's own ``create`` is measured beside it, with everything it does more.
"""

import multiprocessing
import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import create as single
import dataset
import psycopg2
from crowd import OVERLAPS, TAKING
from lab import Result, env_of, say, server
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

PATIENCE = 20
#: The part of transactions that fail after their INSERT, as anything may in Odoo.
#: Those who wait for such a one then wait for each other.
CHANGED_MIND = 0.3
TIMES = 100


class Arena:
    """Free times of one practitioner, wanted by everybody at once."""

    def __init__(self, name, connections):
        self.name, self.connections = name, connections
        self.counts = Counter()

    def connect(self):
        connection = psycopg2.connect(server().url(self.name))
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ)
        return connection

    def storm(self, attempt, times):
        """Everybody tries every time in order; attempts in a second.

        Those who are not through after a while give up and count what they did.
        """
        fork = multiprocessing.get_context("fork")
        gate = fork.Barrier(self.connections + 1)
        answers = fork.SimpleQueue()
        workers = [
            fork.Process(target=self.take_part, args=(gate, answers, attempt, times))
            for _number in range(self.connections)
        ]
        for worker in workers:
            worker.start()
        gate.wait()
        began = time.perf_counter()
        self.counts = sum((answers.get() for _worker in workers), Counter())
        took = time.perf_counter() - began
        for worker in workers:
            worker.join()
        return sum(self.counts.values()) / took

    def take_part(self, gate, answers, attempt, times):
        """One connection, in a process of its own."""
        connection = self.connect()
        self.chance = random.Random(os.getpid())
        counts = Counter()
        gate.wait()
        until = time.perf_counter() + PATIENCE
        for moment in times:
            if time.perf_counter() > until:
                counts["gave up"] += 1
                break
            counts[self.try_one(connection, attempt, moment)] += 1
        answers.put(counts)
        connection.close()
        os._exit(0)

    def try_one(self, connection, attempt, moment):
        """One attempt in one transaction; what became of it."""
        try:
            with connection.cursor() as cursor:
                attempt(cursor, moment)
                cursor.execute("SELECT pg_sleep(0.002)")
            if self.chance.random() < CHANGED_MIND:
                connection.rollback()
                return "changed mind"
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
    epoch = data["date_from"] + timedelta(days=4000)
    blocks = iter(range(100))

    def plain(cursor, moment):
        cursor.execute(
            single.INSERT,
            {
                "start": moment,
                "stop": moment + timedelta(minutes=20),
                "reference": None,
                "token": None,
                "pattern": pattern,
            },
        )

    def locked(cursor, moment):
        cursor.execute("SAVEPOINT rush")
        cursor.execute(
            "SELECT pg_advisory_xact_lock(kind, id) FROM"
            " unnest(%s::int[], %s::int[]) AS resource(kind, id)",
            ([7401, 7403], [practitioner, 1]),
        )
        plain(cursor, moment)
        cursor.execute("RELEASE SAVEPOINT rush")

    for connections in (8, 32):
        arena = Arena(name, connections)

        def fresh_times():
            first = epoch + timedelta(days=10 * next(blocks))
            return [first + timedelta(minutes=20 * n) for n in range(TIMES)]

        say(f"rush of {connections}: plain INSERT …")
        slow = arena.storm(plain, fresh_times())
        trouble = dict(arena.counts)
        quick = arena.storm(locked, fresh_times())
        counts = arena.counts
        assert counts["booked"], counts
        assert arena.overlaps() == 0
        yield Result(
            "rush on the same times: statements of the way in",
            str(connections),
            "",
            f"{slow:,.0f}/s, {trouble.get('deadlock', 0)} deadlocks",
            f"{quick:,.0f}/s, {counts['deadlock']} deadlocks",
            quick / slow,
            ">= 50",
            f"plain: {trouble}; way in: {dict(counts)}",
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
