"""An independent answer to "what is free?": minute by minute, nothing clever.

Shares no code with the product. Slow on purpose: every minute of a visit and its
buffers is looked up in the set of taken minutes of each resource.
"""

from datetime import datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(2026, 1, 1)


def minute(moment):
    """Minutes since the epoch of the test."""
    return int((moment - EPOCH).total_seconds() // 60)


def moment(minutes):
    """The inverse of :func:`minute`."""
    return EPOCH + timedelta(minutes=minutes)


@lru_cache
def wall_clock(first, last, tz):
    """What the clock on the wall shows, for every UTC minute of a period.

    :returns: tuple of ``(UTC minute, local date, hour as a fraction)``
    """
    zone = ZoneInfo(tz)
    shown = []
    for number in range(minute(first), minute(last) + 1):
        current = moment(number)
        local = current.replace(tzinfo=timezone.utc).astimezone(zone)
        shown.append((current, local.date(), local.hour + local.minute / 60))
    return tuple(shown)


def open_runs(first, last, tz, is_open):
    """Runs of UTC minutes whose local wall clock satisfies ``is_open``.

    :param datetime first: naive UTC, first minute looked at
    :param datetime last: naive UTC, end
    :param is_open: function of the local date and hour
    :returns: list of ``(start, stop)`` naive UTC
    """
    runs, start = [], None
    for current, day, hour in wall_clock(first, last, tz):
        if current < last and is_open(day, hour):
            start = start or current
        elif start:
            runs.append((start, current))
            start = None
    return runs


class Day:
    """What is known about one search: sessions, visits, rooms, devices, rules."""

    def __init__(self, now):
        self.now = now
        self.taken = {}
        self.online_minutes = []

    def take(self, resource, start, stop):
        """Mark every minute of ``[start, stop)`` as taken for ``(kind, id)``."""
        self.taken.setdefault(resource, set()).update(
            range(minute(start), minute(stop))
        )

    def is_free(self, resource, start, stop):
        """Whether no minute of the span is taken."""
        return self.taken.get(resource, set()).isdisjoint(
            range(minute(start), minute(stop))
        )

    def add_visit(self, visit):
        """Count a visit, unless its state or an expired hold leaves the time free."""
        if visit["state"] in ("cancelled", "no_show", "expired"):
            return
        if visit["state"] == "held" and visit["expires"] <= self.now:
            return
        start = visit["start"] - timedelta(minutes=visit["before"])
        stop = visit["stop"] + timedelta(minutes=visit["after"])
        self.take(("practitioner", visit["practitioner"]), start, stop)
        if visit["room"]:
            self.take(("room", visit["room"]), start, stop)
        for device in visit["devices"]:
            self.take(("device", device), start, stop)
        if visit["channel"] in ("website", "portal"):
            length = int((visit["stop"] - visit["start"]).total_seconds() // 60)
            self.online_minutes.append((visit["practitioner"], visit["start"], length))

    def place(self, session, offer, service, rooms, devices, start, stop):
        """The room of the visit, or ``"nowhere"``; ``None`` when it needs none."""
        if session["room"]:
            options = [session["room"]]
        else:
            allowed = [
                room
                for room in sorted(
                    rooms, key=lambda item: (item["sequence"], item["id"])
                )
                if room["location"] == session["location"]
                and (not offer["rooms"] or room["id"] in offer["rooms"])
            ]
            if service["room_required"]:
                options = [room["id"] for room in allowed]
            else:
                fixed = {
                    device["room"]
                    for device in devices
                    if device["category"] in service["categories"]
                }
                options = [None] + [
                    room["id"] for room in allowed if room["id"] in fixed
                ]
        for room in options:
            if room and not self.is_free(("room", room), start, stop):
                continue
            if all(
                any(
                    device["category"] == category
                    and device["location"] == session["location"]
                    and device["room"] in (None, room)
                    and self.is_free(("device", device["id"]), start, stop)
                    for device in devices
                )
                for category in service["categories"]
            ):
                return room
        return "nowhere"

    def slots(self, query, sessions, offers, service, rooms, devices):
        """Free starts as ``(start, stop, practitioner, location, room)``, sorted."""
        found = []
        before = timedelta(minutes=service["before"])
        after = timedelta(minutes=service["after"])
        for offer in offers:
            length = timedelta(minutes=offer["duration"] or service["duration"])
            step = timedelta(
                minutes=service["step"] or offer["duration"] or service["duration"]
            )
            for session in sessions:
                if (session["practitioner"], session["location"]) != (
                    offer["practitioner"],
                    offer["location"],
                ):
                    continue
                if (
                    not query["from"] < session["stop"]
                    or not session["start"] < query["to"]
                ):
                    continue
                if session["services"] and service["id"] not in session["services"]:
                    continue
                if query["regime"] and session["regime"] not in (
                    "any",
                    query["regime"],
                ):
                    continue
                if query["online"] and not self.share_left(session, length):
                    continue
                start = session["start"] + before
                while start + length + after <= session["stop"]:
                    span = start - before, start + length + after
                    if (
                        self.in_window(query, offer, start)
                        and self.is_free(("practitioner", offer["practitioner"]), *span)
                        and not (
                            session["room"]
                            and not self.is_free(("room", session["room"]), *span)
                        )
                    ):
                        room = session["room"]
                        if service["room_required"] or service["categories"]:
                            room = self.place(
                                session, offer, service, rooms, devices, *span
                            )
                        if room != "nowhere":
                            found.append(
                                (
                                    start,
                                    start + length,
                                    offer["practitioner"],
                                    offer["location"],
                                    room or None,
                                )
                            )
                    start += step
        return sorted(found, key=lambda slot: (slot[0], *slot[2:4]))

    def share_left(self, session, length):
        """Whether the session's online share takes one more visit of this length."""
        if session["share"] == 100:
            return True
        used = sum(
            minutes
            for practitioner, start, minutes in self.online_minutes
            if practitioner == session["practitioner"]
            and session["start"] <= start < session["stop"]
        )
        total = (session["stop"] - session["start"]).total_seconds() / 60
        return used + length.total_seconds() / 60 <= total * session["share"] / 100

    def in_window(self, query, offer, start):
        """The period asked for, and for the website notice and horizon."""
        earliest, latest = max(query["from"], self.now), query["to"]
        if query["online"]:
            earliest = max(
                earliest, self.now + timedelta(minutes=offer["notice_minutes"])
            )
            latest = min(latest, self.now + timedelta(days=offer["horizon_days"]))
        return earliest <= start < latest
