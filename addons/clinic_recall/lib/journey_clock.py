"""When a wait ends: a moment in, a moment out, by the clock of a place.

Plain Python: read, tested and measured alone. Moments are naive UTC; an hour that the
clock leaves out counts as the one after it, an hour that comes twice as its first time.
"""

from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo


def to_local(moment, zone):
    """The wall clock at a moment.

    :param datetime moment: naive UTC
    :param str zone: for example ``Europe/Rome``
    :returns: naive local time
    """
    aware = moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))
    return aware.replace(tzinfo=None)


def to_utc(local, zone):
    """The moment at which a wall clock shows a time.

    :param datetime local: naive local time
    :returns: naive UTC
    """
    aware = local.replace(tzinfo=ZoneInfo(zone), fold=0)
    return aware.astimezone(timezone.utc).replace(tzinfo=None)


def clock_time(hour):
    """An hour with its part as a time of the day: 9.5 is half past nine."""
    minutes = min(max(round(hour * 60), 0), 24 * 60 - 1)
    return time(minutes // 60, minutes % 60)


def after(moment, amount, unit, zone):
    """A while later. Days and weeks keep the hour of the wall clock."""
    if unit in ("minutes", "hours"):
        return moment + timedelta(**{unit: amount})
    local = to_local(moment, zone) + timedelta(**{unit: amount})
    return max(to_utc(local, zone), moment)


def until_hour(moment, hour, zone):
    """The next time, now included, at which the clock shows an hour."""
    return _first(moment, zone, hour, lambda day: True)


def until_weekday(moment, weekday, hour, zone):
    """The next such hour on a day of the week (0: Monday)."""
    return _first(moment, zone, hour, lambda day: day.weekday() == weekday)


def until_date(moment, day, hour, zone):
    """An hour of a date; at once when it is over."""
    return max(moment, to_utc(datetime.combine(day, clock_time(hour)), zone))


def _first(moment, zone, hour, fits):
    day = to_local(moment, zone).date()
    while True:
        candidate = to_utc(datetime.combine(day, clock_time(hour)), zone)
        if candidate >= moment and fits(day):
            return candidate
        day += timedelta(days=1)
