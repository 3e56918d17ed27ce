from odoo import fields, models

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class PaymentTransaction(models.Model):
    """An online payment of an instalment of a treatment plan."""

    _inherit = "payment.transaction"

    care_plan_instalment_id = fields.Many2one(
        "clinic.care.plan.instalment",
        string="Instalment",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF_GROUPS,
    )

    def _post_process(self):
        """Mark the instalment paid, once however often this runs.

        What does not fit (paid twice, another amount) is for a person to settle: money
        has moved already.
        """
        result = super()._post_process()
        # sudo: clinic.care.plan.instalment - the provider says it is paid
        for transaction in self.sudo().filtered(
            lambda each: each.state == "done" and each.care_plan_instalment_id
        ):
            transaction.care_plan_instalment_id._take_payment(transaction)
        return result
