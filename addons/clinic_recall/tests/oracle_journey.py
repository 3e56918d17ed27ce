"""When waits end, worked out minute by minute: slow, simple, apart from the code."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


def wall(moment, zone):
    """What the clock on the wall shows at a naive UTC moment."""
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))


def first_showing(moment, zone, day, hour, minute):
    """The first minute from a moment at which the wall shows at least a time.

    Walks forward; the hour that the clock leaves out is met by the next minute there
    is, and of an hour that comes twice the first.
    """
    wanted = datetime(day.year, day.month, day.day, hour, minute)
    now = moment
    while wall(now, zone).replace(tzinfo=None) < wanted:
        now += MINUTE
    return now


def passed(plan, worker_times):
    """When each step of a chain happens, for a worker that ran at these times.

    :param plan: list of ``("wait", minutes)`` or ``("do", None)``
    :param worker_times: sorted datetimes
    :returns: moments, one a step, as far as the worker came
    """
    done, ready = [], None
    for now in worker_times:
        while len(done) < len(plan):
            kind, minutes = plan[len(done)]
            if kind == "wait":
                if ready is None:
                    ready = now + timedelta(minutes=minutes)
                if now < ready:
                    break
                ready = None
            done.append(now)
    return done
