from odoo import api, fields, models
from odoo.exceptions import UserError

TODO = "mail.mail_activity_data_todo"
#: A contract is there: its instalments may be paid.
PAYABLE = ("signed", "done")
#: A payment on its way: nobody pays the same again meanwhile.
ON_ITS_WAY = ("pending", "authorized", "done")


class ClinicCarePlanInstalment(models.Model):
    """Paying an instalment online."""

    _inherit = "clinic.care.plan.instalment"

    transaction_ids = fields.One2many(
        "payment.transaction",
        "care_plan_instalment_id",
        string="Online payments",
        readonly=True,
        groups="clinic_patient.group_clinic_money",
    )

    paid_transaction_id = fields.Many2one(
        "payment.transaction",
        string="Paid by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="clinic_patient.group_clinic_money",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settled(self):
        """Money that moved, or moves, needs what it is for."""
        for instalment in self.sudo():
            if instalment.transaction_ids.filtered(lambda tx: tx.state in ON_ITS_WAY):
                raise UserError(
                    self.env._(
                        "An online payment belongs to the instalment of %(date)s: it "
                        "cannot be removed.",
                        date=self.env["res.partner"]._spoken_day(instalment.due_date),
                    )
                )

    def _is_settled(self):
        """Whether it is paid, or an online payment of it is on its way."""
        self.ensure_one()
        # sudo: payment.transaction - only whether there is one on its way
        transactions = self.sudo().transaction_ids
        return bool(
            self.paid_on or transactions.filtered(lambda tx: tx.state in ON_ITS_WAY)
        )

    def _check_payable(self):
        """Refuse a payment that would not be right.

        :raises UserError: paid, being paid, or of a plan that is no contract
        """
        self.ensure_one()
        if self.paid_on:
            raise UserError(self.env._("This instalment is paid. Thank you."))
        if self.plan_id.state not in PAYABLE:
            raise UserError(
                self.env._("Instalments are paid when the treatment plan is signed.")
            )
        if self._is_settled():
            raise UserError(
                self.env._(
                    "A payment of this instalment is on its way. Look again in some "
                    "minutes."
                )
            )

    def _take_payment(self, transaction):
        """Take a payment that is done; the same one again changes nothing.

        :param transaction: ``payment.transaction`` of this instalment, done
        """
        self.ensure_one()
        plan = self.plan_id
        if self.paid_transaction_id == transaction:
            return
        same = (
            transaction.currency_id == self.currency_id
            and not self.currency_id.compare_amounts(transaction.amount, self.amount)
        )
        if self.paid_on or not same:
            plan._ask_about_payment(transaction)
            return
        self._ours().write(
            {
                "paid_on": self.env["res.partner"]._clinic_today(),
                "paid_transaction_id": transaction.id,
            }
        )
        plan.message_post(
            body=self.env._(
                "Instalment of %(date)s paid online: %(reference)s",
                date=self.env["res.partner"]._spoken_day(self.due_date),
                reference=transaction.reference,
            )
        )


class ClinicCarePlan(models.Model):
    """Payments of a plan that need a person."""

    _inherit = "clinic.care.plan"

    def _ask_about_payment(self, transaction):
        """One task: this payment fits no open instalment, give the money back."""
        self.ensure_one()
        summary = self.env._(
            "Online payment %(reference)s fits no open instalment",
            reference=transaction.reference,
        )
        if summary not in self.activity_ids.mapped("summary"):
            self.activity_schedule(
                TODO,
                summary=summary,
                user_id=(self.responsible_id or self.doctor_id or self.env.user).id,
            )

    def _payable_instalments(self):
        """Return what may be paid online now, the first due first."""
        self.ensure_one()
        if self.state not in PAYABLE:
            return self.instalment_ids.browse()
        return self.instalment_ids.filtered(lambda each: not each._is_settled())
