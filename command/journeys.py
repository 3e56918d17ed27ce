"""The tests in tests/, in processes of pytest that run side by side."""

import subprocess
from typing import NamedTuple
from xml.etree import ElementTree

from . import database, lint, odoo, odoo_tests, place, setup, system
from .tally import Tally

#: Processes of pytest, by what their tests share (`lane` in tests/conftest.py says
#: which test is whose), and how many seconds they take, about.
SHARED = {"apart": 500, "site": 350, "demo": 150, "workers": 150}
#: Its tests need nothing installed.
BESIDE = "beside"


class Choice(NamedTuple):
    """Which tests run.

    :param fast: without those marked slow
    :param long: only the drills, which are left out otherwise
    :param words: of tests/, as pytest's -k
    """

    fast: bool = False
    long: bool = False
    words: str | None = None

    def marks(self):
        """What pytest's marks must be, one after the other."""
        if self.long:
            return ["long"]
        return ["not long", *(["not slow"] if self.fast else [])]

    def tags(self, addons):
        """What Odoo's --test-tags must say for these addons."""
        if self.long:
            return ",".join(f"long/{name}" for name in addons)
        without = ["-long", *(["-slow"] if self.fast else [])]
        return ",".join([*(f"/{name}" for name in addons), *without])

    def takes(self, tags):
        """Whether a test class of an addon with these tags runs."""
        if self.long or "long" in tags:
            return self.long and "long" in tags
        return not (self.fast and "slow" in tags)


def run(lane, server, choice):
    """Run the tests of a lane; a tally."""
    more = ["--lane", lane]
    more += ["-k", choice.words] if choice.words else []
    return pytest_run(server, f"pytest-{lane}", choice.marks(), more)


def pytest_run(server, name, marks, more):
    """One process of pytest; a tally.

    :param name: of its log and its report
    :param marks: that its tests have, all of them
    :param more: further options
    """
    tally = Tally(name)
    report = place.log_path(name).with_suffix(".xml")
    report.unlink(missing_ok=True)
    command = [place.PYTHON, "-m", "pytest", "-c", "tests/pytest.ini", "tests"]
    command += ["--rootdir", place.ROOT, f"--junitxml={report}", "--durations=5"]
    command += ["-m", " and ".join(marks), *more]
    with place.log_path(name).open("w") as log:
        code = subprocess.run(
            [str(part) for part in command],
            cwd=place.ROOT,
            env=environment(server),
            stdout=log,
            stderr=subprocess.STDOUT,
        ).returncode
    if not report.exists():
        tally.fail(name, [f"exit code {code}, log {place.log_path(name)}"])
        return tally
    for case in ElementTree.parse(report).iter("testcase"):
        title = f"{case.get('classname')}.{case.get('name')}"
        bad = [n for n in case if n.tag in ("failure", "error", "skipped")]
        said = [(bad[0].get("message") or "")[:500]] if bad else ()
        tally.check(title, not bad, said)
    # 5: no test was chosen, which the words of `-k` may mean.
    if code not in (0, 5) and not tally.failures:
        tally.fail(name, [f"exit code {code}, log {place.log_path(name)}"])
    return tally


def environment(server):
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
        "HYPOTHESIS_STORAGE_DIRECTORY": str(place.HOME / "hypothesis"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
