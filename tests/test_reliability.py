"""A clinic under load for a while: with processes dying, crossed moves, clock changes.

R1 to R4 of the reliability plan. CLINIC_RELIABILITY_SECONDS says for how long (25; the
full form is 180).
"""

import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from crowd import all_at_once, deadlocks, open_clinic, overlaps, visitors
from load import CLIENTS, Load, twenty_times
from support import RpcError

SECONDS = int(os.environ.get("CLINIC_RELIABILITY_SECONDS", "25"))


@pytest.fixture(scope="module")
def clients(site_workers):
    """Two hundred visitors, each with a session of his own."""
    site_workers.expect_log(r"odoo\.http: \w+ told to the user")
    # A hold that its visitor gives back while another ends it: Odoo repeats the call.
    return visitors(site_workers, CLIENTS)


@pytest.mark.slow
def test_two_hundred_clients(site_workers, clients, report):
    """200 visitors, 20 places: no overlap, no deadlock, acknowledged equals database.

    R1. How long an answer takes is measured by `./clinic bench --only reliability`.
    """
    before = deadlocks(site_workers)
    load = Load(site_workers, twenty_times(site_workers), clients)
    load.run(SECONDS)
    counts = load.reconcile()
    report(load.words(f"R1 {SECONDS} s", counts))
    assert counts[0] == 0
    assert counts[200] >= 20
    assert not overlaps(site_workers)
    assert deadlocks(site_workers) == before


@pytest.mark.slow
def test_processes_die(site_workers, clients, report):
    """The same with a process killed every two seconds: nothing lost, no overlap.

    R2.
    """
    dead = []
    load = Load(site_workers, twenty_times(site_workers), clients)
    load.run(SECONDS, lambda: load.kill_workers(dead))
    counts = load.reconcile()
    report(load.words(f"R2 {SECONDS} s, {len(dead)} kills", counts))
    assert len(dead) >= SECONDS // 4
    assert counts[200]
    assert not overlaps(site_workers)
    assert visitors(site_workers, 4)


class Mover:
    """Somebody at the desk who moves two visits through crossed resources."""

    def __init__(self, site, clinic, patients, starts):
        self.clinic = clinic
        self.user = site.rpc("admin")
        self.counts = Counter()
        self.visits = [
            self.user.call(
                "clinic.appointment",
                "create",
                {
                    "patient_id": patient,
                    "practitioner_id": clinic.practitioners[number],
                    "room_id": clinic.rooms[number],
                    "location_id": clinic.location,
                    "service_id": clinic.service,
                    "start": str(starts[number]),
                },
            )
            for number, patient in enumerate(patients)
        ]

    def change(self, visits, values):
        """Write on visits as the web client does."""
        try:
            self.user.call("clinic.appointment", "write", visits, values)
        except RpcError as refusal:
            assert refusal.name.endswith(("SlotTaken", "ValidationError")), refusal
            self.counts["refused"] += 1
        else:
            self.counts["moved"] += 1

    def work(self, chance, until):
        """Give the visits other practitioners and rooms, one by one and together."""
        length = timedelta(minutes=30)
        while time.monotonic() < until:
            one, other = chance.sample(range(2), 2)
            start = chance.choice(self.clinic.starts)
            visit = chance.choice(self.visits)
            self.change(
                [visit],
                {
                    "practitioner_id": self.clinic.practitioners[one],
                    "room_id": self.clinic.rooms[other],
                    "start": str(start),
                    "stop": str(start + length),
                },
            )
            both = chance.sample(self.visits, 2)
            self.change(both, {"room_id": self.clinic.rooms[one]})


@pytest.mark.slow
def test_crossed_resources(site_workers, report):
    """Practitioner A with room 1, B with room 2, moved crosswise: no deadlock.

    R3.
    """
    site_workers.expect_log(r"odoo\.http: \w+ told to the user")
    clinic = open_clinic(site_workers, practitioners=2, rooms=2, patients=12)
    movers = [
        Mover(
            site_workers,
            clinic,
            clinic.patients[2 * number : 2 * number + 2],
            clinic.starts[number : number + 1] * 2,
        )
        for number in range(6)
    ]
    before = deadlocks(site_workers)
    until = time.monotonic() + min(SECONDS, 60) / 2
    all_at_once(
        [
            lambda m=mover, n=number: m.work(random.Random(n), until)
            for number, mover in enumerate(movers)
        ]
    )
    counts = sum((mover.counts for mover in movers), Counter())
    report(f"R3: {counts['moved']} moved, {counts['refused']} refused")
    assert counts["moved"] > 20
    assert counts["refused"]
    assert deadlocks(site_workers) == before
    assert not overlaps(site_workers)


def nights():
    """The coming nights in which Rome changes its clock, with the places they have.

    Six hours on the wall are five or seven real ones.
    """
    today = date.today()
    for offset in range(1, 380):
        day = today + timedelta(days=offset)
        last_sunday = day.weekday() == 6 and (day + timedelta(days=7)).day <= 7
        if last_sunday and day.month in (3, 10):
            yield day, 10 if day.month == 3 else 14


@pytest.mark.slow
def test_holds_across_clock_changes(site_workers, clients, report):
    """A hold in the night of the change ends once: one asker gets it, none before.

    R4.
    """
    for day, places in list(nights())[:2]:
        clinic = open_clinic(site_workers, day=day, hours=(0, 6))
        assert len(clinic.starts) == places
        gaps = {b - a for a, b in zip(clinic.starts, clinic.starts[1:], strict=False)}
        assert gaps == {timedelta(minutes=30)}
        first = [
            visitor.hold(clinic, start)
            for visitor, start in zip(clients, clinic.starts, strict=False)
        ]
        assert {answer.status for answer in first} == {200}
        [(end,)] = site_workers.sql(
            "WITH changed AS (UPDATE clinic_appointment SET hold_expires_at ="
            " date_trunc('second', now() AT TIME ZONE 'UTC') + interval '4 seconds'"
            " WHERE location_id = %s AND state = 'held' RETURNING hold_expires_at)"
            " SELECT DISTINCT hold_expires_at FROM changed",
            clinic.location,
        )
        answers = ask_until_held(clients[50 : 50 + 2 * places], clinic)
        won = [answer for answer in answers if answer.status == 200]
        assert {answer.status for answer in answers} == {200, 409}
        assert len(won) == places
        assert min(answer.ended for answer in won) >= end
        old = {answer.body["visit"] for answer in first}
        new = {answer.body["visit"] for answer in won}
        assert {row[0] for row in clinic.visits(site_workers, "held")} == new
        assert {row[0] for row in clinic.visits(site_workers, "expired")} == old
        report(f"R4 {day}: {places} holds ended, {len(answers)} questions")
    assert not overlaps(site_workers)


def ask_until_held(askers, clinic):
    """Two askers for each time, again and again until all are held anew."""
    answers = []
    held = set()
    until = time.monotonic() + 60

    def ask(number, visitor):
        start = clinic.starts[number % len(clinic.starts)]
        while start not in held and time.monotonic() < until:
            answer = visitor.hold(clinic, start)
            answers.append(answer)
            if answer.status == 200:
                held.add(start)

    with ThreadPoolExecutor(len(askers)) as pool:
        list(pool.map(ask, range(len(askers)), askers))
    return answers
