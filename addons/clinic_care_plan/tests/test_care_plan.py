from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..lib import instalments
from ..lib.care_plan_life import STATES, TRANSITIONS
from .care_plan_common import CarePlanCommon


@tagged("post_install", "-at_install")
class TestCarePlan(CarePlanCommon):
    """From draft to contract: who may do what, and what stays as it was."""

    def test_amounts(self):
        """CRM-06: lines with quantity, price, discount; the sum is rounded by line."""
        plan = self.draft()
        self.assertEqual(plan.line_ids.mapped("subtotal"), [900, 810.9, 200])
        self.assertEqual(plan.amount_total, 1910.9)
        self.assertRegex(plan.name, r"^TP/\d{4}/\d{5}$")

    def test_whole_way(self):
        """CRM-06: draft, approved, presented, accepted, signed; the flag follows."""
        plan = self.presented()
        self.assertEqual(plan.approved_by_id, self.chief)
        plan._accept(plan.line_ids - self.line(plan, self.whitening))
        self.assertEqual((plan.state, plan.amount_accepted), ("accepted", 1710.9))
        self.assertFalse(self.anna.on_treatment)
        self.sign_plan(plan, "Anna Verdi")
        self.assertEqual((plan.state, plan.signed_by), ("signed", "Anna Verdi"))
        self.assertTrue(self.anna.on_treatment)
        self.line(plan, self.implant).done_by_hand = 1
        self.assertAlmostEqual(plan.progress, 1 / 3)
        plan.action_finish()
        self.assertFalse(self.anna.on_treatment)

    def test_every_transition(self):
        """CRM-06: no state is reached except from those the table names."""
        names = [state for state, _words in STATES]
        for old in names:
            for new in set(names) - {old}:
                plan = self.draft()
                self.env.flush_all()
                self.env.cr.execute(
                    "UPDATE clinic_care_plan SET state = %s, approved_by_id = %s,"
                    " signed_by = 'x', signed_on = now() WHERE id = %s",
                    [old, self.chief.id, plan.id],
                )
                plan.invalidate_recordset()
                with self.subTest(old=old, new=new):
                    if new in TRANSITIONS[old]:
                        plan.with_user(self.chief)._ours().write({"state": new})
                        self.assertEqual(plan.state, new)
                    else:
                        with self.assertRaises(UserError):
                            plan.with_user(self.chief)._ours().write({"state": new})

    def test_only_the_chief_doctor_approves(self):
        """CRM-06: by the button, by writing the state, by creating it approved."""
        plan = self.draft()
        plan.action_submit()
        self.assertEqual(
            plan.activity_ids.mapped("user_id") & self.chief, self.chief, "is asked"
        )
        for user in (self.coordinator, self.doctor, self.user("manager")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                plan.with_user(user).action_approve()
            with self.subTest(user.login), self.assertRaises(AccessError):
                plan.with_user(user).write(
                    {"state": "approved", "approved_by_id": self.chief.id}
                )
        with self.assertRaises(AccessError):
            self.draft(state="approved", approved_by_id=self.chief.id)
        plan.with_user(self.chief).action_approve()
        self.assertFalse(plan.activity_ids)

    def test_what_was_approved_is_not_rewritten(self):
        """CRM-06: neither lines nor prices, stages or words, by nobody."""
        plan = self.presented()
        line = self.line(plan, self.implant)
        for change in (
            lambda: line.write({"price_unit": 1}),
            lambda: line.unlink(),
            lambda: plan.write({"title": "Other"}),
            lambda: plan.write({"line_ids": [Command.clear()]}),
            lambda: plan.stage_ids[0].write({"name": "Other"}),
            lambda: plan.stage_ids[0].unlink(),
            lambda: self.env["clinic.care.plan.line"].create(
                {"plan_id": plan.id, "service_id": self.crown.id}
            ),
        ):
            with self.assertRaises(UserError):
                change()
        self.sign_plan(plan, "Anna")
        with self.assertRaises(UserError):
            line.accepted = False

    def test_required_services_cannot_be_left_out(self):
        """CRM-06: only optional lines are the patient's choice."""
        plan = self.presented()
        with self.assertRaisesRegex(UserError, "Implant"):
            plan._accept(self.line(plan, self.crown))
        self.assertEqual(plan.state, "presented")

    def test_new_version(self):
        """CRM-06: a refused plan is offered again; the old version stays readable."""
        plan = self.presented()
        with self.assertRaisesRegex(UserError, "why"):
            plan._refuse("  ")
        plan._refuse("Too dear")
        new = self.env["clinic.care.plan"].browse(plan.action_new_version()["res_id"])
        self.assertEqual((new.name, new.version, new.state), (plan.name, 2, "draft"))
        self.assertEqual((plan.state, plan.refusal_reason), ("replaced", "Too dear"))
        self.assertEqual(
            new.line_ids.mapped("stage_id.name"), plan.line_ids.mapped("stage_id.name")
        )
        self.assertFalse(new.line_ids.stage_id & plan.stage_ids, "stages of its own")
        self.line(new, self.crown).discount = 30
        self.assertEqual(self.line(plan, self.crown).discount, 10)
        self.assertEqual(plan.action_new_version()["res_id"], new.id, "only one")

    def test_reminded_to_offer_again(self):
        """CRM-06: some time after a refusal the coordinator has a task, once."""
        plan = self.presented()
        plan._refuse("Later perhaps")
        self.env["clinic.care.plan"]._cron_offer_again()
        self.assertFalse(plan.activity_ids, "not at once")
        refused_on = plan.refused_on
        plan.responsible_id = self.coordinator
        self.env.flush_all()
        # Any other write, the evening before: it moves nothing.
        self.env.cr.execute(
            "UPDATE clinic_care_plan SET write_date = %s WHERE id = %s",
            [refused_on + timedelta(days=31), plan.id],
        )
        self.env.invalidate_all()
        with freeze_time(refused_on + timedelta(days=29)):
            self.env["clinic.care.plan"]._cron_offer_again()
            self.assertFalse(plan.activity_ids, "not before thirty days")
        # Days begin at midnight of the clinic, which 31 times 24 hours may miss.
        with freeze_time(refused_on + timedelta(days=32)):
            for _night in range(2):
                self.env["clinic.care.plan"]._cron_offer_again()
        self.assertEqual(plan.refused_on, refused_on)
        self.assertEqual(plan.activity_ids.user_id, self.coordinator)
        self.assertEqual(len(plan.activity_ids), 1)

    def test_offer_that_ended(self):
        """An offer after its last day is neither accepted nor signed, but refused."""
        plan = self.presented(valid_until=date(2020, 1, 1))
        with self.assertRaises(UserError):
            plan._accept(plan.line_ids)
        with self.assertRaises(UserError):
            self.sign_plan(plan, "Anna")
        plan._refuse("Too late")
        self.assertEqual(plan.state, "refused")

    def test_instalments(self):
        """CRM-06: deposit and months; what was paid stays when it is split again."""
        plan = self.presented()
        wizards = self.env["clinic.care.plan.instalments"].with_user(self.coordinator)
        wizard = wizards.create(
            {
                "plan_id": plan.id,
                "deposit": 500,
                "count": 3,
                "first_date": "2026-01-31",
            }
        )
        wizard.action_split()
        self.assertEqual(
            plan.instalment_ids.mapped(lambda due: (due.due_date, due.amount)),
            [
                (date(2026, 1, 31), 500),
                (date(2026, 2, 28), 403.64),
                (date(2026, 3, 31), 403.63),
                (date(2026, 4, 30), 403.63),
            ],
        )
        plan.action_sign_at_desk()
        cashier = self.user("cashier")
        plan.instalment_ids[0].with_user(cashier).action_paid("2026-01-31")
        wizard.write({"deposit": 0, "count": 2, "first_date": "2026-03-01"})
        wizard.action_split()
        self.assertEqual(plan.instalment_ids.mapped("amount"), [500, 605.45, 605.45])
        self.assertEqual(
            sum(plan.instalment_ids.mapped("amount")), plan.amount_accepted
        )
        wizard.deposit = 5000
        with self.assertRaises(ValidationError):
            wizard.action_split()

    def test_what_was_paid_has_one_writer(self):
        """Coordinator and cashier write no proof of a payment: the button does."""
        plan = self.presented()
        due, later = plan.instalment_ids.with_user(self.coordinator).create(
            [
                {"plan_id": plan.id, "due_date": day, "amount": 500}
                for day in ("2026-01-31", "2026-02-28")
            ]
        )
        cashier = self.user("cashier")
        before = {"paid_on": "2026-01-30"}
        for user in (self.coordinator, cashier, self.user("manager")):
            one = due.with_user(user)
            for number, attempt in enumerate(
                (
                    lambda one=one: one.write(before),
                    lambda one=one: one.web_save(before, {}),
                    lambda one=one, user=user: plan.with_user(user).write(
                        {"instalment_ids": [Command.update(one.id, before)]}
                    ),
                    lambda one=one: one.create(
                        {
                            "plan_id": plan.id,
                            "due_date": "2026-03-31",
                            "amount": 1,
                            **before,
                        }
                    ),
                )
            ):
                with (
                    self.subTest(user.login, number=number),
                    self.assertRaises(AccessError),
                    self.cr.savepoint(),
                ):
                    attempt()
        with self.assertRaises(AccessError):
            due.with_user(cashier).write({"amount": 1})
        with self.assertRaises(UserError):
            due.with_user(cashier).action_paid()
        plan.action_sign_at_desk()
        with self.assertRaisesRegex(AccessError, "cash desk"):
            due.action_paid()
        with self.assertRaisesRegex(UserError, "today or before"):
            due.with_user(cashier).action_paid("2999-01-01")
        due.with_user(cashier).action_paid("2026-01-30")
        self.assertEqual((due.paid_on, due.paid_by_id), (date(2026, 1, 30), cashier))
        for vals in ({"amount": 1}, {"due_date": "2027-01-01"}, {"is_deposit": True}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                due.write(vals)
        with self.assertRaises(AccessError):
            later.write({"plan_id": self.draft().id})
        with self.assertRaisesRegex(UserError, "stays"):
            due.unlink()
        self.assertFalse(due.with_user(self.env.user).copy().paid_on)
        with self.assertRaises(UserError):
            due.with_user(cashier).action_paid()
        due.with_user(cashier).action_not_paid()
        self.assertFalse(due.paid_on or due.paid_by_id)
        self.assertIn("by mistake", plan.message_ids[0].body)
        later.write({"amount": 400})

    def test_split_adds_up(self):
        """Any amount, deposit and number: the sum is the total to the cent."""
        for cents in range(100, 3000, 7):
            for count in (1, 2, 3, 7, 12):
                total, deposit = cents / 100, (cents // 3) / 100
                dues = instalments.split(total, deposit, count, date(2026, 10, 31))
                self.assertEqual(round(sum(due for _day, due in dues), 2), total)
                days = [day for day, _due in dues]
                self.assertEqual(days, sorted(set(days)))

    def test_two_contracts(self):
        """The treatment flag falls only when the last signed plan ends."""
        first, second = self.presented(), self.presented()
        self.sign_plan(first)
        self.sign_plan(second)
        first.action_finish()
        self.assertTrue(self.anna.on_treatment)
        second.action_finish()
        self.assertFalse(self.anna.on_treatment)

    def test_roles(self):
        """OPS-01: who reads, writes and never sees treatment plans."""
        plan = self.draft()
        for role in ("receptionist", "cashier"):
            user = self.user(role)
            self.assertEqual(plan.with_user(user).title, plan.title)
            with self.assertRaises(AccessError):
                plan.with_user(user).write({"doctor_id": user.id})
        for role in ("marketing", "operator", "client_representative"):
            with self.subTest(role), self.assertRaises(AccessError):
                plan.with_user(self.user(role)).read(["title"])

    def test_pdf(self):
        """CRM-06: the printed plan says what was agreed."""
        plan = self.presented()
        report = self.env["ir.actions.report"]
        words = report._render_qweb_html("clinic_care_plan.report_care_plan", plan.ids)[
            0
        ]
        for text in (b"Implant, lower left", b"Surgery", b"36", b"1,710.90"):
            self.assertIn(text, words)
