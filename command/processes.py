"""Servers in the background: started, remembered, stopped; never others'."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from . import place


class Known:
    """A process an earlier run started."""

    def __init__(self, pid):
        self.pid = pid

    def poll(self):
        """None while it runs, as subprocess.Popen says it."""
        return None if born(self.pid) else 0


def born(pid):
    """When a process started, in clock ticks; None when it is gone.

    A number alone may be a later process that got the same one.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def start(name, command, **options):
    """Start a program in a session of its own, output to its log."""
    place.RUN.mkdir(parents=True, exist_ok=True)
    with place.log_path(name).open("ab") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )
    record = {"pid": process.pid, "born": born(process.pid)}
    (place.RUN / f"{name}.json").write_text(json.dumps(record))
    return process


def names():
    """The names under which processes were started."""
    return sorted(path.stem for path in place.RUN.glob("*.json"))


def running(name):
    """The process started under this name, if it still runs."""
    path = place.RUN / f"{name}.json"
    try:
        record = json.loads(path.read_text())
        record.get("pid")
    except (FileNotFoundError, ValueError, AttributeError):
        return None
    pid, when = (record.get(name) for name in ("pid", "born"))
    if when and born(pid) == when:
        return Known(pid)
    path.unlink(missing_ok=True)
    return None


def stop(name, seconds=20):
    """Ask the process to end, insist after a while; whether it ran."""
    process = running(name)
    if not process:
        return False
    try:
        os.kill(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < deadline:
            reap(process.pid)
            time.sleep(0.05)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            reap(process.pid)
    except ProcessLookupError:
        pass
    (place.RUN / f"{name}.json").unlink(missing_ok=True)
    return True


def reap(pid):
    """Collect a child that ended, so that it does not look alive."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
