"""The local day as a line of minutes, also when it has 23 or 25 hours.

A position on the day sheet is the number of minutes that have *passed* since the day
began at the location. Visits keep their true length on a night that skips or repeats
an hour, and the wall clock is only a label on the line. Nothing of Odoo is imported.
"""

from datetime import datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .opening import to_utc


def epoch_minute(moment):
    """Whole minutes since 1970 of a naive UTC instant."""
    return (moment - datetime(1970, 1, 1)) // timedelta(minutes=1)


class DayAxis(NamedTuple):
    """One local day: where it begins in UTC, how long it is, what the clocks show.

    ``wall`` holds ``(minute, wall minute)`` pairs: from that minute of the line on,
    the clock shows that minute of the day and runs on. Usually just ``(0, 0)``.
    """

    start: datetime
    stop: datetime
    wall: list

    @property
    def minutes(self):
        """Length of the day: 1440, or 1380 or 1500 when the clocks change."""
        return self.minute(self.stop)

    def minute(self, moment):
        """Position of a naive UTC instant; negative before the day."""
        return int((moment - self.start).total_seconds() // 60)

    def moment(self, minute):
        """The naive UTC instant of a position."""
        return self.start + timedelta(minutes=minute)


def day_axis(day, tz):
    """The axis of a local day.

    :param date day: day at the location
    :param str tz: IANA zone
    :returns: :class:`DayAxis`
    """
    start = to_utc(day, 0, tz)
    stop = to_utc(day + timedelta(days=1), 0, tz)
    zone = ZoneInfo(tz)

    def clock(minute):
        local = (
            (start + timedelta(minutes=minute))
            .replace(tzinfo=timezone.utc)
            .astimezone(zone)
        )
        return local.hour * 60 + local.minute

    length = int((stop - start).total_seconds() // 60)
    wall = [(0, clock(0))]
    for minute in range(length) if length != 1440 or clock(0) else ():
        since, shown = wall[-1]
        if clock(minute) != (shown + minute - since) % 1440:
            wall.append((minute, clock(minute)))
    return DayAxis(start, stop, wall)
