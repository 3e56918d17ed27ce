from odoo import fields, models


class PaymentTransaction(models.Model):
    """An online payment of an instalment of a treatment plan."""

    _inherit = "payment.transaction"

    care_plan_instalment_id = fields.Many2one(
        "clinic.care.plan.instalment",
        string="Instalment",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    def _post_process(self):
        """Mark the instalment paid, once however often this runs.

        What does not fit (paid twice, another amount) is for a person to settle: money
        has moved already.
        """
        result = super()._post_process()
        for transaction in self.filtered(
            lambda each: each.state == "done" and each.care_plan_instalment_id
        ):
            # sudo: clinic.care.plan.instalment - the provider says it is paid
            transaction.care_plan_instalment_id.sudo()._take_payment(transaction)
        return result
