"""When the messages of a mass recall go out: so many an hour, on these days."""

from datetime import datetime, time, timedelta


def hours(start, weekdays, first, last, count, not_before=None):
    """The local hours in which messages go out, in order.

    :param date start: the first day
    :param weekdays: numbers of the days that are used, Monday is 0
    :param int first: first hour of a day that is used
    :param int last: hour at which a day ends, not used itself
    :param int count: how many hours are wanted
    :param datetime not_before: local; hours that began before are left out
    :returns: list of local datetimes
    :raises ValueError: no day or no hour is left

    >>> from datetime import date
    >>> [str(hour) for hour in hours(date(2026, 3, 6), {0, 4}, 9, 11, 3)]
    ['2026-03-06 09:00:00', '2026-03-06 10:00:00', '2026-03-09 09:00:00']
    """
    if not weekdays or not first < last:
        raise ValueError("no hour is left")
    found, day = [], start
    while len(found) < count:
        if day.weekday() in weekdays:
            for hour in range(first, last):
                moment = datetime.combine(day, time(hour))
                if not_before is None or moment >= not_before:
                    found.append(moment)
        day += timedelta(days=1)
    return found[:count]
