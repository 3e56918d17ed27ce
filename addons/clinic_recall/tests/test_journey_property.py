import random
from datetime import date, datetime, timedelta

from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from ..lib import journey_clock
from . import oracle_journey
from .common_journey import JourneyCommon

ZONES = (
    "Europe/Rome",
    "Europe/Istanbul",
    "America/Santiago",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "UTC",
)
#: Two years, with every change of the clock in them.
SPAN = (datetime(2026, 1, 1), datetime(2027, 12, 31))
MOMENTS = st.datetimes(*SPAN).map(lambda moment: moment.replace(microsecond=0))
HOURS = st.integers(0, 24 * 60 - 1).map(lambda minutes: minutes / 60)
#: A tick is a moment; the worker may be away for days.
AWAY = (5, 5, 5, 60, 600, 3 * 1440, 9 * 1440)


@tagged("post_install", "-at_install")
class TestClock(JourneyCommon):
    """The clock of the waits against an oracle that walks minute by minute."""

    @settings(max_examples=150, deadline=None)
    @given(moment=MOMENTS, hour=HOURS, zone=st.sampled_from(ZONES))
    def test_until_an_hour(self, moment, hour, zone):
        """RCL-06: never early, within a day and a bit, and at the hour shown."""
        moment = moment.replace(second=0)
        until = journey_clock.until_hour(moment, hour, zone)
        self.assertGreaterEqual(until, moment)
        minutes = round(hour * 60)
        day = oracle_journey.wall(moment, zone).date()
        found = None
        while found is None:
            first = oracle_journey.first_showing(
                moment - timedelta(days=1), zone, day, minutes // 60, minutes % 60
            )
            found = first if first >= moment else None
            day += timedelta(days=1)
        # Where the clock leaves an hour out, the walk meets the minute after the gap;
        # the clock gives the same distance after it: at most an hour later.
        self.assertLessEqual(abs(until - found), timedelta(hours=1))
        shown = oracle_journey.wall(until, zone)
        if until == found:
            self.assertEqual(shown.hour * 60 + shown.minute, minutes)

    @settings(max_examples=200, deadline=None)
    @given(
        moment=MOMENTS,
        amount=st.integers(0, 400),
        unit=st.sampled_from(("minutes", "hours", "days", "weeks")),
        zone=st.sampled_from(ZONES),
    )
    def test_for_some_time(self, moment, amount, unit, zone):
        """RCL-06: days keep the hour of the wall clock, hours are hours."""
        until = journey_clock.after(moment, amount, unit, zone)
        self.assertGreaterEqual(until, moment)
        if unit in ("minutes", "hours"):
            self.assertEqual(until - moment, timedelta(**{unit: amount}))
            return
        days = amount * (7 if unit == "weeks" else 1)
        before = oracle_journey.wall(moment, zone)
        after = oracle_journey.wall(until, zone)
        wanted = before.replace(tzinfo=None) + timedelta(days=days)
        self.assertLessEqual(
            abs(after.replace(tzinfo=None) - wanted), timedelta(hours=1)
        )

    @settings(max_examples=100, deadline=None)
    @given(
        moment=MOMENTS,
        weekday=st.integers(0, 6),
        hour=HOURS,
        zone=st.sampled_from(ZONES),
    )
    def test_until_a_day_of_the_week(self, moment, weekday, hour, zone):
        """RCL-06: that day, within a week, never before."""
        until = journey_clock.until_weekday(moment, weekday, hour, zone)
        self.assertGreaterEqual(until, moment)
        self.assertLess(until - moment, timedelta(days=7, hours=3))
        day = oracle_journey.wall(until, zone)
        gap = day - timedelta(hours=1)
        self.assertIn(weekday, (day.weekday(), gap.weekday()))

    def test_a_date_that_is_over_does_not_wait(self):
        """RCL-06: who comes late goes on at once."""
        moment = datetime(2026, 5, 5, 12)
        self.assertEqual(
            journey_clock.until_date(moment, date(2026, 5, 1), 9, "UTC"), moment
        )
        self.assertEqual(
            journey_clock.until_date(moment, date(2026, 5, 9), 9.5, "UTC"),
            datetime(2026, 5, 9, 9, 30),
        )


