"""The command in trouble: one sentence, the log, what to do; and never twice at once.

Each trouble is a real one: a disk without room, a folder that cannot be written, files
that a power cut damaged, a parent that was killed, a path with odd signs.
"""

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from checkout import INHERITED, PROBE, Checkout

pytestmark = [pytest.mark.beside, pytest.mark.long]

#: Mounts of its own, for root and for others.
OWN_MOUNTS = ["unshare", "--mount"] if not os.geteuid() else ["unshare", "-rm"]


def in_words(code, output, *words):
    """The command said what failed and what to do, without a trace of Python."""
    assert code == 1, output
    assert "Traceback" not in output, output
    assert "Failed: " in output
    assert "it goes on from here" in output
    for word in words:
        assert word in output, output


def variables():
    """The environment without what these tests run in."""
    return {k: v for k, v in os.environ.items() if not k.startswith(INHERITED)}


def mounted(checkout, script, **more):
    """Run a shell script in the checkout, with mounts of its own; (code, output)."""
    done = subprocess.run(
        [*OWN_MOUNTS, "sh", "-euc", script],
        cwd=checkout.folder,
        env=variables() | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    return done.returncode, done.stdout


@pytest.fixture
def bare(tmp_path):
    """A checkout where nothing was set up."""
    checkout = Checkout(tmp_path / "clinic", [PROBE])
    yield checkout
    checkout.remove()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A checkout whose path holds odd signs, with a site that runs."""
    folder = tmp_path_factory.mktemp("o'neil & söhne") / "clinic"
    checkout = Checkout(folder, [PROBE])
    try:
        checkout.address = checkout.up()[1]
        yield checkout
    finally:
        checkout.remove()


@pytest.mark.parametrize("size", ["64k", "2m", "40m"])
def test_full_disk(bare, size):
    """Wherever it happens: «no room», and which disk."""
    script = (
        f"mkdir .clinic; mount -t tmpfs -o size={size} none .clinic;"
        " exec ./clinic up --detach"
    )
    in_words(*mounted(bare, script), "make room", ".clinic has 0 MB left"[:10])


def test_folder_that_cannot_be_written(bare):
    """A checkout on a disk mounted for reading."""
    script = (
        'mount --bind . "$PWD"; mount -o remount,bind,ro "$PWD"; cd "$PWD";'
        " exec ./clinic up --detach"
    )
    in_words(*mounted(bare, script), "Read-only file system", "XDG_CACHE_HOME")


def test_home_that_cannot_be_written(bare, tmp_path):
    """Nowhere to keep what was downloaded."""
    (tmp_path / "cache").mkdir()
    script = (
        'mount --bind "$XDG_CACHE_HOME" "$XDG_CACHE_HOME";'
        ' mount -o remount,bind,ro "$XDG_CACHE_HOME"; exec ./clinic up --detach'
    )
    answer = mounted(bare, script, XDG_CACHE_HOME=str(tmp_path / "cache"))
    in_words(*answer, "Read-only file system", "XDG_CACHE_HOME")


@pytest.mark.parametrize("text", ["", "{", '"words"', "\0\0\0"])
def test_damaged_state(bare, text):
    """What earlier runs decided is lost: said, and reset begins anew."""
    bare.write(".clinic/state.json", text)
    in_words(*bare.run("up", "--detach"), "state.json", "./clinic reset")
    assert bare.run("reset", "--yes")[0] == 0
    assert not (bare.folder / ".clinic" / "state.json").exists()


def test_what_was_before_is_kept(running):
    """A power cut leaves an empty state.json: the run before is remembered."""
    state = running.folder / ".clinic" / "state.json"
    kept = state.read_text()
    state.write_text("")
    try:
        code, output = running.run("psql", "-Atc", "SELECT 41 + 1")
        assert code == 0, output
        assert "42" in output
    finally:
        if not state.read_text():
            state.write_text(kept)


def test_odd_signs_in_the_path(running):
    """Quotes, spaces and letters of others: with one process and behind nginx."""
    assert "'" in str(running.folder)
    with urllib.request.urlopen(running.address) as answer:
        assert answer.status == 200
    address = running.up("--workers", "2")[1]
    with urllib.request.urlopen(f"{address}websocket/health") as answer:
        assert answer.status == 200


def odoo_process(checkout):
    """The number of the running site's process."""
    return json.loads((checkout.folder / ".clinic/run/odoo.json").read_text())["pid"]


def test_changed_addon_is_served(running):
    """`up` on a running site after a change: the new code runs, on its database."""
    running.up()
    before = odoo_process(running)
    output, _address = running.up()
    assert "already running" in output
    assert odoo_process(running) == before
    path = "addons/clinic_probe/models/clinic_probe.py"
    running.write(path, (running.folder / path).read_text() + "\n# Changed.\n")
    output, address = running.up()
    assert "already running" not in output
    assert odoo_process(running) != before
    assert not psutil.pid_exists(before)
    with urllib.request.urlopen(address) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("words", [("up", "--detach"), ("update", "clinic_probe")])
def test_database_that_cannot_follow_the_code(running, words):
    """An update that cannot go on says both ways out, loses nothing, and goes on when
    the code is right again."""
    running.up()
    path = "addons/clinic_probe/models/clinic_probe.py"
    before = (running.folder / path).read_text()
    running.write(path, before + "\nraise ValueError('another house')\n")
    try:
        in_words(*running.run(*words), "another house", "./clinic reset", "go back to")
    finally:
        running.write(path, before)
    running.up()


def updates(folder):
    """The processes of Odoo that update a database of this checkout."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if str(folder) in " ".join(words) and "--stop-after-init" in words:
            found.append(process.pid)
    return found


def test_parent_killed_while_updating(running):
    """The second command waits for the update that the first began, and does not do
    the same beside it."""
    running.up()
    path = "addons/clinic_probe/models/clinic_probe.py"
    running.write(path, (running.folder / path).read_text() + "\n# Once more.\n")
    with (running.folder / "first.log").open("w") as log:
        first = subprocess.Popen(
            ["./clinic", "up", "--detach"],
            cwd=running.folder,
            env=variables(),
            stdout=log,
            stderr=log,
        )
    deadline = time.monotonic() + 120
    while not updates(running.folder) and time.monotonic() < deadline:
        assert first.poll() is None, (running.folder / "first.log").read_text()
        time.sleep(0.02)
    (child,) = updates(running.folder)
    # It stands still, so that there is no race: the second has to wait for it.
    os.kill(child, signal.SIGSTOP)
    first.kill()
    first.wait()
    second = subprocess.Popen(
        ["./clinic", "up", "--detach"],
        cwd=running.folder,
        env=variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = second.stdout.readline()
        assert "waiting for it" in said
        assert updates(running.folder) == [child]
    finally:
        os.kill(child, signal.SIGCONT)
    rest, _none = second.communicate(timeout=300)
    assert second.returncode == 0, said + rest
    assert "Ready in" in rest


def test_log_is_named(bare):
    """What nobody thought of: a sentence and the log; here a folder for a file."""
    (bare.folder / ".clinic" / "state.json").mkdir(parents=True)
    in_words(*bare.run("up", "--detach"), "state.json")
    Path(bare.folder / ".clinic" / "state.json").rmdir()
