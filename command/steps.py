"""Progress on the terminal, and failures that say how to go on."""

import errno
import os
import shutil
import subprocess
import sys
import time
import traceback

from .place import CACHE, HOME, LOGS, log_path


class Failure(Exception):
    """A step could not be done: what failed, where the log is, what to do."""

    def __init__(self, what, log=None, hint=None):
        super().__init__(what)
        self.what = what
        self.log = log
        self.hint = hint

    def explain(self, again):
        """The lines shown to the person at the terminal."""
        lines = [f"Failed: {self.what}"]
        if self.log and self.log.exists():
            tail = self.log.read_text(errors="replace").splitlines()[-15:]
            lines += ["  | " + line for line in tail]
            lines.append(f"Log: {self.log}")
        if self.hint:
            lines.append(f"What to do: {self.hint}")
        full = disk_full()
        if full:
            lines.append(f"What to do: make room, {full}")
        lines.append(f"Then run `{again}` again: it goes on from here.")
        return "\n".join(lines)


#: Bytes below which something fails for want of room, whatever it says itself.
ROOM = 64 * 2**20


def disk_full():
    """Which disk has no room left, in words, or nothing."""
    for folder in (HOME, CACHE):
        there = next(p for p in (folder, *folder.parents) if p.exists())
        free = shutil.disk_usage(there).free
        if free < ROOM:
            return f"{there} has {free // 2**20} MB left"
    return None


def from_system(error):
    """A Failure that says what the system refused: disk full, no right to write, …"""
    where = f" {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Failure(f"no room left on the disk{where and ' for'}{where}")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return Failure(
            f"{error.strerror}:{where}",
            hint="run it as the owner of this checkout, on a disk that can be written; "
            "XDG_CACHE_HOME names another folder for what is kept of downloads",
        )
    return Failure(f"{error.strerror or error}{where and ':'}{where}")


def unexpected(error):
    """A Failure for what nobody thought of; how it came about stands in a log."""
    words = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    try:
        path = log_path("command")
        path.write_text(words)
    except OSError:
        path = None
    found = Failure(f"{type(error).__name__}: {error}", path)
    if not path:
        found.hint = f"tell whoever looks after this:\n{words}"
    return found


def say(text=""):
    """Print at once, also into a pipe."""
    print(text, flush=True)


def step(title, work, *args, **kwargs):
    """Do one piece of work under a progress line with its time.

    The work returns a few words on what it did, or nothing.
    """
    started = time.monotonic()
    live = sys.stdout.isatty()
    if live:
        print(f"  {title:<28} …", end="", flush=True)
    try:
        outcome = work(*args, **kwargs)
    except BaseException:
        if live:
            print("\r\x1b[K", end="")
        say(f"  {title:<28} failed {time.monotonic() - started:>22.1f} s")
        raise
    words = outcome if isinstance(outcome, str) else "done"
    if live:
        print("\r\x1b[K", end="")
    say(f"  {title:<28} {words:<26} {time.monotonic() - started:>6.1f} s")
    return outcome


#: Open files of the locks that this command holds.
HELD = []


def run(command, log, what, hint=None, check=True, alone=False, **options):
    """Run a program with its output in the log; a Failure when it fails.

    Returns the exit code.

    :param alone: the lock is held until the program ends, also when this command was
        killed before: a second command waits and does not do the same beside it
    """
    if alone:
        options["pass_fds"] = [file.fileno() for file in HELD]
    path = log if hasattr(log, "open") else log_path(log)
    LOGS.mkdir(parents=True, exist_ok=True)
    command = [str(part) for part in command]
    with path.open("ab") as output:
        output.write(f"$ {' '.join(command)}\n".encode())
        output.flush()
        try:
            done = subprocess.run(
                command,
                stdin=options.pop("stdin", subprocess.DEVNULL),
                stdout=output,
                stderr=subprocess.STDOUT,
                **options,
            )
        except OSError as error:
            raise Failure(f"{what}: {error}", path, hint) from error
    if check and done.returncode:
        raise Failure(f"{what} (exit code {done.returncode})", path, hint)
    return done.returncode


def environment(**changes):
    """The caller's environment with some variables set."""
    return os.environ | {name: str(value) for name, value in changes.items()}
