from datetime import timedelta

from odoo import fields, models


class ClinicReferralRule(models.Model):
    """What a partner gets for a patient who came."""

    _name = "clinic.referral.rule"
    _description = "Reward rule"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    referral_kind = fields.Selection(
        selection=lambda self: (
            self.env["res.partner"]
            ._fields["referral_kind"]
            ._description_selection(self.env)
        ),
        string="Kind of partner",
        help="Empty: for all partners. The first rule that fits holds.",
    )
    date_start = fields.Date(
        string="For referrals from",
        required=True,
        default=fields.Date.context_today,
    )
    kind = fields.Selection(
        [("fixed", "Fixed amount"), ("percent", "Percent of the value")],
        required=True,
        default="fixed",
    )
    amount = fields.Monetary()
    percent = fields.Float(digits=(5, 2))
    days = fields.Integer(
        string="Days counted",
        default=90,
        required=True,
        help="Visits within these days after the referral count for the percentage, "
        "which is due when they are over.",
    )

    _percent_range = models.Constraint(
        "CHECK (COALESCE(percent, 0) BETWEEN 0 AND 100)",
        "A percentage lies between 0 and 100.",
    )
    _amount_not_negative = models.Constraint(
        "CHECK (COALESCE(amount, 0) >= 0)", "A reward is not negative."
    )
    _days_range = models.Constraint(
        "CHECK (days BETWEEN 1 AND 1000)", "Days lie between 1 and 1,000."
    )

    def _for(self, referral):
        """The first of these rules that holds for a referral."""
        return next(
            (
                rule
                for rule in self
                if rule.company_id == referral.company_id
                and rule.date_start <= referral.date
                and rule.referral_kind in (False, referral.referrer_id.referral_kind)
            ),
            self.browse(),
        )

    def _is_ripe(self, referral, today):
        """Whether the reward can be told: a percentage waits for its days to pass."""
        self.ensure_one()
        return (
            self.kind == "fixed" or referral.date + timedelta(days=self.days) <= today
        )

    def _amount(self, value):
        """The reward, given what the visits were worth."""
        self.ensure_one()
        if self.kind == "fixed":
            return self.amount
        return self.currency_id.round(value * self.percent / 100)
