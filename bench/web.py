"""Over HTTP, two processes each: free times, and bookings in a second."""

import re
import statistics
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import dataset
import peer as peer_module
import raw
import requests
from crowd import Clinic, Visitor, overlaps
from crowd import visitors as crowd_of
from lab import Result, addons_path, env_of, forget, medians, ms, rate, say, served
from slots import FASTER

THREADS = 4


def measure(name, data, size, peer, repeats):
    """The rows of one size; bookings at S only, they do not depend on the size."""
    with env_of(name) as env:
        for kind in ("search", "booking"):
            env["ir.config_parameter"].set_param(
                f"clinic_agenda.{kind}_limit_per_ip", "0"
            )
        practitioners = sorted(env["clinic.practitioner"].search([]).ids)
        patients = (
            env["res.partner"]
            .create(
                [
                    {
                        "is_patient": True,
                        "name": f"Free Person{number}",
                        "family_name": "Free",
                        "given_name": f"Person{number}",
                    }
                    for number in range(2000 if size == "S" else 1)
                ]
            )
            .ids
        )
        free = env["clinic.slot"].search_slots(
            data["service_id"],
            data["date_from"],
            data["date_from"] + timedelta(days=30),
            online=True,
        )
    forget(name)
    with served(size.lower(), name, *addons_path()) as site:
        yield from pages(site, data, practitioners, size, peer, repeats)
        if size == "S":
            clinic = Clinic(
                data["location_id"], data["service_id"], practitioners, [], [], patients
            )
            yield from bookings(site, clinic, free, peer, data["date_from"])


def pages(site, data, practitioners, size, peer, repeats):
    """Free times as the website asks for them."""
    session = requests.Session()
    start = data["date_from"]

    def ask(days, who=None):
        answer = session.post(
            f"{site.url}/clinic/book/slots",
            json={
                "params": {
                    "service_id": data["service_id"],
                    "date_from": f"{start.isoformat()}Z",
                    "date_to": f"{(start + timedelta(days=days)).isoformat()}Z",
                    "practitioner_ids": who,
                    "limit": 1000,
                }
            },
            timeout=60,
        )
        assert answer.status_code == 200, answer
        return answer

    def times(answer):
        """``{(start, practitioner)}`` of an answer."""
        return {
            (start[:19], group["practitioner_id"])
            for group in answer.json()["result"]["groups"]
            for day in group["days"]
            for start, _hour in day["times"]
        }

    def noop():
        session.post(f"{site.url}/bench/noop/public", json={"params": {}})

    connection = site.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(raw.INDEX)
        cursor.execute("ANALYZE clinic_appointment")

    def page():
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            rows = raw.rows(
                cursor,
                raw.PAGE,
                practitioners=practitioners[:10],
                start=start,
                stop=start + timedelta(days=7),
            )
            cursor.execute("COMMIT")
        return rows

    found = times(ask(7, practitioners[:10]))
    assert found and found == {(row[0].isoformat(), row[2]) for row in page()}
    for _number in range(6):
        ask(7, practitioners[:10])
        noop()
    took = medians(
        repeats * 4,
        raw=page,
        noop=noop,
        product=lambda: ask(7, practitioners[:10]) and None,
    )
    yield Result(
        "page of free times over HTTP, 10 practitioners x 7 days",
        size,
        "",
        f"{ms(took['raw'])} + noop {ms(took['noop'])}",
        ms(took["product"]),
        (took["product"] - took["noop"]) / took["raw"],
        "<= 2",
        "(product - noop) / raw",
    )
    with connection, connection.cursor() as cursor:
        # Not the product's: bookings do not write it.
        cursor.execute(raw.DROP_INDEX)
    connection.close()
    if not peer:
        return
    with served(
        f"peer_{size.lower()}",
        peer.name,
        *peer_module.options(),
        **peer_module.variables(),
    ) as other:
        booking = (peer.facts["booking"], peer.facts["token"])
        address = schedule(other, booking, start)
        visitor = requests.Session()

        def theirs():
            answer = visitor.get(address, timeout=300)
            assert answer.status_code == 200
            assert "/confirm" in answer.text

        theirs()
        days = (dataset.month_after(start) - start).days
        month = medians(repeats, peer=theirs, product=lambda: ask(days) and None)
        yield Result(
            "page of a month over HTTP",
            size,
            ms(month["peer"]),
            "",
            ms(month["product"]),
            month["peer"] / month["product"],
            f">= {FASTER[size][1]}",
            "peer / product; ours: the 1,000 earliest times",
        )


