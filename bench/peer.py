"""The peer: OCA resource_booking 19.0, from PyPI, with an equivalent clinic.

It is put into a folder of the bench, never among what the product needs. Its Odoo runs
in a process of its own (``peer_inside.py``), because its models change Odoo's.
"""

import json
import subprocess
import sys

from lab import HOME, ROOT, addons_path, install, say, server

from command import database, odoo, place, setup

FOLDER = HOME / "peer"
#: What it needs of Python stays out of the way of Odoo's own packages.
PYTHON = HOME / "peer-python"
PACKAGES = {
    FOLDER: (
        "odoo-addon-resource-booking==19.0.*",
        "odoo-addon-web-calendar-slot-duration==19.0.*",
    ),
    PYTHON: ("cssselect",),
}
ADDONS = FOLDER / "odoo" / "addons"
CLEAN = "clinic_bench_peer_clean"


def fetch():
    """Get the peer from PyPI, once."""
    if (PYTHON / "cssselect").exists():
        return
    say("fetching the peer (OCA resource_booking) from PyPI …")
    for folder, packages in PACKAGES.items():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--upgrade", "--target"]
        subprocess.run([*command, str(folder), *packages], check=True)


def clean_database():
    """An Odoo with the peer and without our addons."""
    fetch()
    modules = ["resource_booking", "website", "clinic_bench_noop"]
    return install(CLEAN, database.template_name(), modules, ADDONS, PYTHONPATH=PYTHON)


def options():
    """What a server of the peer is started with."""
    return addons_path(ADDONS)


def variables():
    """What its processes find in their environment."""
    return {"PYTHONPATH": str(PYTHON)}


class Process:
    """A process of the peer's Odoo on a database; it answers over a pipe."""

    def __init__(self, name):
        here = server()
        self.log = place.log_path("bench-peer").open("a")
        self.process = subprocess.Popen(
            [
                *(str(place.PYTHON), str(ROOT / "bench" / "peer_inside.py")),
                *map(str, odoo.arguments(here, name, setup.TEST_DATA)),
                *options(),
                "--log-level=warn",
            ],
            env=odoo.env(here, **variables()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def ask(self, question, **values):
        """Ask the process; its answer."""
        self.process.stdin.write(json.dumps([question, values]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the peer ended; see {self.log.name}")
        return json.loads(line)

    def stop(self):
        """End the process; the database stays."""
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(30)
        self.log.close()


class Peer(Process):
    """A filled peer with the clinic of a size.

    :param str name: database to make
    :param int practitioners: how many
    :param int days: for how long the agenda is 70 % full
    """

    def __init__(self, name, practitioners, days, first_day):
        self.name = f"clinic_bench_{name}"
        self.server = server()
        database.copy(self.server, setup.TEST_DATA, clean_database(), self.name)
        super().__init__(self.name)
        self.facts = self.ask(
            "fill",
            practitioners=practitioners,
            days=days,
            first_day=first_day.isoformat(),
        )

    def month(self):
        """Seconds for the free starts of the coming thirty days."""
        return float(self.ask("month")["seconds"])

    def count_month(self):
        """How many different free starts it finds in them."""
        return self.ask("month")["count"]

    def discard(self):
        """End it and remove its database."""
        self.stop()
        database.discard(self.server, setup.TEST_DATA, self.name)
