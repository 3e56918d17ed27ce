import random
from collections import defaultdict
from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.clinic_base.lib.ours import OURS
from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestPipelineAnalysis(ClinicPatientCommon):
    """What coordinators and managers read about their pipelines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Analysis = cls.env["clinic.pipeline.analysis"]
        cls.team = cls.env["crm.team"].search([("pipeline", "=", "coordinators")])
        cls.stages = cls.env["crm.stage"].search(
            [("pipeline", "=", "coordinators")], order="sequence, id"
        )
        cls.coordinator = cls.user("coordinator")
        cls.manager = cls.user("manager")
        cls.number = 0

    def deal(self, opened, path, user=None, amount=0):
        """A deal whose history is written down as given.

        :param datetime opened: naive UTC
        :param path: ``[(stage, hours since the deal was opened)]``
        """
        type(self).number += 1
        patient = self.patient("Rossi", f"Number {self.number}")
        last = path[-1][0]
        deal = self.env["crm.lead"].create(
            {
                "patient_id": patient.id,
                "team_id": self.team.id,
                "stage_id": self.stages[0].id,
                "user_id": user.id if user else False,
                "expected_revenue": amount,
            }
        )
        deal.with_context(clinic_deal_quiet=OURS).write(
            {
                "stage_id": last.id,
                "lost_reason_id": self.env.ref("clinic_pipeline.lost_reason_price").id,
            }
        )
        self.env.flush_all()
        moments = [opened + timedelta(hours=hours) for _stage, hours in path]
        closed = moments[-1] if last.is_won or last.is_lost else None
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s, date_closed = %s, day_close = %s"
            " WHERE id = %s",
            [opened, closed, closed and (closed - opened).days, deal.id],
        )
        self.env.cr.execute(
            "DELETE FROM clinic_pipeline_entry WHERE lead_id = %s", [deal.id]
        )
        for number, (stage, _hours) in enumerate(path):
            left = moments[number + 1] if number + 1 < len(path) else None
            self.env.cr.execute(
                "INSERT INTO clinic_pipeline_entry (lead_id, stage_id, team_id,"
                " entered_at, left_at, hours) VALUES (%s, %s, %s, %s, %s, %s)",
                [
                    deal.id,
                    stage.id,
                    self.team.id,
                    moments[number],
                    left,
                    left and (left - moments[number]).total_seconds() / 3600,
                ],
            )
        self.env.invalidate_all()
        return deal

    def analyse(self, *days, user=None, **options):
        return self.Analysis.with_user(user or self.manager).get_analysis(
            "coordinators", *days, **options
        )

    def test_conversion_time_and_load_equal_a_count_by_hand(self):
        """CRM-07: conversion per stage, time in stage, load and result per employee,
        period against period, equal what one counts deal by deal."""
        chance = random.Random(7)
        people = [self.coordinator, self.manager, None]
        won = self.stages.filtered("is_won")
        lost = self.stages.filtered("is_lost")
        middle = list(self.stages - won - lost)
        entries, deals = [], []
        for _number in range(60):
            opened = datetime(2025, 3, 1) + timedelta(hours=chance.randrange(24 * 60))
            path, hours = [(middle[0], 0)], 0
            for _step in range(chance.randrange(5)):
                hours += chance.randrange(1, 90)
                path.append((chance.choice([*middle, won, lost]), hours))
                if path[-1][0] in won | lost:
                    break
            path = [
                step
                for number, step in enumerate(path)
                if not number or step[0] != path[number - 1][0]
            ]
            who = chance.choice(people)
            amount = chance.randrange(100, 900)
            self.deal(opened, path, who, amount)
            deals.append((opened, path, who, amount))
            for number, (stage, after) in enumerate(path):
                following = path[number + 1] if number + 1 < len(path) else None
                entries.append((stage, opened, after, following))
        found = self.analyse("2025-04-01", "2025-04-20")
        self.assertEqual(found["before"], ["2025-03-12", "2025-03-31"])
        for name in ("period", "before"):
            first, last = map(date.fromisoformat, found[name])
            expected = self.count_passages(entries, first, last)
            for stage in found["stages"]:
                shown = stage if name == "period" else stage["before"]
                wanted = expected[stage["id"]]
                fates = ("entered", "on", "back", "lost", "here")
                self.assertEqual(
                    {fate: shown[fate] for fate in fates},
                    {fate: wanted[fate] for fate in fates},
                    stage["name"],
                )
                if wanted["stays"]:
                    average = sum(wanted["stays"]) / len(wanted["stays"])
                    self.assertAlmostEqual(shown["hours"], average, 5)
                else:
                    self.assertIsNone(shown["hours"])
        self.check_results(found, deals)

    def local(self, moment):
        """The day of an instant in Rome, where the readers are."""
        summer = datetime(2025, 3, 30, 1) <= moment < datetime(2025, 10, 26, 1)
        return (moment + timedelta(hours=2 if summer else 1)).date()

    def count_passages(self, entries, first, last):
        counts = defaultdict(
            lambda: dict(entered=0, on=0, back=0, lost=0, here=0, stays=[])
        )
        order = {stage: number for number, stage in enumerate(self.stages)}
        for stage, opened, after, following in entries:
            if not first <= self.local(opened + timedelta(hours=after)) <= last:
                continue
            count = counts[stage.id]
            count["entered"] += 1
            if not following:
                count["here"] += 1
                continue
            count["stays"].append(following[1] - after)
            if following[0].is_lost:
                count["lost"] += 1
            elif following[0].is_won or order[following[0]] > order[stage]:
                count["on"] += 1
            else:
                count["back"] += 1
        return counts

    def check_results(self, found, deals):
        """Load and result by employee, from the same deals."""
        first, last = map(date.fromisoformat, found["period"])
        rows = defaultdict(lambda: dict(opened=0, won=0, lost=0, open=0, amount=0))
        for opened, path, who, amount in deals:
            row = rows[who.id if who else False]
            row["opened"] += first <= self.local(opened) <= last
            stage, after = path[-1]
            if not (stage.is_won or stage.is_lost):
                row["open"] += 1
            elif first <= self.local(opened + timedelta(hours=after)) <= last:
                row["won" if stage.is_won else "lost"] += 1
                row["amount"] += amount if stage.is_won else 0
        shown = {row["id"]: row for row in found["rows"]}
        self.assertEqual(
            {key: {n: shown[key][n] for n in row} for key, row in rows.items()},
            dict(rows),
        )
        for key, row in rows.items():
            closed = row["won"] + row["lost"]
            wanted = 100 * row["won"] / closed if closed else None
            self.assertEqual(shown[key]["conversion"], wanted)
        for name in ("opened", "won", "lost", "open"):
            self.assertEqual(
                found["totals"][name], sum(row[name] for row in rows.values())
            )
            if name != "open":
                self.assertEqual(sum(found["trend"][name]), found["totals"][name])

    def test_a_day_is_the_readers_day(self):
        """A deal opened at 23:30 UTC belongs to the next day in Rome, in summer and in
        winter."""
        for moment in (datetime(2025, 1, 9, 23, 30), datetime(2025, 7, 9, 22, 30)):
            self.deal(moment, [(self.stages[0], 0)])
            day = moment.date()
            self.assertEqual(self.analyse(day, day)["totals"]["opened"], 0)
            day += timedelta(days=1)
            found = self.analyse(day, day)
            self.assertEqual(found["totals"]["opened"], 1)
            self.assertEqual(found["trend"]["opened"], [1])

    def test_a_year_earlier(self):
        """The same days of the year before, 29 February included."""
        found = self.analyse("2024-02-29", "2024-03-31", compare="year")
        self.assertEqual(found["before"], ["2023-02-28", "2023-03-31"])
        found = self.analyse("2025-03-01", "2025-03-31", compare="none")
        self.assertIsNone(found["before"])
        self.assertIsNone(found["totals_before"])

    def test_everybody_sees_own_figures(self):
        """Somebody with own deals only counts those, and money is for those who see
        money."""
        self.deal(datetime(2025, 5, 5), [(self.stages[0], 0)], self.coordinator)
        self.deal(datetime(2025, 5, 5), [(self.stages[0], 0)], self.manager)
        days = ("2025-05-01", "2025-05-31")
        self.assertEqual(self.analyse(*days)["totals"]["opened"], 2)
        self.coordinator.deal_own_only = True
        own = self.analyse(*days, user=self.coordinator)
        self.assertEqual(own["totals"]["opened"], 1)
        self.assertEqual(own["stages"][0]["entered"], 1)
        self.assertFalse(own["money"])
        self.assertNotIn("amount", own["totals"])
        self.assertIn("amount", self.analyse(*days)["totals"])

    def test_outsiders_get_nothing(self):
        """Employees without a role and patients are refused, or count nothing."""
        self.deal(datetime(2025, 5, 5), [(self.stages[0], 0)])
        stranger = self.portal_user(self.patient("Neri", "Ugo"))
        with self.assertRaises(AccessError):
            self.analyse("2025-05-01", "2025-05-31", user=stranger)
        with self.assertRaises(AccessError):
            self.analyse("2025-05-01", "2025-05-31", user=self.user())

    def test_bad_questions(self):
        """Reversed days, endless periods and unknown words get a clear answer."""
        for days, options, words in (
            (("2025-05-02", "2025-05-01"), {}, "not before"),
            (("2025-05-02", "soon"), {}, "first day"),
            (("2020-01-01", "2025-05-01"), {}, "two years"),
            (("2025-05-01", "2025-05-02"), {"by": "partner_id"}, "breakdown"),
            (("2025-05-01", "2025-05-02"), {"compare": "x"}, "comparison"),
        ):
            with self.assertRaisesRegex(ValidationError, words):
                self.analyse(*days, **options)

    def test_questions_do_not_grow_with_the_deals(self):
        """As many queries for many deals as for one."""

        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.analyse("2025-05-01", "2025-05-31")
            return self.env.cr.sql_log_count - before

        self.deal(datetime(2025, 5, 5), [(self.stages[0], 0)], self.manager)
        # What a process keeps is read by the first, what that one took along by the
        # second.
        count()
        count()
        one = count()
        for _number in range(9):
            self.deal(datetime(2025, 5, 5), [(self.stages[0], 0)], self.manager)
        self.assertEqual(count(), one)

    def test_pivot_averages_conversion(self):
        """In any pivot, conversion counts closed deals only."""
        won = self.stages.filtered("is_won")
        lost = self.stages.filtered("is_lost")
        deals = self.env["crm.lead"]
        for last in (won, won, lost, self.stages[1]):
            deals += self.deal(datetime(2025, 6, 5), [(self.stages[0], 0), (last, 5)])
        [(percent,)] = deals._read_group(
            [("id", "in", deals.ids)], [], ["won_percent:avg"]
        )
        self.assertAlmostEqual(percent, 200 / 3, 3)
        self.assertEqual(deals.mapped("won_percent"), [100, 100, 0, False])
