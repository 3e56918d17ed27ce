"""Many ask for the same time at once, on two worker processes, over real sockets."""

import random

import pytest
from crowd import all_at_once, deadlocks, moment, open_clinic, overlaps, visitors
from support import RpcError

pytestmark = pytest.mark.slow

ASKERS = 50
#: What a drag may be refused with; anything else is a fault.
REFUSALS = ("SlotTaken", "ValidationError", "UserError")


@pytest.fixture(scope="module")
def crowd(site_workers):
    """Fifty visitors, each with a session of his own."""
    site_workers.expect_log(r"odoo\.http: \w+ told to the user")
    return visitors(site_workers, ASKERS)


def split(answers):
    """(acknowledged, refused) answers; nothing else was said."""
    odd = [answer for answer in answers if answer.status not in (200, 409)]
    assert not odd, odd[:3]
    won = [answer.body for answer in answers if answer.status == 200]
    lost = [answer.body for answer in answers if answer.status == 409]
    assert all(body["error"] == "taken" and body["message"] for body in lost)
    return won, lost


def assert_acknowledged(site, clinic, won):
    """What was acknowledged is in the database, and nothing else is."""
    held = clinic.visits(site, "held")
    assert sorted(body["visit"] for body in won) == [row[0] for row in held]
    return held


def assert_really_free(site, clinic, lost, times=3):
    """Each loser got other times, in order, in a session, free of visits."""
    offered = set()
    for body in lost:
        named = [
            (moment(slot["start"]), slot["practitioner_id"])
            for slot in body["alternatives"]
        ]
        assert len(set(named)) == times
        assert [start for start, _who in named] == sorted(s for s, _who in named)
        offered.update(named)
    for start, practitioner in offered:
        assert site.sql(
            "SELECT 1 FROM clinic_session WHERE practitioner_id = %s"
            " AND location_id = %s AND start <= %s"
            " AND stop >= %s + interval '30 minutes'",
            *(practitioner, clinic.location, start, start),
        )
        assert not site.sql(
            "SELECT 1 FROM clinic_appointment WHERE practitioner_id = %s"
            " AND state IN ('held', 'booked', 'rescheduled', 'confirmed')"
            " AND start < %s + interval '30 minutes' AND stop > %s",
            *(practitioner, start, start),
        )
    return offered


def test_one_time_fifty_askers(site_workers, crowd):
    """One is booked, 49 are told so and get three times that are really free.

    AGD-06.
    """
    clinic = open_clinic(site_workers)
    start, who = clinic.starts[2], clinic.practitioners[0]
    won, lost = split(
        all_at_once([lambda v=v: v.hold(clinic, start, who) for v in crowd])
    )
    assert (len(won), len(lost)) == (1, ASKERS - 1)
    held = assert_acknowledged(site_workers, clinic, won)
    assert held[0][1:3] == (who, start)
    offered = assert_really_free(site_workers, clinic, lost)
    assert start not in {time for time, _who in offered}
    for time, practitioner in offered:
        answer = crowd[0].hold(clinic, time, practitioner)
        assert answer.status == 200, answer
    assert not overlaps(site_workers)


def test_two_change_their_times_crosswise(site_workers, crowd):
    """Each gives back what the other's practitioner has: nobody waits for the other."""
    clinic = open_clinic(site_workers, practitioners=2)
    one, other = crowd[:2]
    here, there = clinic.practitioners
    before = deadlocks(site_workers)
    times = iter(clinic.starts * 4)
    for _round in range(8):
        time = next(times)
        first = [
            lambda time=time: one.hold(clinic, time, here),
            lambda time=time: other.hold(clinic, time, there),
        ]
        time = next(times)
        crossed = [
            lambda time=time: one.hold(clinic, time, there),
            lambda time=time: other.hold(clinic, time, here),
        ]
        for tasks in (first, crossed):
            assert [answer.status for answer in all_at_once(tasks)] == [200, 200]
    assert len(clinic.visits(site_workers, "held")) == 2, "the others are given back"
    assert deadlocks(site_workers) == before


