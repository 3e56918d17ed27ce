"""One clock for all processes and machines: the database's.

An expiry that one machine writes by its own clock and another compares with its own is
wrong by what the two differ. ``now`` is the time of the database: the process's own
time, which tests may freeze, plus what the two differ by, measured once a minute on a
connection apart (a query in each transaction would cost more than it is worth).

``judge`` tells whether a clock has jumped. A jump ages all that waits at once: messages
expire, follow-ups of next year fall due.
"""

import logging
import threading
import time
from datetime import datetime, timedelta, timezone

import psycopg2

from .waker import waker

_logger = logging.getLogger(__name__)

#: For how long a measured difference holds, in seconds.
MEASURED_FOR = 60
#: Less than this is no difference: the journey of the question, and whole seconds.
NEGLIGIBLE = 1.0
#: A difference, or a jump, from which on no job runs, in seconds.
JUMP = 60.0
#: Longer than this no site is silent without somebody having a look, in seconds.
SILENCE = 60 * 86400.0


class Clock:
    """What this process knows of the database's clock."""

    def __init__(self):
        self.lock = threading.Lock()
        self.measured_at = None
        self.difference = 0.0

    def database_ahead(self):
        """By how many seconds the database's clock is ahead of this machine's."""
        if self._is_due() and self.lock.acquire(blocking=False):
            try:
                self._measure()
            finally:
                self.lock.release()
        return self.difference

    def _is_due(self):
        since = self.measured_at
        return since is None or _steady() - since > MEASURED_FOR

    def _measure(self):
        try:
            before = machine_now()
            told = waker.ask("SELECT extract(epoch FROM clock_timestamp())::float8")
            after = machine_now()
        except psycopg2.Error:
            # The database is away: nothing can be written by this time either.
            return
        self.difference = told - (before + after) / 2
        self.measured_at = _steady()


#: The one of this process.
clock = Clock()


def machine_now():
    """This machine's time in seconds since 1970; tests do not freeze it."""
    return time.clock_gettime(time.CLOCK_REALTIME)


def since_boot():
    """Seconds since the machine was started, time asleep included."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _steady():
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def now():
    """The database's time, without fractions of a second.

    :returns: ``datetime`` without zone, in UTC, as Odoo's fields hold it
    """
    moment = datetime.now(timezone.utc).replace(tzinfo=None)
    ahead = clock.database_ahead()
    if abs(ahead) >= NEGLIGIBLE:
        moment += timedelta(seconds=ahead)
    return moment.replace(microsecond=0)


def judge(machine, boot, ahead, start=None, last_anywhere=None):
    """Whether a clock can be trusted; if not, in which way and by how much.

    :param float machine: the machine's time, seconds since 1970
    :param float boot: seconds since the machine was started
    :param float ahead: by how much the database's clock is ahead
    :param float start: the machine's time when it was started, as its clock told it
        at the last look; ``None``: nobody has looked since
    :param float last_anywhere: when the clock of any machine was last right
    :returns: ``None`` when it can; else ``(kind, seconds)``: "apart" from the database,
        "jumped" since the last look, "back" behind what was seen before, "silence"
    """
    if abs(ahead) > JUMP:
        return ("apart", ahead)
    if start is not None:
        moved = (machine - boot) - start
        return ("jumped", moved) if abs(moved) > JUMP else None
    if last_anywhere is not None:
        passed = machine - last_anywhere
        if passed < -JUMP:
            return ("back", passed)
        if passed > SILENCE:
            return ("silence", passed)
    return None
