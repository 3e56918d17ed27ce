"""The addons' tests, run by Odoo on fresh databases, and what they leave out."""

import os
import re
import signal
import subprocess
import threading
import time

from . import database, declared, logs, odoo, place, ports, setup
from .steps import Failure, environment, say
from .tally import Tally

CLEAN = "clinic_test_clean"
LINT = "clinic_test_lint"
# Fewer tests than this: the addon shares a process with others.
SMALL = 100
# The longest silence of a run that goes on, in seconds.
STALL = 240
# Odoo's own lint tests that hold for addons of others too.
TEST_LINT = (
    "TestIndex",
    "TestLintOverrideSignatures",
    "TestNaming",
    "TestOnchangeDomains",
    "TestTestHoles",
)


def install(server, names, assets):
    """The step: a fresh database with the addons, without demo data.

    With `assets`, its style sheets and scripts are built once for all copies.

    Its log must be clean, every addon must be there, and everything the
    models declare on their tables must exist. All tests work on copies of it.
    """
    tally = Tally("installation")
    template = database.template_name()
    database.copy(server, setup.TEST_DATA, template, CLEAN)
    path = place.log_path("test-install")
    path.unlink(missing_ok=True)
    command = base_command(server, CLEAN)
    command += ["-i", ",".join(names), "--stop-after-init", "--no-http"]
    code = run(server, command, path)
    report = logs.read(path.read_text(errors="replace").splitlines())
    tally.check("Odoo ends well", not code, f"exit code {code}, log {path}")
    tally.check("log without complaints", not report.complaints, report.complaints)
    there = database.installed(server, CLEAN)
    absent = [name for name in names if name not in there]
    tally.check("every addon is installed", not absent, absent)
    if code or absent:
        return tally
    kept = place.HOME / "assets" if assets else None
    tally.check("tables as declared", *finish(server, CLEAN, names, kept))
    return tally


def finish(server, name, addons, assets=None):
    """(right, what is missing) for the constraints and indexes of our models.

    :param Path assets: the database's style sheets and scripts are built as well, or
        taken from this folder, where earlier runs left those of the same files
    """
    words = ["assets", str(assets)] if assets else []
    answer = subprocess.run(
        [
            *(place.PYTHON, "-m", "command.inside.finish"),
            *map(str, odoo.arguments(server, name, setup.TEST_DATA)),
            *("--log-level=error", "--", *words, name, *addons),
        ],
        capture_output=True,
        text=True,
        cwd=place.ROOT,
        env=odoo.env(server),
    )
    if answer.returncode:
        return False, [answer.stderr]
    lines = answer.stdout.splitlines()
    missing = [line for line in lines if line.startswith("missing ")]
    there = int(lines[-1].split()[1])
    written = declared.exclusions(place.ADDONS, addons)
    if there < sum(written.values()):
        missing.append(
            f"{sum(written.values())} exclusion constraints are written in the code "
            f"({', '.join(written)}), the database has {there}"
        )
    return not missing, missing


def wanted(name, choice):
    """The tests of an addon that are to run, each a `Test`."""
    return declared.tests(place.ADDONS, [name], choice.takes)


def groups(wanted):
    """{title: addons} whose tests share a process: small addons do, for loading all
    addons takes as long as the tests of some.

    :param wanted: {addon: its tests that are to run}
    """
    small = [name for name, tests in wanted.items() if len(tests) < SMALL]
    if len(small) < 2:
        return {name: [name] for name in wanted}
    large = {name: [name] for name in wanted if name not in small}
    return large | {"small addons": small}


def tests_of(server, title, names, wanted, watcher, choice):
    """Every test of these addons has run and passed, in a database and a process of
    their own; a tally."""
    tally = Tally(title)
    name = title.replace(" ", "_")
    where = f"clinic_test_{name}"
    database.copy(server, setup.TEST_DATA, CLEAN, where)
    path = place.log_path(f"test-{name}")
    path.unlink(missing_ok=True)
    command = base_command(server, where)
    if declared.needs_update(place.ADDONS, names):
        command += ["-u", ",".join(names)]
    command += ["--test-tags", choice.tags(names), "--stop-after-init"]
    code = run(server, [*command, *http_ports(name)], path, watcher)
    judge(tally, path, code, wanted, names)
    return tally


def demo_database(server):
    """The name of a database with the demo clinic, made once for the same addons."""
    name = "clinic_test_demo_source"
    stamp = place.fingerprint(
        database.template_name(), *sorted(database.addon_stamps().items())
    )
    marker = setup.TEST_DATA / "demo-stamp"
    known = marker.exists() and marker.read_text() == stamp
    if not known or name not in server.databases():
        database.copy(server, setup.TEST_DATA, database.template_name(), name)
        database.install_with_demo(
            server, name, setup.TEST_DATA, list(database.addons()), log="test-demo"
        )
        marker.write_text(stamp)
    return name


