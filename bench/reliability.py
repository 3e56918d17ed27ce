"""How long answers take under a rush that lasts: R1, and R2 with processes dying.

`tests/test_reliability.py` asserts what must never fail (acknowledged equals database,
no overlap, no deadlock) on any machine; a time is only worth something on a machine
that does nothing else, so it is measured here.
"""

import os

import lab
from crowd import deadlocks, overlaps, percentile, visitors
from lab import Result, ms, say
from load import CLIENTS, Load, twenty_times

SECONDS = int(os.environ.get("CLINIC_RELIABILITY_SECONDS", "60"))


def measure(source):
    """Rows of the slowest five answers in a hundred, without and with kills."""
    with lab.served("reliability", source, *lab.addons_path()) as site:
        clients = visitors(site, CLIENTS)
        for name, kills in (("R1", False), ("R2", True)):
            say(f"{name}: {CLIENTS} visitors for {SECONDS} s …")
            dead = []
            load = Load(site, twenty_times(site), clients)
            others = [lambda load=load, dead=dead: load.kill_workers(dead)]
            before = deadlocks(site)
            load.run(SECONDS, *(others if kills else ()))
            counts = load.reconcile()
            times = [answer.seconds for answer in load.answers if answer.status]
            slow = percentile(times, 0.95)
            trouble = len(overlaps(site)) + deadlocks(site) - before
            words = ", a process killed every 2 s" if kills else ""
            yield Result(
                f"{name}: {CLIENTS} visitors, 20 places{words}: 95 of 100 answers in",
                f"{SECONDS} s",
                "",
                "",
                ms(slow),
                slow,
                "" if kills else "<= 1",
                f"{load.words(name, counts)}; {len(dead)} kills",
            )
            yield Result(
                f"{name}: overlaps and deadlocks",
                f"{SECONDS} s",
                "",
                "",
                str(trouble),
                trouble,
                "= 0",
            )
