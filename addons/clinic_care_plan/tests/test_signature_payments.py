from odoo import Command
from odoo.tests import tagged

from ..lib import instalments
from .care_plan_common import CarePlanCommon


@tagged("post_install", "-at_install")
class TestSignaturePayments(CarePlanCommon):
    """The payments that were seen are those that are signed."""

    def test_uneven_payments_stay(self):
        """CRM-06: payments that nobody would divide so are signed as they stand."""
        plan = self.presented()
        plan.instalment_ids = [
            Command.create({"due_date": day, "amount": amount})
            for day, amount in (("2027-01-01", 100), ("2027-02-01", 1610.9))
        ]
        self.sign_plan(plan)
        self.assertEqual(plan.instalment_ids.mapped("amount"), [100, 1610.9])
        self.assertEqual(plan._shown_digest(), plan.signed_digest)

    def test_fit_to_the_same(self):
        """Amounts that add up already are not divided anew, whatever they are."""
        for first in range(1, 2000, 37):
            for second in range(1, 3000, 113):
                for deposit in (False, True):
                    amounts = [first / 100, second / 100, 9.99]
                    dues = [
                        (amount, deposit and not index)
                        for index, amount in enumerate(amounts)
                    ]
                    total = (first + second + 999) / 100
                    self.assertEqual(instalments.fit(total, dues), amounts)
