"""Progress on the terminal, and failures that say how to go on."""

import os
import subprocess
import sys
import time

from .place import LOGS, log_path


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
        lines.append(f"Then run `{again}` again: it goes on from here.")
        return "\n".join(lines)


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


def run(command, log, what, hint=None, check=True, **options):
    """Run a program with its output in the log; a Failure when it fails.

    Returns the exit code.
    """
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
