"""Visitors who go on asking for times for a while: for R1, R2 and their bench rows."""

import random
import threading
from collections import Counter

import psutil
from crowd import all_at_once, open_clinic, percentile

#: How many visitors there are at once.
CLIENTS = 200
#: A visitor reads the page for so long between two questions, on average.
THINKING = 20.0


class Load:
    """Visitors who go on asking for times until the end."""

    def __init__(self, site, clinic, clients):
        self.site, self.clinic, self.clients = site, clinic, clients
        self.over = threading.Event()
        self.answers = []

    def visit(self, visitor, chance):
        """One visitor: think, ask for one of the times, again."""
        while not self.over.wait(chance.uniform(0, 2 * THINKING)):
            start = chance.choice(self.clinic.starts)
            self.answers.append(visitor.hold(self.clinic, start))

    def expire(self):
        """Time passes quickly: every second some holds come to their end."""
        while not self.over.wait(1):
            self.site.sql(
                "UPDATE clinic_appointment"
                " SET hold_expires_at = now() AT TIME ZONE 'UTC' - interval '1 second'"
                " WHERE state = 'held' AND location_id = %s AND random() < 0.4",
                self.clinic.location,
            )

    def run(self, seconds, *others):
        """Let everybody work for so long."""
        tasks = [
            lambda v=v, n=n: self.visit(v, random.Random(n))
            for n, v in enumerate(self.clients)
        ]
        tasks += [self.expire, *others]
        timer = threading.Timer(seconds, self.over.set)
        timer.start()
        try:
            all_at_once(tasks)
        finally:
            self.over.set()
            timer.cancel()

    def kill_workers(self, dead):
        """Kill a process every two seconds, without warning."""
        while not self.over.wait(2):
            try:
                dead.append(self.site.kill_worker())
            except (IndexError, ProcessLookupError, psutil.NoSuchProcess):
                continue

    def reconcile(self):
        """Compare answers and database.

        Every acknowledged hold is there, at its time; what is there without having
        been acknowledged is covered by answers that got lost on the way.
        """
        counts = Counter(answer.status for answer in self.answers)
        assert set(counts) <= {200, 409, 0}, counts
        acknowledged = [a.body["visit"] for a in self.answers if a.status == 200]
        there = {
            row[0]
            for row in self.clinic.visits(
                self.site, "held", "expired", "booked", "cancelled"
            )
        }
        assert len(acknowledged) == len(set(acknowledged))
        assert set(acknowledged) <= there
        assert len(there) - len(acknowledged) <= counts[0]
        return counts

    def words(self, name, counts):
        """The figures in one line."""
        times = [answer.seconds for answer in self.answers if answer.status]
        return (
            f"{name}: {len(self.answers)} questions, {counts[200]} held,"
            f" {counts[409]} told 'taken', {counts[0]} answers lost; median"
            f" {percentile(times, 0.5) * 1000:.0f} ms,"
            f" p95 {percentile(times, 0.95) * 1000:.0f} ms"
        )


def twenty_times(site):
    """A clinic with twenty places: four practitioners, five times each."""
    clinic = open_clinic(site, practitioners=4, hours=(9, 11.5))
    assert len(clinic.starts) * len(clinic.practitioners) == 20
    return clinic
