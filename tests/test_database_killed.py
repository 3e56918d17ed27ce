"""R6 of the reliability plan: PostgreSQL itself is killed while messages are sent.

The database stands in a cluster of its own that keeps every promise of a commit, as a
site's does; the other tests' cluster does not, and they need it.
"""

import contextlib
import os
import signal
import subprocess
import time

import psutil
import psycopg2
import pytest
from sending import PATIENTS, REACHED, Sending
from support import Site

from command.postgres import Cluster

pytestmark = pytest.mark.long

FULL = int(os.environ.get("CLINIC_RELIABILITY_SECONDS", "25")) >= 180
KILLS = 10 if FULL else 2
#: Messages to each of 500 patients.
TIMES = 10 if FULL else 2
#: Seconds after which messages must leave again.
PATIENCE = 30


class SafeCluster(Cluster):
    """A cluster that loses nothing it has committed."""

    def __init__(self):
        super().__init__("crash")
        self.settings = self.settings | {"synchronous_commit": "on"}

    def kill(self):
        """Kill it without warning, wait until it is gone, and start it again."""
        pid = int((self.folder / "postmaster.pid").read_text().split()[0])
        children = psutil.Process(pid).children(recursive=True)
        os.kill(pid, signal.SIGKILL)
        # They hold the port and the shared memory until each has noticed.
        psutil.wait_procs(children, timeout=20)
        self.start()

    def take_over(self, site):
        """Copy the database of a site here, and have the site use this cluster."""
        dump = run(site, "pg_dump", "--no-owner", "-Fc")
        site.server = self
        self.drop(site.database)
        self.create(site.database)
        run(site, "pg_restore", "--no-owner", "--single-transaction", content=dump)


def supervise(site):
    """Start the site if it does not run, as deploy/clinic.service has systemd do.

    Odoo's first process ends when it cannot reach the database for a new worker.
    """
    if site.process is None or site.process.poll() is not None:
        site.start("--max-cron-threads", "3")


def run(site, *command, content=None):
    """Run a program of PostgreSQL on the database of a site; its output."""
    command = [*command, "-d", site.database]
    done = subprocess.run(
        command, env=site.server.env(), input=content, capture_output=True, check=False
    )
    assert not done.returncode, done.stderr.decode()
    return done.stdout


@pytest.fixture
def crashing(gateway):
    """Messages that wait for a site whose database can be killed."""
    site = Site("crashing", workers=1)
    sending = Sending(site, gateway)
    sending.prepare(lost_reply="same_key")
    gateway.control(channel="sms", delay=20)
    with site.env() as env:
        env["clinic.message"]._settle_home()
    assert sending.queue(TIMES, "dark") == TIMES * PATIENTS
    kept, crash = site.server, SafeCluster()
    crash.ensure()
    try:
        crash.take_over(site)
        supervise(site)
        yield sending
    finally:
        site.stop()
        crash.stop()
        site.server = kept
        site.discard()


def test_the_database_is_killed(crashing, report):
    """R6: PostgreSQL is killed again and again while messages are sent: none is lost,
    none arrives twice, and sending goes on within 30 seconds each time.

    R18: before that, the restored database sends nothing until a manager lets it."""
    let_go(crashing)
    slowest = 0
    for _kill in range(KILLS):
        go_on(crashing, time.monotonic())
        crashing.site.server.kill()
        slowest = max(slowest, go_on(crashing, time.monotonic()))
    deadline = time.monotonic() + 240
    while True:
        with contextlib.suppress(psycopg2.Error):
            states = crashing.states("dark")
            if not states["queued"] + states["claimed"]:
                break
        assert time.monotonic() < deadline, states
        supervise(crashing.site)
        crashing.nudge()
        time.sleep(0.5)
    arrived = crashing.arrived("dark")
    report(f"R6: {KILLS} kills, back within {slowest:.1f} s, {len(arrived)} arrived")
    assert len(arrived) == TIMES * PATIENTS
    assert set(arrived.values()) == {1}
    assert set(states) <= set(REACHED)


def let_go(sending):
    """Wait until senders say that they are held, and let them go on."""
    deadline = time.monotonic() + 60
    while "this database was restored" not in sending.site.log.read_text():
        assert time.monotonic() < deadline
        sending.nudge()
        time.sleep(0.2)
    assert not sending.arrived("dark")
    manager = sending.site.rpc("admin")
    wizard = manager.call("clinic.message.restart", "create", {"what": "all"})
    manager.call("clinic.message.restart", "action_go_on", [wizard])


def go_on(sending, began):
    """Wait until messages arrive (again); the seconds since a moment."""
    before = sum(sending.arrived("dark").values())
    while sum(sending.arrived("dark").values()) <= before + 5:
        assert time.monotonic() - began < PATIENCE
        supervise(sending.site)
        sending.nudge()
        time.sleep(0.2)
    return time.monotonic() - began
