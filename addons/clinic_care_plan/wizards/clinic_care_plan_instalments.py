from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib import instalments


class ClinicCarePlanInstalments(models.TransientModel):
    """Splits what a plan costs into a deposit and monthly instalments."""

    _name = "clinic.care.plan.instalments"
    _description = "Split a treatment plan into instalments"

    plan_id = fields.Many2one("clinic.care.plan", required=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    amount = fields.Monetary(compute="_compute_amount")
    deposit = fields.Monetary()
    count = fields.Integer(string="Monthly instalments", default=6, required=True)
    first_date = fields.Date(
        string="First on", required=True, default=fields.Date.context_today
    )

    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.plan_id._agreed_amount()

    def action_split(self):
        """Replace the instalments; what is paid, or being paid, stays and is taken off.

        :raises ValidationError: the deposit or the number does not fit the amount
        """
        self.ensure_one()
        plan = self.plan_id
        if plan.state in ("replaced", "refused"):
            raise UserError(self.env._("This plan is not valid any more."))
        paid = plan.instalment_ids.filtered(lambda each: each._is_settled())
        rest = self.amount - sum(paid.mapped("amount"))
        try:
            dues = instalments.split(
                rest,
                self.deposit,
                self.count,
                self.first_date,
                self.currency_id.decimal_places,
            )
        except ValueError:
            raise ValidationError(
                self.env._(
                    "The amount that is left cannot be split so: choose a smaller "
                    "deposit or fewer instalments."
                )
            ) from None
        (plan.instalment_ids - paid).unlink()
        self.env["clinic.care.plan.instalment"].create(
            [
                {
                    "plan_id": plan.id,
                    "due_date": due,
                    "amount": amount,
                    "is_deposit": bool(self.deposit) and not index,
                }
                for index, (due, amount) in enumerate(dues)
            ]
        )
        return {"type": "ir.actions.act_window_close"}