def judge(tally, path, code, wanted, names):
    """Compare what a test run's log says with what was to run."""
    text = path.read_text(errors="replace")
    report = logs.read(text.splitlines())
    if code == -signal.SIGKILL:
        last = re.findall(r"Starting ([\w.]+) \.\.\.", text)[-1:] or ["the start"]
        tally.fail(f"stuck at {last[0]}", [f"{STALL} s without a word; log {path}"])
    ours = {test for test in report.ran if test.addon in names}
    tally.passed += max(0, len(ours - report.skipped) - len(report.failed))
    for line in report.failed:
        tally.fail(line, [f"log {path}"])
    unrun = sorted(map(str, wanted - ours))
    tally.check("every declared test ran", not unrun, unrun)
    tally.check("there are tests", bool(ours), ["no test ran at all"])
    if report.skipped:
        tally.fail("skipped tests", sorted(map(str, report.skipped)))
    tally.check("log without complaints", not report.complaints, report.complaints)
    if code and not report.failed:
        tally.fail("Odoo's tests", [f"exit code {code}, log {path}"])


def odoo_lint(server, names):
    """The step: Odoo's own lint tests, on a copy with our addons in it."""
    tally = Tally("Odoo's lint")
    database.copy(server, setup.TEST_DATA, CLEAN, LINT)
    path = place.log_path("test-lint")
    path.unlink(missing_ok=True)
    tags = ",".join(f"/test_lint:{name}" for name in TEST_LINT)
    command = base_command(server, LINT)
    command += ["-i", "test_lint", "--test-tags", tags, "--stop-after-init"]
    code = run(server, [*command, *http_ports("lint")], path)
    report = logs.read(path.read_text(errors="replace").splitlines())
    classes = {test.name.partition(".")[0] for test in report.ran}
    for name in TEST_LINT:
        tally.check(f"{name} ran", name in classes, [f"log {path}"])
    tally.check("nothing found", not (report.failed or code), report.failed or [path])
    database.discard(server, setup.TEST_DATA, LINT)
    return tally


def base_command(server, name):
    """What every test process starts with."""
    return [
        *(place.PYTHON, place.ODOO),
        *odoo.arguments(server, name, setup.TEST_DATA),
        *("--max-cron-threads", "0"),
    ]


def http_ports(name):
    """Ports for a test process of this name that is visited by a browser."""
    return (
        *("--http-interface", "127.0.0.1"),
        *("--http-port", ports.fresh(f"test-{name}-http")),
        *("--gevent-port", ports.fresh(f"test-{name}-gevent")),
    )


def run(server, command, path, watcher=None):
    """Run Odoo with its output in a file; its exit code.

    A run that says nothing for STALL seconds is stuck: Odoo is asked to write
    where each of its threads is, and killed.
    """
    with path.open("ab") as output:
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=odoo.env(server) | environment_for_tests(),
                start_new_session=True,
            )
        except OSError as error:
            raise Failure(f"Odoo could not be run: {error}") from error
    try:
        while process.poll() is None:
            time.sleep(0.2)
            if watcher:
                watcher.look(path)
            if time.time() - path.stat().st_mtime > STALL:
                process.send_signal(signal.SIGQUIT)
                time.sleep(3)
                break
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return process.returncode


def environment_for_tests():
    """Variables that keep browsers' and tests' files inside .clinic/."""
    folder = place.HOME / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return environment(TMPDIR=folder)


class Watcher:
    """Tells the person at the terminal how many tests ran, and failures at once.

    It reads the logs of all addons whose tests run beside each other.
    """

    def __init__(self, total):
        self.total = total
        self.offsets = {}
        self.count = 0
        self.spoken = (time.monotonic(), 0)
        self.lock = threading.Lock()

    def look(self, path):
        """Read what was added to one of the logs since the last look."""
        with self.lock:
            offset = self.offsets.get(path, 0)
            with path.open("rb") as log:
                log.seek(offset)
                text = log.read()
            end = text.rfind(b"\n") + 1
            self.offsets[path] = offset + end
            report = logs.read(text[:end].decode(errors="replace").splitlines())
            self.count += len(report.ran)
            for name in report.failed:
                say(f"    FAILED {name}")
            since, count = self.spoken
            if time.monotonic() - since > 15 and count != self.count:
                self.spoken = (time.monotonic(), self.count)
                say(f"    {self.count} of {self.total} tests ran")
