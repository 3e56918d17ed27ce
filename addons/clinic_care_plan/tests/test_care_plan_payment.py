from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.file_common import drawing

from .care_plan_common import CarePlanCommon


@tagged("post_install", "-at_install", "slow")
class TestCarePlanPayment(CarePlanCommon, HttpCase):
    """The deposit and the other instalments of a signed plan are paid online."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        form = cls.env["ir.ui.view"].create(
            {
                "name": "Redirect form",
                "type": "qweb",
                "arch": "<form action='dummy' method='post'><input type='hidden'"
                " name='view_id' t-att-value='viewid'/></form>",
            }
        )
        cls.method = cls.env.ref("payment.payment_method_unknown")
        cls.provider = cls.env["payment.provider"].create(
            {
                "name": "Test provider",
                "code": "none",
                "state": "test",
                "is_published": True,
                "redirect_form_view_id": form.id,
                "payment_method_ids": [Command.set(cls.method.ids)],
            }
        )
        cls.method.active = True
        cls.env["res.users"].create(
            {
                "login": "anna",
                "password": "anna",
                "partner_id": cls.anna.id,
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )

    def contract(self):
        """A signed plan with a deposit of 500 and three instalments."""
        plan = self.presented()
        plan._sign("Anna Verdi", drawing(), self.anna, plan._shown_digest())
        self.env["clinic.care.plan.instalments"].create(
            {"plan_id": plan.id, "deposit": 500, "count": 3}
        ).action_split()
        return plan

    def pay(self, instalment, **vals):
        """Begin a payment as the form does; return the transaction."""
        before = self.env["payment.transaction"].search([])
        answer = self.make_jsonrpc_request(
            f"/my/care-plans/{instalment.plan_id.id}/pay/{instalment.id}/transaction",
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "token_id": None,
                "amount": 1,
                "flow": "redirect",
                "tokenization_requested": True,
                "landing_route": "https://evil.example",
                "is_validation": False,
                **vals,
            },
        )
        self.assertIn("reference", answer)
        return self.env["payment.transaction"].search([]) - before

    def done(self, transaction):
        transaction._set_done()
        transaction._post_process()

    def test_deposit(self):
        """CRM-06: the deposit is paid online, for its amount, and marked paid."""
        plan = self.contract()
        deposit = plan.instalment_ids.filtered("is_deposit")
        self.authenticate("anna", "anna")
        page = self.url_open(f"/my/care-plans/{plan.id}").text
        address = f"/my/care-plans/{plan.id}/pay/{deposit.id}"
        self.assertIn(address, page)
        self.assertIn("o_payment_form", self.url_open(address).text)
        transaction = self.pay(deposit)
        self.assertEqual(
            (transaction.amount, transaction.currency_id, transaction.partner_id),
            (500, plan.currency_id, self.anna),
        )
        self.assertFalse(transaction.tokenize)
        self.assertEqual(
            transaction.landing_route, f"/my/care-plans/{plan.id}#payments"
        )
        self.assertFalse(deposit.paid_on)
        self.done(transaction)
        self.assertEqual(deposit.paid_on, fields.Date.context_today(deposit))
        self.assertNotIn(address, self.url_open(f"/my/care-plans/{plan.id}").text)
        self.assertEqual(self.url_open(address).status_code, 409)

    def test_fifty_times(self):
        """CRM-06: the provider says fifty times that it is paid: it is paid once."""
        plan = self.contract()
        deposit = plan.instalment_ids.filtered("is_deposit")
        self.authenticate("anna", "anna")
        transaction = self.pay(deposit)
        transaction._set_done()
        notes = plan.message_ids
        for _time in range(50):
            transaction._post_process()
        self.assertEqual(len(plan.message_ids - notes), 1)
        self.assertEqual(len(plan.instalment_ids.filtered("paid_on")), 1)
        self.assertFalse(plan.activity_ids)

    def test_any_instalment_in_any_order(self):
        """CRM-06: every instalment that is not paid can be paid."""
        plan = self.contract()
        self.authenticate("anna", "anna")
        for instalment in plan.instalment_ids[::-1]:
            self.done(self.pay(instalment))
        self.assertTrue(all(plan.instalment_ids.mapped("paid_on")))

    def test_two_windows(self):
        """CRM-06: paid in two windows at once, a person is asked to give one back."""
        plan = self.contract()
        deposit = plan.instalment_ids.filtered("is_deposit")
        self.authenticate("anna", "anna")
        first, second = self.pay(deposit), self.pay(deposit)
        self.done(first)
        for _time in range(3):
            second._set_done()
            second._post_process()
        self.assertEqual(deposit.sudo().paid_transaction_id, first)
        self.assertEqual(len(plan.activity_ids), 1)
        self.assertIn(second.reference, plan.activity_ids.summary)

    def test_other_amount(self):
        """CRM-06: an amount that is not the instalment's does not pay it."""
        plan = self.contract()
        deposit = plan.instalment_ids.filtered("is_deposit")
        self.authenticate("anna", "anna")
        transaction = self.pay(deposit)
        transaction.amount = 5
        self.done(transaction)
        self.assertFalse(deposit.paid_on)
        self.assertTrue(plan.activity_ids)

    def test_not_payable(self):
        """CRM-06: neither twice, nor before the contract, nor what is on its way."""
        plan = self.contract()
        deposit, second = plan.instalment_ids[:2]
        self.authenticate("anna", "anna")
        self.pay(second)._set_pending()
        with self.assertRaises(UserError):
            second._check_payable()
        self.done(self.pay(deposit))
        with self.assertRaises(UserError):
            deposit._check_payable()
        plan._enter("replaced")
        with self.assertRaises(UserError):
            plan.instalment_ids[2]._check_payable()

    def test_split_again(self):
        """CRM-06: splitting anew keeps what is paid, or on its way."""
        plan = self.contract()
        deposit, second = plan.instalment_ids[:2]
        self.authenticate("anna", "anna")
        self.done(self.pay(deposit))
        self.pay(second)._set_pending()
        total = sum(plan.instalment_ids.mapped("amount"))
        self.env["clinic.care.plan.instalments"].create(
            {"plan_id": plan.id, "count": 5}
        ).action_split()
        self.assertLessEqual(deposit | second, plan.instalment_ids)
        self.assertEqual(len(plan.instalment_ids), 7)
        self.assertAlmostEqual(sum(plan.instalment_ids.mapped("amount")), total)
        with self.assertRaises(UserError):
            second.unlink()

    @mute_logger("odoo.http")
    def test_others(self):
        """S1: an ex-guardian and a stranger pay nothing and see no amount."""
        plan = self.contract()
        deposit = plan.instalment_ids.filtered("is_deposit")
        other = self.contract().instalment_ids[:1]
        stranger = self.patient("Rossi", "Carla")
        self.relate(
            self.anna,
            stranger,
            date_start=fields.Date.today() - timedelta(days=9),
            date_end=fields.Date.today() - timedelta(days=2),
        )
        self.env["res.users"].create(
            {
                "login": "carla",
                "password": "carla",
                "partner_id": stranger.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self.authenticate("carla", "carla")
        address = f"/my/care-plans/{plan.id}/pay/{deposit.id}"
        self.assertEqual(self.url_open(address).status_code, 404)
        before = self.env["payment.transaction"].search_count([])
        answer = self.url_open(
            f"{address}/transaction",
            data=b'{"jsonrpc": "2.0", "params": {}}',
            headers={"Content-Type": "application/json"},
        )
        self.assertIn("error", answer.json())
        self.authenticate("anna", "anna")
        mixed = f"/my/care-plans/{plan.id}/pay/{other.id}"
        self.assertEqual(self.url_open(mixed).status_code, 404)
        self.assertEqual(self.env["payment.transaction"].search_count([]), before)

    def test_no_provider(self):
        """CRM-06: where nothing is set up, no button leads nowhere."""
        plan = self.contract()
        self.provider.state = "disabled"
        self.authenticate("anna", "anna")
        self.assertNotIn("/pay/", self.url_open(f"/my/care-plans/{plan.id}").text)
