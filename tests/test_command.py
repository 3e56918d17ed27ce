"""The command itself: what it must notice, and how it goes on."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
from checkout import PROBE, Checkout
from conftest import LANES

from odoo.tests.common import BaseCase
from odoo.tests.tag_selector import TagsSelector

from command import (
    cache,
    declared,
    journeys,
    logs,
    nginx,
    odoo_tree,
    place,
    ports,
    postgres,
    processes,
    python_env,
    releases,
    system,
)
from command.main import main

pytestmark = pytest.mark.beside

LOG = """\
2030-01-01 10:00:00,000 7 INFO db odoo.addons.a.tests.test_b: Starting TestB.test_x ...
2030-01-01 10:00:00,001 7 INFO db odoo.addons.a.tests.test_b: Starting TestB.test_y ...
2030-01-01 10:00:00,002 7 INFO db odoo.addons.a.tests.test_b: skipped TestB.test_y : no
2030-01-01 10:00:00,003 7 ERROR db odoo.addons.a.tests.test_b: FAIL: TestB.test_x
Traceback (most recent call last):
2030-01-01 10:00:00,004 7 WARNING db odoo.models: The field has no label
2030-01-01 10:00:00,005 7 ERROR db odoo.schema: Table 'x': unable to add constraint
2030-01-01 10:00:00,006 7 ERROR db odoo.tests.result: 1 failed, 0 error(s) of 2 tests
"""


def test_log_is_read():
    """Tests, skips, failures and complaints are told apart."""
    report = logs.read(LOG.splitlines())
    assert {test.name for test in report.ran} == {"TestB.test_x", "TestB.test_y"}
    assert {test.name for test in report.skipped} == {"TestB.test_y"}
    assert report.failed == ["test_b TestB.test_x"]
    assert len(report.complaints) == 2
    assert "unable to add constraint" in report.complaints[1]


def test_expected_warning_is_no_complaint():
    """A warning is let through by its logger and words, an error never."""
    report = logs.read(LOG.splitlines(), (("odoo.models", "no label"),))
    assert ["odoo.schema" in line for line in report.complaints] == [True]


def test_a_clock_of_odoo_that_found_its_work_taken():
    """Odoo's own job steps over what another process holds; that is no fault of a site.
    A job of ours that gets nowhere is one."""
    line = "2030-01-01 10:00:00,000 7 WARNING db odoo.addons.base.models.ir_cron: Job "
    lines = [
        f"{line}'Mail: Fetchmail Service' (9) processed no record",
        f"{line}'Clinic: move deals' (12) processed no record",
        f"{line}'Mail: Fetchmail Service' (9) timed out",
    ]
    assert logs.read(lines).complaints == lines[1:]


def test_declared_tests(tmp_path):
    """What Odoo's loader would run, and neither mixins nor what is set aside."""
    folder = tmp_path / "clinic_x" / "tests"
    folder.mkdir(parents=True)
    (folder / "test_things.py").write_text(
        "class ThingsMixin(Base):\n    def test_mixed(self): pass\n"
        "class Helper:\n    def test_helper(self): pass\n"
        "@tagged('post_install', '-at_install')\n"
        "class TestThings(ThingsMixin, Case):\n"
        "    def test_one(self): pass\n"
        "    @tagged('-standard')\n    def test_aside(self): pass\n"
        "    def help(self): pass\n"
    )
    found = declared.tests(tmp_path, ["clinic_x"])
    assert {test.name for test in found} == {"TestThings.test_one"}
    assert not declared.needs_update(tmp_path, ["clinic_x"])


@pytest.mark.parametrize("tag", ["quick", "slow", "long"])
def test_what_is_left_out_is_not_missed(tag):
    """What we count as declared is what Odoo runs, in each kind of run; and each class
    runs in one of `test` and `test --long`."""

    class TestThings(BaseCase):
        test_tags = {"standard", "post_install", tag}
        test_module = "clinic_x"

        def test_one(self):
            pass

    test = TestThings("test_one")
    taken = []
    for choice in (
        journeys.Choice(),
        journeys.Choice(fast=True),
        journeys.Choice(long=True),
    ):
        runs = TagsSelector(choice.tags(["clinic_x", "clinic_y"])).check(test)
        assert runs == choice.takes({"post_install", tag})
        taken.append(runs)
    assert taken[0] != taken[2]


def test_every_test_has_a_process_that_takes_it():
    """The lanes that tests fall into are those that are run."""
    assert {*LANES.values(), "apart", "beside"} == {*journeys.SHARED, journeys.BESIDE}


