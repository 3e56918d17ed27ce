"""Where a visit may begin: the rules of the desk over one day, in plain Python.

The day sheet asks this once when a drag begins, so that no request is needed while
the pointer moves, and again when the visit is dropped, so that what looked legal and
what is accepted come from one place. (Under a race the database has the last word.)
All times are whole minutes on one :class:`~.day_axis.DayAxis`.
"""

from collections import defaultdict
from typing import NamedTuple


class Session(NamedTuple):
    """An opening of a practitioner that takes the service."""

    practitioner_id: int
    start: int
    stop: int
    room_id: int | None


class Busy(NamedTuple):
    """A visit that is in the agenda already, with and without its buffers."""

    visit_id: int
    practitioner_id: int
    room_id: int | None
    patient_id: int | None
    device_ids: tuple
    start: int
    stop: int
    busy_start: int
    busy_stop: int


class Device(NamedTuple):
    """A device that could serve, and the room it is fixed in: ``None`` when it can be
    brought into any."""

    id: int
    room_id: int | None

    def serves_in(self, room_id):
        """Whether it stands in the room, or can be brought."""
        return self.room_id in (None, room_id)


class Request(NamedTuple):
    """The visit that looks for a place.

    :param int length: minutes
    :param int before: preparation, minutes
    :param int after: tidying, minutes
    :param patient_id: who must be free, if known
    :param list rooms: rooms to choose from where the session names none; ``None``
        stands for "no room". The first free one is taken.
    :param bool any_room: take ``rooms`` even where the session names a room
    :param list devices: one list of :class:`Device` for each kind that is needed
    """

    length: int
    before: int = 0
    after: int = 0
    patient_id: int | None = None
    rooms: list = (None,)
    any_room: bool = False
    devices: list = ()


class Place(NamedTuple):
    """What a visit gets at one start."""

    room_id: int | None
    device_ids: list


def without(ranges, forbidden):
    """Ranges of starts without the open intervals in which none is possible.

    :param list ranges: closed ``(first, last)``
    :param list forbidden: open ``(from, to)``
    """
    for low, high in forbidden:
        kept = []
        for first, last in ranges:
            if high <= first or low >= last:
                kept.append((first, last))
                continue
            if first <= low:
                kept.append((first, low))
            if high <= last:
                kept.append((high, last))
        ranges = kept
    return ranges


def merged(ranges):
    """Union of closed ranges, in order, as lists (they go to the browser)."""
    result = []
    for first, last in sorted(ranges):
        if result and first <= result[-1][1]:
            result[-1][1] = max(result[-1][1], last)
        else:
            result.append([first, last])
    return result


class Diary:
    """One day of one location: openings, and everything that takes time.

    :param list sessions: :class:`Session`, only those that take the service
    :param list busy: :class:`Busy`, of all locations, without the visit itself
    :param int earliest: a visit may not end before this minute (now)
    """

    def __init__(self, sessions, busy, earliest=0):
        self.earliest = earliest
        self._sessions = defaultdict(list)
        for session in sessions:
            self._sessions[session.practitioner_id].append(session)
        self._taking = defaultdict(list)
        for visit in busy:
            self._taking["practitioner", visit.practitioner_id].append(visit)
            self._taking["room", visit.room_id].append(visit)
            self._taking["patient", visit.patient_id].append(visit)
            for device_id in visit.device_ids:
                self._taking["device", device_id].append(visit)

    def starts(self, practitioner_id, request):
        """Closed ranges of starts at which the visit fits: ``[[first, last], …]``."""
        return merged(
            interval
            for session in self._sessions[practitioner_id]
            for room_id in self._rooms(session, request)
            for interval in self._starts_in(session, room_id, request)
        )

    def place(self, practitioner_id, start, request):
        """Room and devices for a visit at one start, or ``None`` if it does not fit."""
        for session in self._sessions[practitioner_id]:
            for room_id in self._rooms(session, request):
                if _covers(self._starts_in(session, room_id, request), start):
                    return Place(
                        room_id,
                        [
                            self._free_device(devices, room_id, start, request).id
                            for devices in request.devices
                        ],
                    )
        return None

    def last_stop(self, practitioner_id, start, room_id, device_ids, request):
        """Until when a visit that starts then could go on; its start if it fits not."""
        stops = [start]
        for session in self._sessions[practitioner_id]:
            if session.start <= start - request.before and start < session.stop:
                limit = session.stop - request.after
                for other in self._others(
                    practitioner_id, room_id, device_ids, request
                ):
                    if other.stop > start:
                        gap = other.busy_start - request.after
                        if other.patient_id and other.patient_id == request.patient_id:
                            gap = min(gap, other.start)
                        limit = min(limit, gap)
                stops.append(limit)
        return max(stops)

    def obstacles(self, practitioner_id, start, room_id, device_ids, request):
        """The visits that a visit at this start would overlap, earliest first."""
        found = []
        for other in self._others(practitioner_id, room_id, device_ids, request):
            low, high = self._forbidden(
                other, practitioner_id, room_id, request, device_ids
            )
            if low < start < high:
                found.append(other)
        return sorted(found, key=lambda other: other.start)

    def open_at(self, practitioner_id, start, request):
        """The session that has room for the visit at this start, taken or not."""
        for session in self._sessions[practitioner_id]:
            if (
                session.start + request.before <= start
                and start + request.length + request.after <= session.stop
            ):
                return session
        return None

    def _others(self, practitioner_id, room_id, device_ids, request):
        keys = [("practitioner", practitioner_id)]
        keys += [("room", room_id)] if room_id else []
        keys += [("patient", request.patient_id)] if request.patient_id else []
        keys += [("device", device_id) for device_id in device_ids]
        return {
            other.visit_id: other for key in keys for other in self._taking[key]
        }.values()

    @staticmethod
    def _rooms(session, request):
        if session.room_id and not request.any_room:
            return (session.room_id,)
        return request.rooms

    def _starts_in(self, session, room_id, request):
        first = max(session.start + request.before, self.earliest - request.length + 1)
        last = session.stop - request.length - request.after
        if first > last:
            return []
        ranges = without(
            [(first, last)],
            [
                self._forbidden(other, session.practitioner_id, room_id, request)
                for other in self._others(session.practitioner_id, room_id, (), request)
            ],
        )
        for devices in request.devices:
            ranges = [
                interval
                for device in devices
                if device.serves_in(room_id)
                for interval in without(ranges, self._device_taken(device, request))
            ]
            ranges = [tuple(interval) for interval in merged(ranges)]
        return ranges

    def _device_taken(self, device, request):
        return [
            self._around(other.busy_start, other.busy_stop, request)
            for other in self._taking["device", device.id]
        ]

    def _free_device(self, devices, room_id, start, request):
        return next(
            device
            for device in devices
            if device.serves_in(room_id)
            and not any(
                low < start < high for low, high in self._device_taken(device, request)
            )
        )

    @staticmethod
    def _around(start, stop, request):
        """The open interval of starts with which visit and buffers meet a span."""
        return start - request.length - request.after, stop + request.before

    def _forbidden(self, other, practitioner_id, room_id, request, device_ids=()):
        """The starts that another visit rules out: with buffers, or the bare visit
        when only the patient is the same (tidying the room is not their time)."""
        same_resource = (
            other.practitioner_id == practitioner_id
            or room_id
            and other.room_id == room_id
            or set(device_ids).intersection(other.device_ids)
        )
        if same_resource:
            return self._around(other.busy_start, other.busy_stop, request)
        return other.start - request.length, other.stop


def _covers(ranges, start):
    return any(first <= start <= last for first, last in ranges)
