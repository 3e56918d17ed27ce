"""The commands test, lint and bench."""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from . import database, journeys, lint, odoo_tests, place, setup
from .steps import Failure, say, step
from .tally import Tally


def test(addons, choice):
    """The command test; only one at a time in a checkout."""
    with setup.lock("test"):
        return test_all(addons, choice)


def test_all(addons, choice):
    """Set up what is missing, check everything; the last line counts.

    Named addons are linted and tested alone; tests/, which crosses addons,
    runs when none is named.
    """
    started = time.monotonic()
    tallies = []
    cluster = None
    try:
        with setup.lock():
            cluster = setup.tests()
        stages(tallies, cluster, chosen(addons), bool(addons), choice)
    except Failure as failure:
        say(failure.explain("./clinic test"))
        broken = Tally("set-up")
        broken.fail(failure.what)
        tallies.append(broken)
    finally:
        if cluster:
            cluster.stop()
    passed = sum(tally.passed for tally in tallies)
    failed = sum(len(tally.failures) for tally in tallies)
    say()
    for tally in tallies:
        tally.show()
    if not passed and not failed:
        say("Nothing was tested.")
        failed = 1
    say(f"Took {time.monotonic() - started:.0f} s. Logs: {place.LOGS}")
    say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def chosen(addons):
    """The addons to test: those named, or all."""
    ours = list(database.addons())
    unknown = set(addons) - set(ours)
    if unknown:
        raise Failure(
            f"no such addon: {', '.join(sorted(unknown))}",
            hint=f"choose from {', '.join(ours)}",
        )
    return list(addons) or ours


def stages(tallies, server, names, named, choice):
    """Install the addons, then run their tests and tests/ side by side, what takes
    longest first.

    Style, what needs nothing installed, and the demo clinic begin beside the
    installation.
    """
    with Lanes(tallies) as lanes:
        if not choice.long:
            lanes.begin("style", lint_tally, names if named else (), choice.fast)
        demo = None
        if not named:
            lane = journeys.BESIDE
            lanes.begin(f"tests/, {lane}", journeys.run, lane, server, choice)
            if names and not (choice.long or choice.fast or choice.words):
                demo = lanes.pool.submit(odoo_tests.demo_database, server)
        installation = None
        if names:
            installation = timed(
                "installation", odoo_tests.install, server, names, not named
            )
            tallies.insert(0, installation)
        if installation and installation.failures:
            return
        begin_the_rest(lanes, server, names, named, choice, demo)
    if not named:
        for lane in (journeys.BESIDE, *journeys.SHARED):
            say(place.log_path(f"pytest-{lane}").read_text(errors="replace"))


def begin_the_rest(lanes, server, names, named, choice, demo):
    """Put what needs the installation in line, by the seconds that it takes, about.

    :param Future demo: the demo clinic, where it was begun
    """
    wanted = {name: odoo_tests.wanted(name, choice) for name in names}
    if choice.long:
        wanted = {name: tests for name, tests in wanted.items() if tests}
    watcher = odoo_tests.Watcher(sum(map(len, wanted.values())))
    jobs = []
    for title, addons in odoo_tests.groups(wanted).items():
        tests = set().union(*(wanted[name] for name in addons))
        work = (odoo_tests.tests_of, server, title, addons, tests, watcher, choice)
        jobs.append((len(tests), title, *work))
    if not named:
        jobs += [
            (seconds, f"tests/, {lane}", journey, lane, server, choice, demo)
            for lane, seconds in journeys.SHARED.items()
        ]
    if names and not (choice.fast or choice.long):
        jobs.append((0, "Odoo's lint", odoo_tests.odoo_lint, server, names))
    for _seconds, title, work, *arguments in sorted(jobs, key=lambda job: -job[0]):
        lanes.begin(title, work, *arguments)


def journey(lane, server, choice, demo):
    """The tests of a lane; those of the demo clinic wait until it is made."""
    if lane == "demo" and demo:
        demo.exception()
    return journeys.run(lane, server, choice)


class Lanes:
    """Work that is done side by side, in the order in which it begins.

    One more runs than there are processors: tests wait for sockets and browsers, too.

    :param list tallies: where the tallies go, in that order
    """

    def __init__(self, tallies):
        self.tallies, self.begun = tallies, []
        self.pool = ThreadPoolExecutor((os.cpu_count() or 1) + 1)

    def __enter__(self):
        return self

    def __exit__(self, error, *_details):
        self.pool.shutdown(cancel_futures=bool(error))
        if not error:
            self.tallies += [done.result() for done in self.begun]

    def begin(self, title, work, *arguments):
        """Put one more in line."""
        self.begun.append(self.pool.submit(timed, title, work, *arguments))


def timed(title, work, *arguments):
    """Do one piece of work and say how long it took; its tally."""
    started = time.monotonic()
    try:
        tally = work(*arguments)
    except Failure as failure:
        tally = Tally(title)
        tally.fail(failure.what, [failure.hint or "", f"log {failure.log}"])
    say(f"  {title:<28} {str(tally):<26} {time.monotonic() - started:>6.1f} s")
    return tally


def stage(title, work, *arguments):
    """Run one stage under a progress line; its tally."""
    kept = []

    def counted():
        kept.append(work(*arguments))
        return str(kept[0])

    step(title, counted)
    return kept[0]


def lint_tally(addons=(), fast=False):
    """The style checks as a tally."""
    tally = Tally("style")
    for result in lint.check(addons, fast):
        tally.check(result.name, not result.failed, [result.text])
    return tally


def lint_only(fix=False):
    """The command lint."""
    with setup.lock():
        setup.programs()
    failed = 0
    for result in lint.check(fix=fix):
        say(f"  {result.name:<28} {'FAILED' if result.failed else 'right'}")
        if result.failed:
            failed += 1
            say(result.text)
    return 1 if failed else 0


def bench(arguments):
    """The command bench: bench/run.py with the environment of the tests."""
    program = place.ROOT / "bench" / "run.py"
    if not program.exists():
        raise Failure("there is no bench/run.py in this checkout")
    with setup.lock("test"):
        with setup.lock():
            server = setup.tests()
        try:
            return subprocess.run(
                [str(place.PYTHON), str(program), *arguments],
                cwd=place.ROOT,
                env=journeys.environment(server),
            ).returncode
        finally:
            server.stop()