@tagged("post_install", "-at_install", "slow")
class TestScheduler(JourneyCommon):
    """The schedulers against a simulated clock of two years."""

    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(seed=st.integers(0, 10**6))
    def test_journeys_over_two_years(self, seed):
        """RCL-06: every step once, in order, at the first look of the worker after its
        wait, across pauses of the worker of days; a goal ends it there and then."""
        chance = random.Random(seed)
        savepoint = self.env.cr.savepoint()
        try:
            self.one_world(chance)
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def one_world(self, chance):
        """Build a journey, let two years pass with a worker that is often away."""
        journey = self.journey(goal="domain", goal_domain="[('city', '=', 'Goal')]")
        plan, steps = [], []
        for number in range(chance.randint(2, 7)):
            if number % 2 == chance.randint(0, 1):
                minutes = chance.choice((30, 90, 1440, 5 * 1440, 60 * 1440))
                plan.append(("wait", minutes))
                unit, size = ("hours", 60) if minutes % 60 == 0 else ("minutes", 1)
                steps.append(
                    ("wait", {"wait_amount": minutes // size, "wait_unit": unit})
                )
            else:
                plan.append(("do", None))
                steps.append(("message", {"template_id": self.text.id}))
        nodes = self.chain(journey, *steps)
        now = SPAN[0] + timedelta(minutes=chance.randint(0, 500 * 1440))
        with freeze_time(now):
            journey.action_start()
        times = []
        while len(times) < 40 and now < SPAN[1]:
            times.append(now)
            now += timedelta(minutes=chance.choice(AWAY))
        leaver, leaves = self.people[0], chance.randrange(len(times))
        for index, moment in enumerate(times):
            if index == leaves:
                leaver.city = "Goal"
            with freeze_time(moment):
                self.tick()
        expected = oracle_journey.passed(plan, times)
        before = oracle_journey.passed(plan, times[:leaves])
        for entry in journey.entry_ids:
            want = before if entry.patient_id == leaver else expected
            passages = entry.passage_ids.sorted("id")
            self.assertEqual(passages.node_id.ids, nodes[: len(want)].ids)
            self.assertEqual(passages.mapped("date"), want)
            messages = self.messages(journey).filtered(
                lambda one, entry=entry: one.res_id == entry.id
            )
            self.assertEqual(
                len(messages),
                sum(kind == "do" for kind, _minutes in plan[: len(want)]),
            )

    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(seed=st.integers(0, 10**6))
    def test_follow_ups_over_two_years(self, seed):
        """RCL-03: every step becomes due once, at its local hour or at the first look
        of the worker after it, in the order of the plan, in every zone."""
        chance = random.Random(seed)
        savepoint = self.env.cr.savepoint()
        try:
            self.one_plan(chance)
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def one_plan(self, chance):
        """Lay out a plan in a zone, let the worker come and go."""
        zone = chance.choice(ZONES)
        place = self.env["clinic.location"].create({"name": zone, "tz": zone})
        days = sorted(chance.sample(range(0, 400), chance.randint(2, 6)))
        plan = self.make_plan("Random", days)
        for step in plan.step_ids:
            step.hour = chance.randint(0, 24 * 4 - 1) / 4
        anchor = SPAN[0].date() + timedelta(days=chance.randint(0, 300))
        begin = datetime(anchor.year, anchor.month, anchor.day) - timedelta(days=1)
        with freeze_time(begin):
            followup = self.follow(plan=plan, location_id=place.id, anchor_date=anchor)
        now, opened = begin, {}
        while now < begin + timedelta(days=420):
            with freeze_time(now):
                self.run_steps()
            for step in followup.step_ids:
                if step.state == "open":
                    opened.setdefault(step, now)
            now += timedelta(minutes=chance.choice((300, 1440, 3 * 1440, 9 * 1440)))
        self.assertEqual(len(opened), len(days))
        steps = followup.step_ids.sorted(lambda one: one.plan_step_id.day)
        self.assertEqual([opened[step] for step in steps], sorted(opened.values()))
        for step in steps:
            minutes = round(step.plan_step_id.hour * 60)
            exact = (
                oracle_journey.first_showing(
                    begin - timedelta(days=1),
                    zone,
                    anchor + timedelta(days=step.plan_step_id.day),
                    minutes // 60,
                    minutes % 60,
                )
                if step.plan_step_id.day < 40
                else None
            )
            shown = oracle_journey.wall(step.due, zone)
            self.assertGreaterEqual(opened[step], step.due)
            self.assertLessEqual(opened[step] - step.due, timedelta(days=9))
            if exact:
                self.assertLessEqual(abs(step.due - exact), timedelta(hours=1))
            self.assertEqual(
                shown.date(), anchor + timedelta(days=step.plan_step_id.day)
            )