def test_declared_exclusions(tmp_path):
    """Both forms count; documentation that speaks of them does not."""
    folder = tmp_path / "clinic_x" / "models"
    folder.mkdir(parents=True)
    (folder / "thing.py").write_text(
        '"""We use EXCLUDE USING gist."""\n'
        "class Thing:\n"
        '    _c = models.Constraint("EXCLUDE USING gist (a WITH =)", "no")\n'
        "    def init(self):\n"
        '        self.env.cr.execute(f"ALTER TABLE x ADD EXCLUDE\\nUSING gist ({a})")\n'
    )
    assert declared.exclusions(tmp_path, ["clinic_x"]) == {
        "clinic_x/models/thing.py": 2
    }


def test_port_of_another_is_not_taken(monkeypatch, tmp_path):
    """A taken port is left alone; a chosen one is remembered and given once."""
    monkeypatch.setattr(place, "CACHE", tmp_path / "cache")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    chosen = []
    for name in ("one", "two"):
        monkeypatch.setattr(place, "HOME", tmp_path / name)
        monkeypatch.setattr(place, "STATE", tmp_path / name / "state.json")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            chosen.append(ports.port("http", first=taken.getsockname()[1]))
            assert chosen[-1] != taken.getsockname()[1]
        assert ports.port("http") == chosen[-1]
    assert chosen[0] != chosen[1]
    assert all(port < 32768 for port in chosen)


def test_stop_spares_a_stranger(monkeypatch, tmp_path):
    """A number that another process got meanwhile is not killed."""
    monkeypatch.setattr(place, "RUN", tmp_path)
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1)
    try:
        record = {"pid": stranger.pid, "born": processes.born(stranger.pid) - 1}
        (tmp_path / "odoo.json").write_text(json.dumps(record))
        assert not processes.stop("odoo")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_failed_copy_leaves_nothing(tmp_path):
    """A tree appears whole or not at all, so that a second run goes on."""
    source, target = tmp_path / "source", tmp_path / "none" / "target"
    with pytest.raises(OSError, match="source"):
        cache.link_tree(source, target)
    assert not list(target.parent.iterdir())
    source.mkdir()
    (source / "a").write_text("a")
    cache.link_tree(source, target)
    assert (target / "a").read_text() == "a"


@pytest.mark.parametrize(
    "begun",
    [
        "#!/gone/bin/python\n",
        "#!/bin/sh\n'''exec' \"/o'neil & co/python\" \"$0\" \"$@\"\n' '''\n",
    ],
    ids=["plain", "odd"],
)
def test_scripts_from_the_cache_run_here(monkeypatch, tmp_path, begun):
    """An environment from the cache runs, whichever of both paths has odd signs."""
    folder = tmp_path / "o'neil & söhne" / "bin"
    folder.mkdir(parents=True)
    monkeypatch.setattr(place, "VENV", folder.parent)
    monkeypatch.setattr(place, "PYTHON", folder / "python")
    place.PYTHON.symlink_to(sys.executable)
    script = folder / "tool"
    script.write_text(begun + "import sys; print(sys.argv[1])\n")
    script.chmod(0o755)
    python_env.relocate()
    assert subprocess.check_output([script, "it runs"], text=True) == "it runs\n"


def test_apt_sources_in_both_formats(tmp_path):
    """The mirror is the machine's own, however its file is written."""
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb nowhere\ndeb [arch=amd64] mirror:/one bookworm main\n"
    )
    (folder / "debian.sources").write_text(
        "Types: deb\n# a comment\nURIs: mirror:/two\nSuites: trixie trixie-updates\n"
    )
    assert list(odoo_tree.apt_sources(tmp_path)) == [
        ("mirror:/one", ["bookworm"]),
        ("mirror:/two", ["trixie", "trixie-updates"]),
    ]


PACKAGES = """\
Package: clinic-browser
Version: 1
Architecture: all
Maintainer: Nobody <nobody@example.com>
Suggests: clinic-printer
Filename: ./clinic-browser_1_all.deb
Size: 1
Description: a package that suggests another, which this release has no more
"""


def apt_lists(folder):
    """Options of apt for lists of its own, read from a repository in the folder."""
    (folder / "repository").mkdir()
    (folder / "repository" / "Packages").write_text(PACKAGES)
    for name in ("lists/partial", "archives/partial", "parts"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(
        f"deb [trusted=yes] file:{folder}/repository ./\n"
    )
    words = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": folder / "parts",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder,
        "Dir::Cache::pkgcache": "",
        "APT::Sandbox::User": "",
    }
    options = [
        part for name, word in words.items() for part in ("-o", f"{name}={word}")
    ]
    subprocess.run(["apt-get", *options, "update"], check=True, capture_output=True)
    return options


