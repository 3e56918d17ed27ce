"""What happened to a visit in one write: what it was, what it is, who did it.

Made once for each write. Whatever follows from a change (messages, wait list, recalls,
worklists) asks the properties here, so that "moved" or "cancelled" means one thing.
Plain data: no Odoo in here.
"""

from datetime import datetime
from typing import NamedTuple

from .states import AHEAD, FINISHED, TAKEN


class Facts(NamedTuple):
    """A visit at one moment; records by their ids, times as naive UTC."""

    state: str
    start: datetime
    stop: datetime
    practitioner: int
    location: int
    room: int | None = None
    patient: int | None = None
    overbooked: bool = False

    @property
    def stands(self):
        """Whether the visit is booked and to come."""
        return self.state in AHEAD

    @property
    def place(self):
        """What a person is told of a visit: when, with whom, where."""
        return (self.start, self.practitioner, self.location)


class Change(NamedTuple):
    """One visit before and after one write.

    :param int visit: id
    :param before: :class:`Facts`; ``None`` of a new visit
    :param after: :class:`Facts`
    :param int user: id of who did it
    :param person: id of the patient or guardian who did it without a log-in, if any
    :param channel: by which way, as far as it was said
    :param datetime when: naive UTC
    :param bool history: something old was entered: it is no news to anybody
    """

    visit: int
    before: Facts | None
    after: Facts
    user: int
    person: int | None
    channel: str | None
    when: datetime
    history: bool = False

    @property
    def created(self):
        return self.before is None

    @property
    def stood(self):
        """Whether the visit was booked and to come before."""
        return bool(self.before) and self.before.stands

    @property
    def stands(self):
        return self.after.stands

    @property
    def booked(self):
        """Booked just now: a new visit, or a held time that somebody took."""
        if self.created:
            return self.after.state in TAKEN
        return self.before.state == "held" and self.after.state in (
            "booked",
            "confirmed",
        )

    @property
    def state_changed(self):
        return not self.created and self.before.state != self.after.state

    @property
    def moved_anything(self):
        """Another time, person, place or room: *moved* in the history of the visit."""
        return not self.created and (self.before.place, self.before.room) != (
            self.after.place,
            self.after.room,
        )

    @property
    def resized(self):
        """Another end, and nothing else."""
        return (
            not self.created
            and not self.moved_anything
            and self.before.stop != self.after.stop
        )

    @property
    def moved(self):
        """Another time, and not booked by the same write."""
        return (
            not self.created
            and not self.booked
            and self.before.start != self.after.start
        )

    @property
    def replaced(self):
        """Another practitioner or location at the same time."""
        return (
            self.stood
            and self.stands
            and self.before.start == self.after.start
            and self.before.place != self.after.place
        )

    @property
    def elsewhere(self):
        """A visit that stands has another time, practitioner or location."""
        return self.stood and self.stands and self.before.place != self.after.place

    @property
    def cancelled(self):
        return (
            self.after.state == "cancelled"
            and not self.created
            and self.before.state != "cancelled"
        )

    @property
    def fell_through(self):
        """A visit that stood was cancelled: a held time that is let go is no news."""
        return self.stood and self.cancelled

    @property
    def restored(self):
        """A cancellation was taken back."""
        return (
            not self.created and self.before.state == "cancelled" and self.after.stands
        )

    @property
    def freed(self):
        """Its time with the practitioner before is free again."""
        return self.elsewhere or self.fell_through

    @property
    def anything(self):
        """Whether this stands in the history of the visit."""
        return (
            self.created
            or self.state_changed
            or self.moved_anything
            or self.resized
            or self.overbooked
            or self.patient_changed
        )

    @property
    def finished(self):
        """The visit took place, and was not written down as such before."""
        return (
            not self.created
            and self.after.state in FINISHED
            and self.before.state not in FINISHED
        )

    @property
    def done(self):
        """The same, by the step *done*."""
        return self.state_changed and self.after.state == "done"

    @property
    def overbooked(self):
        return self.after.overbooked and not (self.before and self.before.overbooked)

    @property
    def patient_changed(self):
        """Another person's visit now."""
        return (
            not self.created
            and bool(self.before.patient)
            and self.before.patient != self.after.patient
        )


def what_to_tell(known, now):
    """What somebody has to be told who knows one thing, when another is true.

    :param known: :class:`Facts` as last told; ``None``: never told of the visit
    :param now: :class:`Facts` as they are
    :returns: ``booked``, ``moved``, ``cancelled`` or ``None``
    """
    knows = known is not None and known.state in (*TAKEN, "no_show")
    if now.state == "cancelled":
        return "cancelled" if knows else None
    if now.state not in TAKEN:
        return None
    if not knows:
        return "booked"
    return "moved" if known.place != now.place else None


def packed(facts):
    """Facts as JSON, for what somebody was told; ``None`` of nothing."""
    if facts is None:
        return None
    start, practitioner, location = facts.place
    return {
        "state": facts.state,
        "start": start.isoformat(),
        "stop": facts.stop.isoformat(),
        "practitioner": practitioner,
        "location": location,
    }


def unpacked(values):
    """The facts in what :func:`packed` gave."""
    if not values:
        return None
    times = {name: datetime.fromisoformat(values[name]) for name in ("start", "stop")}
    return Facts(**(values | times))
