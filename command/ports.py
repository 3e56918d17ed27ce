"""Free ports, remembered, never shared by two checkouts of one user.

Only ports below 32768 are given out: the kernel hands the range above to
outgoing connections, and one of those may sit on a port for a moment.
"""

import contextlib
import fcntl
import json
import os
import socket
import zlib
from pathlib import Path

from . import place

LOWEST, HIGHEST = 18100, 32000


def is_free(port):
    """Whether nobody on this machine listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def register():
    """The ports given to the user's checkouts, {port: checkout}, locked."""
    place.CACHE.mkdir(parents=True, exist_ok=True)
    with (place.CACHE / "ports.json").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        try:
            known = dict(json.loads(file.read() or "{}"))
        except (ValueError, TypeError):
            # Damaged: each port is looked at before it is given out anyway.
            known = {}
        given = {int(port): home for port, home in known.items() if Path(home).exists()}
        yield given
        file.seek(0)
        file.truncate()
        json.dump(given, file, indent=1)


def port(name, first=None):
    """The port this checkout uses for `name`, chosen at the first call.

    A remembered port that somebody else took meanwhile is the caller's
    business: see `renew`.
    """
    known = place.read_state().get("ports", {})
    return known.get(name) or renew(name, first)


def renew(name, first=None):
    """Choose another free port for `name` and remember it."""
    home = str(place.HOME)
    place.HOME.mkdir(parents=True, exist_ok=True)
    start = LOWEST + zlib.crc32(f"{home} {name}".encode()) % (HIGHEST - LOWEST)
    candidates = [first] if first else []
    candidates += range(start, HIGHEST)
    candidates += range(LOWEST, start)
    with register() as given:
        for candidate in candidates:
            if candidate not in given and is_free(candidate):
                given[candidate] = home
                known = place.read_state().get("ports", {})
                given.pop(known.get(name), None)
                place.write_state(ports=known | {name: candidate})
                return candidate
    raise OSError("no free port on this machine")


def fresh(name):
    """The remembered port of `name`, or another one when it is taken."""
    number = port(name)
    return number if is_free(number) else renew(name)


def http_port():
    """The port of the site: CLINIC_PORT, else 8069 when it is free."""
    asked = os.environ.get("CLINIC_PORT")
    return int(asked) if asked else port("http", first=8069)


def release():
    """Give back every port of this checkout."""
    with register() as given:
        for number in [n for n, home in given.items() if home == str(place.HOME)]:
            del given[number]