def test_programs_that_a_release_lacks_are_left_out(monkeypatch, tmp_path):
    """What can be done without does not stop the installation of the rest.

    A name that the release's lists only refer to is not on offer: `apt-cache show`
    answers well for it, and the installation would fail.
    """
    options = apt_lists(tmp_path)
    shown = ["apt-cache", *options, "show", "clinic-printer"]
    assert not subprocess.run(shown, capture_output=True).returncode
    programs = {"browser": "clinic-browser", "printer": "clinic-printer"}
    programs |= {"scanner": "clinic-no-such-scanner"}
    monkeypatch.setattr(system, "PROGRAMS", {**system.PROGRAMS, **programs})
    monkeypatch.setattr(system, "OPTIONAL", {*system.OPTIONAL, *programs})
    # The server is needed: apt will say that it is not there.
    wanted = ["clinic-no-such-server", *programs.values()]
    assert system.on_offer(wanted, options) == [
        "clinic-no-such-server",
        "clinic-browser",
    ]


def test_releases_that_we_name_are_tried():
    """README.md and the administrator's guide name what `test --releases` tries."""
    for name in ("README.md", "docs/administrator.md"):
        text = (place.ROOT / name).read_text()
        numbers = re.findall(r"\bDebian (\d+)(?: (?:and|or) (\d+))?", text)
        named = {f"Debian {n}" for pair in numbers for n in pair if n}
        assert named == set(releases.RELEASES), name
        assert not re.search(r"Ubuntu(?! \(not tried\))", text), name


def test_site_configuration_of_nginx_is_used():
    """The demo in prefork mode runs the file that a site uses."""
    conf = nginx.site_conf(8111, 8112, 8113)
    assert "listen 127.0.0.1:8111;" in conf
    assert "8069" not in conf
    assert "8072" not in conf


def test_language_that_the_suite_does_not_speak(capsys):
    """OPS-04: `up --language` names the languages it has, before anything is made."""
    assert main(["up", "--language", "xx_XX"]) == 1
    said = capsys.readouterr().out
    assert "xx_XX" in said
    assert "it_IT" in said
    assert "PostgreSQL" not in said


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout with one tiny addon."""
    checkout = Checkout(tmp_path_factory.mktemp("probe") / "clinic", [PROBE])
    yield checkout
    checkout.remove()


def last_line(output):
    return output.rstrip().splitlines()[-1]


@pytest.mark.long
def test_exit_code_green(checkout):
    """All right is 0, and the last line counts."""
    code, output = checkout.run("test", "clinic_probe", "--fast")
    assert last_line(output).endswith(" passed, 0 failed"), output
    assert code == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "tests/test_probe.py",
            "assertEqual(probe.place, 1)",
            "assertEqual(probe.place, 2)",
            "TestProbe.test_place_is_kept",
        ),
        ("tests/__init__.py", "from . import test_probe", "", "TestProbe"),
        ("__manifest__.py", '"base"]', '"base", "no_such_addon"]', "clinic_probe"),
        ("__manifest__.py", '"depends"', "depends", "cannot be read"),
        ("hooks.py", "EXISTS btree_gist", "EXISTS pg_trgm", "one_at_a_time"),
        ("models/clinic_probe.py", "required=True", "requried=True", "requried"),
    ],
    ids=["failing", "not-imported", "dependency", "manifest", "constraint", "warning"],
)
def test_exit_code_red(checkout, file, old, new, told):
    """Whatever is wrong is named, and the exit code is not 0."""
    name = f"addons/clinic_probe/{file}"
    before = (checkout.folder / name).read_text()
    checkout.replace(name, old, new)
    try:
        code, output = checkout.run("test", "clinic_probe", "--fast")
    finally:
        checkout.write(name, before)
    assert code == 1, output
    assert told in output
    assert " failed" in last_line(output)
    assert not last_line(output).endswith(" 0 failed")


@pytest.mark.long
def test_resumes_after_a_kill(checkout):
    """Killed in the middle of a step, the next run goes on and ends well."""
    assert checkout.run("reset", "--yes")[0] == 0
    variables = {k: v for k, v in os.environ.items() if not k.startswith("CLINIC_")}
    first = subprocess.Popen(
        ["./clinic", "up", "--detach"],
        cwd=checkout.folder,
        env=variables,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    marker = checkout.folder / ".clinic" / "postgres" / "demo" / "PG_VERSION"
    deadline = time.monotonic() + 120
    while not marker.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert marker.exists(), "the first run never began the step to be cut off"
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    code, output = checkout.run("up", "--detach")
    assert code == 0, output
    assert "Ready in" in output


def test_data_of_a_removed_checkout_are_left_alone(tmp_path):
    """A new checkout at the path of one that was removed gets a place of its own."""
    first = postgres.unused(tmp_path, "/root/clinic")
    assert first.parent == tmp_path
    first.mkdir()
    second = postgres.unused(tmp_path, "/root/clinic")
    assert second != first
    assert not second.exists()
