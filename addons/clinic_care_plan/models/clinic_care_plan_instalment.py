from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: Who takes money and says that it came.
CASH = ("clinic_patient.group_clinic_cashier", "clinic_patient.group_clinic_manager")


class ClinicCarePlanInstalment(models.Model):
    """What is due when for a treatment plan.

    That it was paid is written by the cashier's button or by an online payment; from
    then on nothing of it changes.
    """

    _name = "clinic.care.plan.instalment"
    _description = "Instalment of a treatment plan"
    _inherit = ["clinic.gate"]
    _order = "plan_id, due_date, id"

    _clinic_sealed = frozenset({"plan_id"})

    plan_id = fields.Many2one(
        "clinic.care.plan", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="plan_id.currency_id")
    due_date = fields.Date(required=True)
    amount = fields.Monetary(required=True)
    is_deposit = fields.Boolean(string="Deposit")
    paid_on = fields.Date(
        readonly=True, copy=False, help="Use “Paid” when the money has come."
    )
    paid_by_id = fields.Many2one(
        "res.users",
        string="Payment entered by",
        readonly=True,
        copy=False,
        ondelete="set null",
    )

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "An instalment must be more than nothing."
    )
    _due = models.Index("(due_date) WHERE paid_on IS NULL")

    @api.model_create_multi
    def create(self, vals_list):
        """Payments change one after the other, and not while a plan is signed."""
        plans = {vals.get("plan_id") for vals in vals_list}
        plans.add(self.env.context.get("default_plan_id"))
        self._take_turn(self.plan_id.browse(filter(None, plans)), "create")
        return super().create(vals_list)

    def write(self, vals):
        """As for :meth:`create`."""
        self._take_turn(self.plan_id, "write")
        return super().write(vals)

    def unlink(self):
        """As for :meth:`create`."""
        self._take_turn(self.plan_id, "unlink")
        return super().unlink()

    @api.model
    def _take_turn(self, plans, operation):
        """Wait for whoever signs these plans, and make whoever read them before, and
        signs after this, begin anew: a lock alone would not, as it changes no row.

        :param plans: ``clinic.care.plan``
        :param str operation: what is done, ``create``, ``write`` or ``unlink``
        :raises AccessError: the user may not do it
        """
        self.check_access(operation)
        if not plans.ids:
            return
        self.env.cr.execute(
            "UPDATE clinic_care_plan SET id = id WHERE id IN %s", [tuple(plans.ids)]
        )

    @api.constrains("amount", "plan_id")
    def _check_contract(self):
        """Nobody is asked for more than the contract says."""
        for plan in self.plan_id:
            if plan.signed_on:
                plan._check_payments()

    def _sealed_fields(self):
        """What is paid, or being paid, stays as it was when it was paid."""
        if any(each._is_settled() for each in self):
            return self._clinic_sealed | {"amount", "due_date", "is_deposit"}
        return self._clinic_sealed

    @api.ondelete(at_uninstall=False)
    def _unlink_except_paid(self):
        if any(each.paid_on for each in self):
            raise UserError(
                self.env._(
                    "A paid instalment stays: it says what the money was for. Use "
                    "“Not paid” first if it was entered by mistake."
                )
            )

    def action_paid(self, day=None):
        """The money has come at the desk or by transfer.

        :param day: date, or as text; today if left out
        :raises AccessError: neither cashier nor manager
        :raises UserError: paid already or being so online, no contract, a day to come
        """
        self._check_cash()
        today = self.env["res.partner"]._clinic_today()
        day = fields.Date.to_date(day) or today
        if day > today:
            raise UserError(self.env._("Money that has come came today or before."))
        for instalment in self:
            instalment._check_payable()
            # sudo: clinic.care.plan.instalment - the cashier's button, checked above
            instalment.sudo().write({"paid_on": day, "paid_by_id": self.env.uid})
            instalment._note_payment(
                self.env._(
                    "Instalment of %(date)s paid on %(day)s",
                    date=self.env["res.partner"]._spoken_day(instalment.due_date),
                    day=self.env["res.partner"]._spoken_day(day),
                )
            )
        return True

    def action_not_paid(self):
        """Take back what was entered by mistake; the plan's history tells of it.

        :raises AccessError: neither cashier nor manager
        :raises UserError: it was paid online, or is not paid
        """
        self._check_cash()
        for instalment in self:
            # sudo: payment.transaction - only whether it was paid online
            if not instalment.paid_on or instalment.sudo().paid_transaction_id:
                raise UserError(
                    self.env._("Only a payment entered by hand is taken back here.")
                )
            # sudo: clinic.care.plan.instalment - the cashier's button, checked above
            instalment.sudo().write({"paid_on": False, "paid_by_id": False})
            instalment._note_payment(
                self.env._(
                    "Instalment of %(date)s is not paid: entered by mistake",
                    date=self.env["res.partner"]._spoken_day(instalment.due_date),
                )
            )
        return True

    def _check_cash(self):
        self.check_access("read")
        self.plan_id.check_access("read")
        if not (self.env.su or any(map(self.env.user.has_group, CASH))):
            raise AccessError(
                self.env._("The cashier says what was paid: ask the cash desk.")
            )

    def _note_payment(self, body):
        # sudo: clinic.care.plan - the note stands there whoever may write the plan
        self.plan_id.sudo().message_post(
            author_id=self.env.user.partner_id.id, body=body
        )
