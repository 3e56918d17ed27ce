from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_pipeline.tests.test_deal_facts import FactsCommon


@tagged("post_install", "-at_install")
class TestDealAmounts(FactsCommon):
    """Amounts of deals come from what they are for; figures open what they count."""

    def setUp(self):
        super().setUp()
        self.manager = new_test_user(
            self.env, "boss", groups="clinic_patient.group_clinic_manager"
        )

    def plan(self):
        line = {"service_id": self.service.id, "quantity": 2, "price_unit": 150}
        extra = {**line, "quantity": 1, "price_unit": 40}
        return self.env["clinic.care.plan"].create(
            {
                "title": "Two crowns",
                "patient_id": self.patient.id,
                "line_ids": [Command.create(line), Command.create(extra)],
            }
        )

    def test_of_a_visit(self):
        """CRM-03: the price of the visit, as it is now."""
        visit = self.perform("book")
        deal = self.Deal._open_deals(self.patient, "appointments")
        self.assertEqual(deal.amount, 100)
        visit.sudo().price = 80
        self.assertEqual(deal.amount, 80)

    def test_of_a_plan(self):
        """CRM-03: what is proposed, then what was accepted; what was paid beside it."""
        plan = self.plan()
        self.drain()
        deal = self.Deal._open_deals(self.patient, "coordinators")
        self.assertEqual(deal.care_plan_id, plan)
        self.assertEqual(deal.amount, plan.amount_total)
        plan.line_ids[0].price_unit = 200
        self.assertEqual(deal.amount, plan.amount_total)
        self.assertGreater(deal.amount, 0)
        plan.instalment_ids = [Command.create({"amount": 90, "due_date": "2026-03-02"})]
        self.assertFalse(deal.amount_paid)
        plan.instalment_ids._ours().paid_on = "2026-03-02"
        self.assertEqual(deal.amount_paid, 90)

    def test_without_either(self):
        """CRM-03: the estimate that was typed; sales of Odoo have no amount here."""
        deal = self.deal("reanimation.taken", expected_revenue=70)
        self.assertEqual(deal.amount, 70)
        lead = self.Deal.create({"name": "A sale", "expected_revenue": 70})
        self.assertFalse(lead.amount)

    def test_amounts_are_for_those_who_see_money(self):
        """OPS-01: neither the field nor its sum for a receptionist."""
        deal = self.deal("reanimation.taken", expected_revenue=70)
        desk = new_test_user(
            self.env, "desk", groups="clinic_patient.group_clinic_receptionist"
        )
        fields_of = self.Deal.with_user(desk).fields_get()
        self.assertFalse({"amount", "amount_paid"} & fields_of.keys())
        self.assertEqual(deal.with_user(self.manager).amount, 70)


@tagged("post_install", "-at_install")
class TestDealFigures(FactsCommon):
    @classmethod
    def set_clock(cls):
        """The database's clock closes deals: time is not frozen here."""

    def setUp(self):
        super().setUp()
        self.manager = new_test_user(
            self.env, "boss", groups="clinic_patient.group_clinic_manager"
        )
        self.team = self.stage("reanimation.taken").team_ids.with_user(self.manager)
        price = self.env.ref("clinic_pipeline.lost_reason_price")
        for number, days in enumerate((0, 1, 29, 30, 45)):
            for key in ("searching", "refused"):
                patient = self.make_patient("Figure", f"{key} {number}")
                deal = self.deal("reanimation.taken", patient)
                stage = self.stage(f"reanimation.{key}")
                deal.write({"stage_id": stage.id, "lost_reason_id": price.id})
                closed = fields.Datetime.subtract(fields.Datetime.now(), days=days)
                deal.date_closed = closed
        self.deal("reanimation.taken", user_id=self.manager.id)

    def test_a_click_opens_what_was_counted(self):
        """CRM-07: each figure of the overview, no deal more and no deal less."""
        for word, name in (
            ("open", "open_deal_count"),
            ("my", "my_deal_count"),
            ("no_next_step", "no_step_deal_count"),
            ("overdue", "overdue_deal_count"),
            ("stuck", "stuck_deal_count"),
            ("won", "won_deal_count"),
            ("lost", "lost_deal_count"),
        ):
            opened = self.team.with_context(deal_filter=word).action_open_deals()
            deals = self.Deal.with_user(self.manager).search(opened["domain"])
            self.assertEqual(len(deals), self.team[name], word)
            filters = [key for key in opened["context"] if "search_default" in key]
            self.assertFalse(filters, word)

    def test_won_in_30_days_is_one_number(self):
        """CRM-07: the overview and the analysis of the last 30 days agree."""
        today = fields.Date.context_today(self.team)
        first = fields.Date.subtract(today, days=29)
        found = (
            self.env["clinic.pipeline.analysis"]
            .with_user(self.manager)
            .get_analysis("reanimation", str(first), str(today))
        )
        totals = found["totals"]
        self.assertEqual(totals["won"], self.team.won_deal_count)
        self.assertEqual(totals["lost"], self.team.lost_deal_count)
        start, stop = found["instants"]
        behind = self.Deal.with_user(self.manager).search_count(
            [
                ("pipeline", "=", "reanimation"),
                ("won_status", "=", "won"),
                ("date_closed", ">=", start),
                ("date_closed", "<", stop),
            ]
        )
        self.assertEqual(behind, totals["won"])
