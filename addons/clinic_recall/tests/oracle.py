"""What recalls are to be, worked out slowly, day after day, in plain Python.

Independent of the addon: it knows the words of the documentation, not its SQL.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

FINISHED = ("done", "closed")
STANDING = ("booked", "rescheduled", "confirmed", "arrived", "in_room")
ZONE = ZoneInfo("Europe/Rome")


def local_day(moment):
    """The day in Rome at a naive moment of UTC."""
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZONE).date()


class Visit:
    """A visit of a patient."""

    def __init__(self, id_, patient, service, specialty, start, state):
        self.id, self.patient, self.start, self.state = id_, patient, start, state
        self.service, self.specialty = service, specialty


class Recall:
    """One recall, and everything that is known of it."""

    def __init__(self, rule, visit, due):
        self.rule, self.visit, self.due, self.anchor = rule, visit, due, due
        self.steps = 0
        self.last = self.later = self.declined = self.pause = None
        self.booked = self.close = None
        self.by_hand = False
        self.state, self.next = "later", None

    def attempt(self, today, result, later=None):
        """Somebody tried."""
        self.last, self.later = today, later
        self.steps += 1
        if result == "declined":
            self.declined = today

    def reopen(self, today):
        """Somebody wants to try again."""
        self.by_hand, self.declined, self.later = False, None, None
        self.steps, self.anchor = 0, today


class World:
    """Patients, rules and visits, walked through day by day."""

    def __init__(self, rules):
        self.rules, self.visits, self.recalls = rules, [], []

    def fulfils(self, visit, recall):
        """Whether a visit is of the kind the recall asks for, and later."""
        rule, cause = recall.rule, recall.visit
        if visit.patient != cause.patient or visit is cause:
            return False
        if visit.start <= cause.start:
            return False
        if rule["match"] == "any":
            return True
        if rule["match"] == "specialty":
            return visit.specialty == cause.specialty
        return visit.service == cause.service or visit.service in rule["services"]

    def first(self, recall, states):
        """The earliest visit in one of these states that fulfils a recall."""
        found = [
            visit
            for visit in self.visits
            if visit.state in states and self.fulfils(visit, recall)
        ]
        return min(found, key=lambda visit: (visit.start, visit.id), default=None)

    def settle(self, moment):
        """A day: what exists, what is new, and what exists once more."""
        today = local_day(moment)
        for recall in self.recalls:
            self.look(recall, today)
        for rule in self.rules:
            self.make(rule, today)
        for recall in self.recalls:
            self.look(recall, today)

    def make(self, rule, today):
        """The recalls of a rule that are missing: of each patient's last cause."""
        states = FINISHED if rule["trigger"] == "visit" else ("no_show",)
        for patient in {visit.patient for visit in self.visits}:
            causes = [
                visit
                for visit in self.visits
                if visit.patient == patient
                and visit.state in states
                and (not rule["services"] or visit.service in rule["services"])
            ]
            if not causes:
                continue
            cause = max(causes, key=lambda visit: (visit.start, visit.id))
            if any(
                recall.rule is rule and recall.visit is cause for recall in self.recalls
            ):
                continue
            due = local_day(cause.start) + relativedelta(**rule["delay"])
            recall = Recall(rule, cause, due)
            if due < today - timedelta(days=rule["look_back"]):
                continue
            if rule["trigger"] == "no_show" and self.first(recall, FINISHED + STANDING):
                continue
            self.recalls.append(recall)

    def look(self, recall, today):
        """What a recall is today."""
        if recall.by_hand:
            recall.state, recall.close, recall.next = "closed", "hand", None
            return
        rule = recall.rule
        came = self.first(recall, FINISHED)
        ahead = came or self.first(recall, STANDING)
        if recall.booked and not ahead:
            recall.anchor, recall.steps = today, 0
        rest = rule["decline_days"]
        if recall.declined and rest:
            over = recall.declined + timedelta(days=rest)
            if today >= over:
                fell = recall.booked and not ahead
                recall.anchor = recall.anchor if fell else over
                recall.steps, recall.declined = 0, None
        recall.booked = ahead
        recall.close = self.ended(recall, came)
        recall.next = self.attempt_day(recall)
        recall.state = self.state(recall, today)
        if recall.state not in ("later", "due", "overdue", "contacted"):
            recall.next = None

    def ended(self, recall, came):
        """Why it ended by itself, if it did."""
        causes = FINISHED if recall.rule["trigger"] == "visit" else ("no_show",)
        if recall.visit.state not in causes:
            return "cause_gone"
        if came:
            return "came"
        for other in self.recalls:
            if (
                other.rule is recall.rule
                and other.visit.patient == recall.visit.patient
                and other.close != "cause_gone"
                and other.visit.start > recall.visit.start
            ):
                return "superseded"
        return None

    def attempt_day(self, recall):
        """The day of the next attempt; None when nothing is planned any more."""
        rule = recall.rule
        if recall.later:
            day = recall.later
        elif recall.steps < len(rule["steps"]):
            day = recall.anchor + timedelta(days=rule["steps"][recall.steps])
            if recall.last:
                day = max(day, recall.last + timedelta(days=rule["cooldown"]))
        else:
            return None
        return max(day, recall.pause) if recall.pause else day

    def state(self, recall, today):
        """In the order of the documentation."""
        rule = recall.rule
        if recall.close:
            return "closed"
        if recall.booked:
            return "booked"
        if recall.declined:
            return "declined"
        waits = recall.next is None or today < recall.next
        if recall.next is None and recall.last:
            if today >= recall.last + timedelta(days=rule["give_up"]):
                return "unreachable"
        if (recall.steps or recall.later) and waits:
            return "contacted"
        if recall.pause and recall.pause > today:
            return "later"
        if today >= recall.anchor + timedelta(days=rule["overdue"]):
            return "overdue"
        if today >= min(recall.anchor, recall.next or recall.anchor):
            return "due"
        return "later"