def test_any_of_eight_practitioners(site_workers, crowd):
    """Eight are free at a time, fifty ask for anybody: eight are booked, by each."""
    clinic = open_clinic(site_workers, practitioners=8)
    start = clinic.starts[1]
    won, lost = split(all_at_once([lambda v=v: v.hold(clinic, start) for v in crowd]))
    assert (len(won), len(lost)) == (8, ASKERS - 8)
    held = assert_acknowledged(site_workers, clinic, won)
    assert sorted(row[1] for row in held) == clinic.practitioners
    assert {row[2] for row in held} == {start}
    offered = assert_really_free(site_workers, clinic, lost)
    assert start not in {time for time, _who in offered}
    assert not overlaps(site_workers)


class Desk:
    """A receptionist who drags visits on the day sheet and remembers the answers."""

    def __init__(self, site, clinic, patients, starts):
        self.clinic = clinic
        self.user = site.rpc("admin")
        self.places = {}
        self.refused = 0
        for patient, practitioner, start in zip(
            patients, clinic.practitioners, starts, strict=False
        ):
            visit = self.user.call(
                "clinic.appointment",
                "create",
                {
                    "patient_id": patient,
                    "practitioner_id": practitioner,
                    "location_id": clinic.location,
                    "service_id": clinic.service,
                    "start": str(start),
                },
            )
            self.places[visit] = (practitioner, start)

    def drag(self, visit, practitioner, start):
        """Drop a visit somewhere; it is there, or it stays where it was."""
        try:
            self.user.call("clinic.day.sheet", "move", visit, str(start), practitioner)
        except RpcError as refusal:
            assert refusal.name.endswith(REFUSALS), refusal
            self.refused += 1
        else:
            self.places[visit] = (practitioner, start)

    def work(self, chance, starts, rounds):
        """Drag the visits to and fro."""
        for _round in range(rounds):
            for visit in list(self.places):
                self.drag(
                    visit,
                    chance.choice(self.clinic.practitioners),
                    chance.choice(starts),
                )


def assert_desks(site, clinic, desks):
    """Every visit is where its last acknowledged drag put it."""
    acknowledged = {}
    for desk in desks:
        acknowledged |= desk.places
    found = {
        visit: (practitioner, start)
        for visit, practitioner, start, state in clinic.visits(site)
        if state != "held"
    }
    assert found == acknowledged


def test_rush_while_receptionists_drag(site_workers, crowd):
    """Drags elsewhere in the day take nothing from the eight, and lose nothing."""
    clinic = open_clinic(site_workers, practitioners=8, patients=8)
    wanted, *others = clinic.starts
    desks = [
        Desk(site_workers, clinic, clinic.patients[:4], others[:4]),
        Desk(site_workers, clinic, clinic.patients[4:], others[4:]),
    ]
    tasks = [lambda v=v: v.hold(clinic, wanted) for v in crowd]
    for number, desk in enumerate(desks):
        chance = random.Random(number)
        tasks.append(lambda d=desk, c=chance: d.work(c, others, rounds=5))
    won, lost = split(all_at_once(tasks)[:ASKERS])
    assert (len(won), len(lost)) == (8, ASKERS - 8)
    assert_acknowledged(site_workers, clinic, won)
    assert_desks(site_workers, clinic, desks)
    assert not overlaps(site_workers)


def test_rush_for_the_time_receptionists_drag_to(site_workers, crowd):
    """Visitors and drags compete for eight places: together they get eight."""
    clinic = open_clinic(site_workers, practitioners=8, patients=8)
    wanted, *others = clinic.starts
    desks = [
        Desk(site_workers, clinic, clinic.patients[:4], others[:4]),
        Desk(site_workers, clinic, clinic.patients[4:], others[4:]),
    ]

    def push_in(desk, chance):
        for visit in list(desk.places):
            desk.drag(visit, chance.choice(clinic.practitioners), wanted)

    tasks = [
        lambda d=desk, n=number: push_in(d, random.Random(n))
        for number, desk in enumerate(desks)
    ]
    tasks += [lambda v=v: v.hold(clinic, wanted) for v in crowd]
    won, _lost = split(all_at_once(tasks)[len(desks) :])
    assert_acknowledged(site_workers, clinic, won)
    assert_desks(site_workers, clinic, desks)
    there = [row[1] for row in clinic.visits(site_workers) if row[2] == wanted]
    assert sorted(there) == clinic.practitioners
    assert not overlaps(site_workers)
