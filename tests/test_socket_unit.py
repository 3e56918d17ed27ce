"""Odoo started by a socket unit, as deploy/clinic.socket does it, without systemd."""

import configparser
import os
import signal
import socket

import pytest
from support import Site

from command import odoo, place, processes

#: More than Odoo's own queue holds for two processes (eight each).
VISITORS = 120

QUESTION = b"GET /web/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

#: What systemd does: bind, listen, hand over as descriptor 3, become the service.
ACTIVATE = """
import os, socket, sys
backlog, port, *command = sys.argv[1:]
queue = socket.socket()
queue.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
queue.bind(("127.0.0.1", int(port)))
queue.listen(int(backlog))
queue.setblocking(False)
os.dup2(queue.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(command[0], command)
"""


def unit(name):
    """A unit file of deploy/, read as systemd does."""
    parser = configparser.ConfigParser(strict=False)
    parser.optionxform = str
    parser.read(place.ROOT / "deploy" / name)
    return parser


class ActivatedSite(Site):
    """A site whose socket another process has opened."""

    def launch(self, command):
        """Start by way of the process that opens the socket."""
        backlog = unit("clinic.socket")["Socket"]["Backlog"]
        return processes.start(
            f"site-{self.name}",
            [place.PYTHON, "-c", ACTIVATE, backlog, self.port, *command],
            env=odoo.env(self.server),
        )


@pytest.fixture
def activated():
    """A site of two processes behind the socket of the unit."""
    site = ActivatedSite("activated", workers=2)
    try:
        yield site.start()
        complaints = site.complaints()
    finally:
        site.discard()
    assert not complaints, "\n".join(complaints)


@pytest.mark.slow
def test_a_crowd_waits_in_the_line(activated):
    """While both processes stand still 120 visitors connect; then all are served."""
    assert "through socket activation" in activated.log.read_text()
    workers = activated.workers_running()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    visitors = []
    try:
        for _number in range(VISITORS):
            visitor = socket.create_connection(("127.0.0.1", activated.port), timeout=5)
            visitor.sendall(QUESTION)
            visitors.append(visitor)
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    for visitor in visitors:
        visitor.settimeout(60)
        with visitor:
            assert visitor.recv(100).split()[1] == b"200"
    assert activated.workers_running() == workers


def guide(heading):
    """The lines of commands below a heading of the administrator's guide."""
    text = (place.ROOT / "docs" / "administrator.md").read_text()
    part = text.partition(f"\n{heading}\n")[2].partition("\n#")[0]
    return [line.strip() for line in part.splitlines() if line.startswith("    ")]


def test_the_service_fits_a_source_checkout():
    """It starts the script that the guide has made, wherever Odoo lies."""
    python, script, *_rest = unit("clinic.service")["Service"]["ExecStart"].split()
    links = [line for line in guide("## A site") if line.startswith("ln -s ")]
    assert [line.split()[-1] for line in links] == [script]
    assert f"python3 -m venv {python.removesuffix('/bin/python')}" in guide("## A site")


def test_no_visitor_starts_the_service_while_it_is_updated():
    """The guide stops the socket before the update and starts it afterwards."""
    lines = guide("### Update")
    (update,) = [n for n, line in enumerate(lines) if " -u " in line]
    units = {"clinic.socket", "clinic.service"}
    stop, start = (
        [n for n, line in enumerate(lines) if line.startswith(f"systemctl {word} ")]
        for word in ("stop", "start")
    )
    assert units <= set(lines[stop[0]].split())
    assert units <= set(lines[start[0]].split())
    assert stop[0] < update < start[0]


@pytest.mark.slow
def test_the_units_belong_together():
    """The socket listens where nginx sends visitors, and the service takes it over."""
    service, line = unit("clinic.service"), unit("clinic.socket")
    address = line["Socket"]["ListenStream"]
    assert f"server {address};" in (place.ROOT / "deploy" / "nginx.conf").read_text()
    port = address.rpartition(":")[2]
    assert f"http_port = {port}" in (place.ROOT / "odoo.conf").read_text()
    assert service["Unit"]["Requires"] == "clinic.socket"
    assert service["Install"]["Also"] == "clinic.socket"
    # Workers that lose the race for a visitor must not wait in accept: Odoo would
    # take them for dead.
    assert service["Service"]["NonBlocking"] == "true"
