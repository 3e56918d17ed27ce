"""The commands test, lint and bench."""

import subprocess
import threading
import time
from xml.etree import ElementTree

from . import database, lint, odoo, odoo_tests, place, ports, setup, system
from .steps import Failure, say, step
from .tally import Tally


def test(addons, fast=False, words=None):
    """The command test; only one at a time in a checkout."""
    with setup.lock("test"):
        return test_all(addons, fast, words)


def test_all(addons, fast, words):
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
        stages(tallies, cluster, chosen(addons), bool(addons), fast, words)
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


def stages(tallies, server, names, named, fast, words):
    """Run the stages, the style checks beside the installation.

    With `fast`, so do the tests that need nothing installed, and the other journeys
    beside the addons' tests: none of these counts anybody's seconds.
    """
    quick = fast and names and not named
    style = Background(lint_tally, names if named else (), fast)
    alone = Background(beside_tests, server, fast, words) if quick else None
    if names:
        tallies.append(
            stage("installation", odoo_tests.install, server, names, not named)
        )
    tallies.append(stage("style", style.result))
    installed = names and not tallies[0].failures
    if alone and not installed:
        tallies.append(stage("tests/", alone.result))
    elif installed and quick:
        beside = Background(journeys, server, fast, words, alone)
        tallies.append(
            stage("addon tests", odoo_tests.addon_tests, server, names, True)
        )
        tallies.append(stage("tests/", beside.result))
    elif installed:
        tallies.append(
            stage("addon tests", odoo_tests.addon_tests, server, names, fast)
        )
        beside = None
        if not fast:
            beside = Background(odoo_tests.odoo_lint, server, names)
        if not named:
            tallies.append(journeys(server, fast, words))
        if beside:
            tallies.append(stage("Odoo's lint", beside.result))
    elif not names and not named:
        tallies.append(journeys(server, fast, words))


def stage(title, work, *arguments):
    """Run one stage under a progress line; its tally."""
    kept = []

    def counted():
        kept.append(work(*arguments))
        return str(kept[0])

    step(title, counted)
    return kept[0]


class Background:
    """Work done beside other work; `result` waits for it."""

    def __init__(self, work, *arguments):
        self.work, self.arguments = work, arguments
        self.value = self.error = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            self.value = self.work(*self.arguments)
        except BaseException as error:  # told to whoever asks for the result
            self.error = error

    def result(self):
        """What the work returned, or the error it ended with."""
        self.thread.join()
        if self.error:
            raise self.error
        return self.value


def lint_tally(addons=(), fast=False):
    """The style checks as a tally."""
    tally = Tally("style")
    for result in lint.check(addons, fast):
        tally.check(result.name, not result.failed, [result.text])
    return tally


def beside_tests(server, fast, words):
    """The tests of tests/ that have sites and checkouts of their own; a tally."""
    marks = ["beside", "not slow"] if fast else ["beside"]
    return pytest_run(server, "pytest-beside", marks, ["-k", words] if words else [])


def journeys(server, fast, words, aside=None):
    """The stage of tests/: browser journeys, concurrency, the command itself.

    Tests marked `beside` run in a process of their own beside the others, and what
    they say is shown at the end.

    :param Background aside: these tests, where they began before
    """
    tally = Tally("tests/")
    if not any((place.ROOT / "tests").glob("test_*.py")):
        tally.fail("tests/ holds no tests")
        return tally
    say("  tests/")
    marks = ["not beside", "not slow"] if fast else ["not beside"]
    wanted = ["-k", words] if words else []
    aside = aside or Background(beside_tests, server, fast, words)
    tally.add(pytest_run(server, "pytest", marks, wanted))
    tally.add(aside.result())
    say(place.log_path("pytest-beside").read_text(errors="replace"))
    return tally


def pytest_run(server, name, marks, words):
    """One process of pytest; a tally.

    :param name: of its report; the process called `pytest` talks to the terminal
    :param marks: that its tests have, all of them
    """
    tally = Tally(name)
    report = place.log_path(name).with_suffix(".xml")
    report.unlink(missing_ok=True)
    command = [place.PYTHON, "-m", "pytest", "-c", "tests/pytest.ini", "tests"]
    command += ["--rootdir", place.ROOT, f"--junitxml={report}", "--durations=5"]
    command += ["-m", " and ".join(marks), *words]
    with place.log_path(name).open("w") as log:
        code = subprocess.run(
            [str(part) for part in command],
            cwd=place.ROOT,
            env=test_environment(server),
            stdout=None if name == "pytest" else log,
            stderr=None if name == "pytest" else subprocess.STDOUT,
        ).returncode
    if not report.exists():
        tally.fail(name, [f"exit code {code}"])
        return tally
    for case in ElementTree.parse(report).iter("testcase"):
        title = f"{case.get('classname')}.{case.get('name')}"
        bad = [n for n in case if n.tag in ("failure", "error", "skipped")]
        said = [(bad[0].get("message") or "")[:500]] if bad else ()
        tally.check(title, not bad, said)
    # 5: no test was chosen, which the words of `-k` may mean.
    if code not in (0, 5) and not tally.failures:
        tally.fail(name, [f"exit code {code}"])
    return tally


def test_environment(server):
    """What tests/conftest.py is told."""
    return (
        odoo.env(server) | odoo_tests.environment_for_tests() | environment_of(server)
    )


def environment_of(server):
    """The variables with which tests/ and bench/ find their way."""
    return {
        "CLINIC_ROOT": str(place.ROOT),
        "CLINIC_HOME": str(place.HOME),
        "CLINIC_PYTHON": str(place.PYTHON),
        "CLINIC_ODOO": str(place.ODOO),
        "CLINIC_DATA_DIR": str(setup.TEST_DATA),
        "CLINIC_TEMPLATE_DATABASE": database.template_name(),
        "CLINIC_CLEAN_DATABASE": odoo_tests.CLEAN,
        "CLINIC_SERVER_URL": server.url("postgres"),
        "CLINIC_ADDONS": ",".join(database.addons()),
        "CLINIC_BROWSER": system.browser() or "",
        "CLINIC_NODE_MODULES": str(lint.NODE / "node_modules"),
        "CLINIC_FREE_PORTS": ",".join(
            str(ports.fresh(f"free-{number}")) for number in range(8)
        ),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(place.HOME / "hypothesis"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


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
                env=test_environment(server),
            ).returncode
        finally:
            server.stop()