def bookings(site, clinic, free, peer, start):
    """Bookings in a second, of a route that does nothing, of the product, the peer.

    :param datetime start: of the month in which the peer books
    """
    visitors = [Visitor(site).enter() for _number in range(THREADS)]
    # Each visitor holds once: a second hold gives the first one back as well.
    crowds = [iter(crowd_of(site, 300)) for _number in range(THREADS)]
    by_thread = [iter(free[number::THREADS]) for number in range(THREADS)]
    lock = threading.Lock()
    statuses = Counter()

    def noop(number):
        visitor = visitors[number]
        visitor.session.post(
            f"{site.url}/bench/noop", data={"csrf_token": visitor.token}
        )

    def hold(number):
        slot = next(by_thread[number])
        answer = next(crowds[number]).hold(
            clinic, slot["start"], slot["practitioner_id"]
        )
        with lock:
            statuses[answer.status] += 1

    desks = [site.rpc("admin") for _number in range(THREADS)]
    people = [iter(clinic.patients[number::THREADS]) for number in range(THREADS)]

    def desk(number):
        slot = next(by_thread[number])
        desks[number].call(
            "clinic.appointment",
            "create",
            {
                "patient_id": next(people[number]),
                "practitioner_id": slot["practitioner_id"],
                "location_id": clinic.location,
                "service_id": clinic.service,
                "start": str(slot["start"]),
            },
        )

    say("bookings over HTTP …")
    rates = {"noop": [], "hold": [], "desk": []}
    for number in range(THREADS):
        noop(number), hold(number), desk(number)
    for _round in range(3):
        for name, work in (("noop", noop), ("hold", hold), ("desk", desk)):
            rates[name].append(rate(work, 1.5, THREADS))
    middle = {name: statistics.median(values) for name, values in rates.items()}
    assert set(statuses) == {200}, statuses
    assert not overlaps(site)
    theirs, doubled = race(peer, start) if peer else (None, "")
    for name, words in (
        ("hold", "a time held on the website"),
        ("desk", "a visit booked by the desk"),
    ):
        yield Result(
            f"{words}, each second",
            "",
            "",
            f"noop {middle['noop']:.0f}/s",
            f"{middle[name]:.1f}/s",
            middle[name] / middle["noop"],
            ">= 0.3",
            "product / noop",
        )
    if peer:
        yield Result(
            "bookings over HTTP, against the peer",
            "",
            f"{theirs:.1f}/s",
            "",
            f"{middle['hold']:.1f}/s",
            middle["hold"] / theirs,
            ">= 8",
            "product / peer",
        )
        yield Result(
            "two confirm the same time at once",
            "",
            f"{doubled} of 10 times booked twice",
            "",
            "0 booked twice",
            note="the product's own proof: tests/test_concurrency.py",
        )


def race(peer, start):
    """The peer's confirmations in a second, and how many times it books twice."""
    with served(
        "peer_race", peer.name, *peer_module.options(), **peer_module.variables()
    ) as other:
        inside = peer_module.Process(other.database)
        single = [
            inside.ask("pending", count=12, combination_index=n) for n in range(4)
        ]
        pairs = inside.ask("pending", count=20, combination_index=5)
        inside.stop()
        times = [iter(free_times(other, queue[0], start)) for queue in single]
        queues = [iter(queue) for queue in single]

        def confirm(url, booking, moment):
            address = f"{url}/my/bookings/{booking[0]}/confirm"
            answer = requests.get(
                address,
                params={"access_token": booking[1], "when": moment},
                allow_redirects=False,
                timeout=120,
            )
            return answer.status_code

        began = time.perf_counter()

        def work(number):
            for booking in queues[number]:
                confirm(other.url, booking, next(times[number]))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        done = sum(map(len, single)) / (time.perf_counter() - began)
        moments = free_times(other, pairs[0], start)[:10]
        for index, moment in enumerate(moments):
            with ThreadPoolExecutor(2) as pool:
                list(
                    pool.map(
                        lambda booking, moment=moment: confirm(
                            other.url, booking, moment
                        ),
                        pairs[2 * index : 2 * index + 2],
                    )
                )
        doubled = other.sql(
            "SELECT count(*) FROM (SELECT start FROM resource_booking"
            " WHERE id = ANY(%s) AND meeting_id IS NOT NULL"
            " GROUP BY start HAVING count(*) > 1) twice",
            [booking[0] for booking in pairs],
        )[0][0]
    return done, doubled


def schedule(site, booking, start):
    """The address of the peer's page of free times in the month that starts then."""
    number, token = booking
    return (
        f"{site.url}/my/bookings/{number}/schedule/{start.year}/{start.month}"
        f"?access_token={token}"
    )


def free_times(site, booking, start):
    """The times the peer's page offers for a booking, in its own words."""
    page = requests.get(schedule(site, booking, start), timeout=120).text
    return list(dict.fromkeys(re.findall(r'name="when"[^>]*value="([^"]+)"', page)))
