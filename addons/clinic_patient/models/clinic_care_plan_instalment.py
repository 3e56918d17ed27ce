from odoo import fields, models


class ClinicCarePlanInstalment(models.Model):
    """What is due when for a treatment plan."""

    _name = "clinic.care.plan.instalment"
    _description = "Instalment of a treatment plan"
    _inherit = ["clinic.gate"]
    _order = "plan_id, due_date, id"

    plan_id = fields.Many2one(
        "clinic.care.plan", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="plan_id.currency_id")
    due_date = fields.Date(required=True)
    amount = fields.Monetary(required=True)
    is_deposit = fields.Boolean(string="Deposit")
    paid_on = fields.Date(help="Entered by the cashier.")

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "An instalment must be more than nothing."
    )
    _due = models.Index("(due_date) WHERE paid_on IS NULL")
