import random
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from odoo.addons.clinic_base.lib.ours import OURS

from . import oracle
from .common import RecallCommon

#: Two years with four changes of the clock.
BEGIN = datetime(2026, 3, 2, 12)
DAYS = 730
WORLDS = 3
PATIENTS = 4


@tagged("post_install", "-at_install", "slow")
class TestRecallProperty(RecallCommon):
    """The scheduler equals a slow oracle over two simulated years."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule.active = False
        other = cls.env["clinic.specialty"].create({"name": "Skin"})
        cls.services = (
            cls.service
            | cls.make_service("Echo")
            | cls.make_service("Moles", specialty_id=other.id)
        )
        cls.patients = cls.env["res.partner"]
        for number in range(PATIENTS):
            cls.patients |= cls.make_patient("Random", f"Patient{number}")

    def test_two_years_equal_the_oracle(self):
        """RCL-01: random rules, visits, cancellations, no-shows, refusals, pauses;
        attempts, states and days are those of the oracle, which looks at every day
        while the jobs run on some of them, at any hour."""
        compared = states = 0
        for number in range(WORLDS):
            chance = random.Random(number)
            with self.env.cr.savepoint() as savepoint, freeze_time(BEGIN) as clock:
                self._make_world(chance)
                seen = set()
                moment = BEGIN
                while moment < BEGIN + timedelta(days=DAYS):
                    moment += timedelta(minutes=chance.randrange(60, 5760))
                    clock.move_to(moment)
                    self._walk_to(moment)
                    if self._mark_old(chance, moment):
                        pass
                    elif chance.random() < 0.4:
                        self._something_happens(chance, moment)
                    elif chance.random() < 0.6:
                        continue
                    self._run(chance)
                    self.world.settle(moment)
                    compared += self._compare(number, moment, seen)
                states += len(seen)
                savepoint.close(rollback=True)
            self.env.invalidate_all()
        self.assertGreater(compared, 1500)
        self.assertGreater(states, 8 * WORLDS * 0.8, "all states were met")

    # ------------------------------------------------------------
    # The world
    # ------------------------------------------------------------

    def _make_world(self, chance):
        self.rules, rules = {}, []
        for trigger in ("visit", "visit", "no_show"):
            services = self.services.filtered(lambda _each: chance.random() < 0.6)
            unit = chance.choice(("day", "week", "month"))
            terms = {
                "trigger": trigger,
                "match": chance.choice(("service", "service", "specialty", "any")),
                "delay": {f"{unit}s": chance.randrange(1, {"day": 90}.get(unit, 8))},
                "steps": sorted(chance.randrange(-20, 60) for _step in range(3)),
                "cooldown": chance.randrange(0, 15),
                "decline_days": chance.choice((0, 20, 90)),
                "give_up": chance.randrange(0, 30),
                "overdue": chance.randrange(0, 40),
                "look_back": chance.choice((30, 365)),
                "services": set(services.ids),
            }
            rule = self.make_rule(
                f"Random {len(rules)}",
                [(days, "call") for days in terms["steps"]],
                trigger=trigger,
                match=terms["match"],
                delay=next(iter(terms["delay"].values())),
                delay_unit=unit,
                service_ids=[Command.set(services.ids)],
                cooldown_days=terms["cooldown"],
                decline_days=terms["decline_days"],
                give_up_days=terms["give_up"],
                overdue_days=terms["overdue"],
                look_back_days=terms["look_back"],
            )
            self.rules[rule.id] = terms
            rules.append(terms)
        self.world = oracle.World(rules)
        self.walked = oracle.local_day(BEGIN)

    def _walk_to(self, moment):
        """The oracle looks at every day, whether the jobs run or not."""
        while self.walked < oracle.local_day(moment):
            self.walked += timedelta(days=1)
            noon = datetime.combine(self.walked, BEGIN.time())
            self.world.settle(min(noon, moment))

    def _run(self, chance):
        """The jobs: after an event, or of a new day; sometimes twice."""
        for _again in range(chance.choice((1, 1, 2))):
            self.work_out()
            for rule in self.env["clinic.recall.rule"].browse(self.rules):
                rule._work_out()
            self.Recall._refresh_all()

    def _compare(self, number, moment, seen):
        recalls = self.Recall.search([("rule_id", "in", list(self.rules))])
        found = {
            (recall.rule_id.id, recall.cause_visit_id.id): (
                recall.state,
                recall.close_reason or None,
                recall.due_date,
                # What ended is looked at again when something happens to the patient.
                recall.state == "closed" or (recall.anchor_date, recall.steps_done),
                recall.next_attempt_on or None,
                recall.appointment_id.id or None,
            )
            for recall in recalls
        }
        ids = {id(terms): rule for rule, terms in self.rules.items()}
        expected = {
            (ids[id(recall.rule)], recall.visit.id): (
                recall.state,
                recall.close,
                recall.due,
                recall.state == "closed" or (recall.anchor, recall.steps),
                recall.next,
                recall.booked.id if recall.booked else None,
            )
            for recall in self.world.recalls
        }
        wrong = {
            key: (found.get(key), expected.get(key))
            for key in found.keys() | expected.keys()
            if found.get(key) != expected.get(key)
        }
        self.assertFalse(wrong, f"world {number} at {moment}: (found, expected)")
        seen.update(state for state, *_rest in found.values())
        return len(found)

    # ------------------------------------------------------------
    # What happens
    # ------------------------------------------------------------

    def _something_happens(self, chance, moment):
        happening = chance.choice(
            (
                self._book,
                self._book,
                self._end,
                self._end,
                self._end,
                self._undo,
                self._call,
                self._call,
                self._call,
                self._pause,
                self._close,
                self._open,
            )
        )
        happening(chance, moment)

    def _history(self):
        return self.env["clinic.appointment"].with_context(clinic_history=OURS)

    def _book(self, chance, moment):
        """A visit ahead, unless the patient has one; sometimes one that is over."""
        patient = chance.choice(self.patients)
        if any(
            visit.patient == patient.id and visit.state in oracle.STANDING
            for visit in self.world.visits
        ):
            return
        over = chance.random() < 0.3
        start = moment.replace(second=0) + timedelta(
            days=-1 if over else chance.randrange(1, 60), minutes=chance.randrange(60)
        )
        service = chance.choice(self.services)
        state = "done" if over else "booked"
        with self.env.cr.savepoint():
            visit = self._history().create(
                {
                    "patient_id": patient.id,
                    "practitioner_id": chance.choice((self.anna, self.bruno)).id,
                    "service_id": service.id,
                    "location_id": self.rome.id,
                    "start": start,
                    "stop": start + timedelta(minutes=1),
                    "state": state,
                    "buffer_before": 0,
                    "buffer_after": 0,
                }
            )
        self.world.visits.append(
            oracle.Visit(
                visit.id, patient.id, service.id, service.specialty_id.id, start, state
            )
        )

    def _end(self, chance, moment):
        """The oldest visit that stands ends in one way or another."""
        standing = [each for each in self.world.visits if each.state in oracle.STANDING]
        for visit in sorted(standing, key=lambda each: each.start):
            if visit.start <= moment:
                self._set(visit, chance.choice(("done", "done", "no_show")))
                return
        if standing:
            self._set(chance.choice(standing), "cancelled")

    def _mark_old(self, chance, moment):
        """Nobody forgets a visit for long: that is another test's matter."""
        old = [
            each
            for each in self.world.visits
            if each.state in oracle.STANDING and each.start < moment - timedelta(days=3)
        ]
        for visit in old:
            self._set(visit, chance.choice(("done", "done", "no_show")))
        return bool(old)

    def _undo(self, chance, _moment):
        """A wrong click, undone."""
        ended = [each for each in self.world.visits if each.state == "done"]
        if ended and chance.random() < 0.5:
            self._set(max(ended, key=lambda each: each.id), "no_show")

    def _set(self, visit, state):
        self._history().browse(visit.id).write({"state": state})
        visit.state = state

    def _some_recall(self, chance, states):
        """A recall in one of these states, and what the oracle knows of it."""
        ids = {id(terms): rule for rule, terms in self.rules.items()}
        found = [each for each in self.world.recalls if each.state in states]
        if not found:
            return None, None
        known = chance.choice(found)
        recall = self.Recall.search(
            [
                ("rule_id", "=", ids[id(known.rule)]),
                ("cause_visit_id", "=", known.visit.id),
            ]
        )
        return recall, known

    def _call(self, chance, moment):
        self._catch_up(moment)
        recall, known = self._some_recall(chance, ("due", "overdue", "contacted"))
        if not recall:
            return
        today = oracle.local_day(moment)
        result = chance.choice(("no_answer", "no_answer", "later", "declined"))
        later = today + timedelta(days=chance.randrange(1, 40))
        later = later if result == "later" else None
        recall._attempted(result, later_on=later or False)
        known.attempt(today, result, later)

    def _pause(self, chance, moment):
        self._catch_up(moment)
        recall, known = self._some_recall(chance, ("later", "due", "overdue"))
        if recall:
            known.pause = oracle.local_day(moment) + timedelta(chance.randrange(1, 50))
            recall.paused_until = known.pause

    def _close(self, chance, moment):
        self._catch_up(moment)
        recall, known = self._some_recall(chance, ("due", "contacted", "booked"))
        if recall and chance.random() < 0.4:
            recall._close()
            known.by_hand = True

    def _open(self, chance, moment):
        self._catch_up(moment)
        recall, known = self._some_recall(chance, ("declined", "unreachable"))
        if recall:
            recall.action_reopen()
            known.reopen(oracle.local_day(moment))

    def _catch_up(self, moment):
        """People act on what the board shows at this moment."""
        self._run(random.Random(0))
        self.world.settle(moment)
