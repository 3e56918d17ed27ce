"""From weekly rules in local hours to opening times in UTC.

Plain Python: nothing of Odoo is imported, so that the arithmetic can be read and
tested alone. All results are naive UTC datetimes, half open ``[start, stop)``.
"""

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Opening(NamedTuple):
    """One concrete opening of a practitioner's agenda."""

    start: datetime
    stop: datetime
    location_id: int
    room_id: int | None
    regime: str
    online_share: int
    block_id: int | None
    exception_id: int | None
    service_restricted: bool


class OpeningOverlap(Exception):
    """Two rules open the same practitioner's agenda at the same time."""

    def __init__(self, first, second):
        super().__init__(first, second)
        self.first = first
        self.second = second


@lru_cache(maxsize=4096)
def _midnight_offsets(day, tz):
    zone = ZoneInfo(tz)
    midnight = datetime.combine(day, time(), zone)
    return midnight.utcoffset(), (midnight + timedelta(days=1)).utcoffset()


def to_utc(day, hour, tz):
    """The UTC instant of a local hour.

    An hour that the spring change skips is the instant of the change (there is no
    02:30 to wait for); of an hour that autumn repeats the first is meant.

    :param date day: local day
    :param float hour: 0 to 24, ``13.5`` is half past one
    :param str tz: IANA zone
    :returns: naive UTC datetime
    """
    local = datetime.combine(day, time()) + timedelta(minutes=round(hour * 60))
    first, second = _midnight_offsets(day, tz)
    if first == second:
        return local - first
    zone = ZoneInfo(tz)
    instant = local.replace(tzinfo=zone).astimezone(timezone.utc)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant.replace(tzinfo=None)
    return _instant_of_change(instant, zone).replace(tzinfo=None)


def _instant_of_change(after, zone):
    """The latest change of the zone's offset at or before an instant, to the minute."""
    offset = after.astimezone(zone).utcoffset()
    low, high = after - timedelta(hours=3), after
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


def local_span(day, hour_from, hour_to, tz):
    """The UTC span between two local hours of a day; empty spans give ``None``."""
    start = to_utc(day, hour_from, tz)
    stop = to_utc(day, hour_to, tz)
    return (start, stop) if start < stop else None


def subtract(span, holes):
    """What remains of a span without the holes.

    :param tuple span: ``(start, stop)``
    :param holes: iterable of ``(start, stop)`` in any order, overlaps allowed
    :returns: list of ``(start, stop)`` in order
    """
    start, stop = span
    rest = []
    for hole_start, hole_stop in sorted(holes):
        if hole_stop <= start:
            continue
        if hole_start >= stop:
            break
        if hole_start > start:
            rest.append((start, hole_start))
        start = max(start, hole_stop)
        if start >= stop:
            return rest
    rest.append((start, stop))
    return rest


def applies_on(day, weekday, week_parity, date_from, date_to):
    """Whether a weekly rule holds on a day.

    :param date day: local day
    :param int weekday: 0 is Monday
    :param str week_parity: ``all``, ``odd`` or ``even`` ISO week number
    :param date_from: first valid day or ``None``
    :param date_to: last valid day or ``None``
    """
    if day.weekday() != weekday:
        return False
    if date_from and day < date_from or date_to and day > date_to:
        return False
    if week_parity == "all":
        return True
    return (day.isocalendar().week % 2 == 1) == (week_parity == "odd")


def days_between(first: date, last: date):
    """Every day from first to last, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def check_disjoint(openings):
    """Sort openings by start and refuse overlaps.

    :raises OpeningOverlap: carries the two openings
    """
    ordered = sorted(openings, key=lambda opening: (opening.start, opening.stop))
    for first, second in zip(ordered, ordered[1:], strict=False):
        if second.start < first.stop:
            raise OpeningOverlap(first, second)
    return ordered


def without_overlaps(openings):
    """Keep the earlier of two overlapping openings: for jobs that must not stop."""
    kept = []
    for opening in sorted(openings, key=lambda item: (item.start, item.stop)):
        if not kept or opening.start >= kept[-1].stop:
            kept.append(opening)
    return kept
