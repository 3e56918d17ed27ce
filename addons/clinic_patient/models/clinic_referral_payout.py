from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ClinicReferralPayout(models.Model):
    """Rewards that were paid to one partner in one go."""

    _name = "clinic.referral.payout"
    _description = "Payout of rewards"
    _inherit = ["clinic.gate"]
    _order = "date desc, id desc"

    name = fields.Char(string="Number", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True, default=fields.Date.context_today)
    paid_by_id = fields.Many2one(
        "res.users", readonly=True, default=lambda self: self.env.user
    )
    referral_ids = fields.One2many("clinic.referral", "payout_id", readonly=True)
    amount = fields.Monetary(readonly=True)
    note = fields.Char(help="For example the number of the transfer.")

    @api.model
    def _pay(self, referrals):
        """Pay what is due of these, one payout for each partner and company.

        Rows are locked: two cashiers at once pay nobody twice.

        :param referrals: ``clinic.referral``
        :raises AccessError: not a cashier
        :raises UserError: nothing of it is due
        """
        if not self.env.user.has_group("clinic_patient.group_clinic_money"):
            raise AccessError(self.env._("Cashier and manager pay rewards."))
        referrals.check_access("read")
        # sudo: clinic.referral, clinic.referral.payout - who pays was checked above
        due = referrals.sudo().try_lock_for_update()
        due.invalidate_recordset(["reward_state"])
        due = due.filtered(lambda one: one.reward_state == "due")
        if not due:
            raise UserError(self.env._("None of these rewards is due."))
        payouts = self.browse()
        groups = due.grouped(lambda one: (one.referrer_id, one.company_id))
        for (partner, company), rewards in groups.items():
            payout = self.sudo().create(
                {
                    "name": self.env["ir.sequence"]
                    .sudo()
                    .next_by_code("clinic.referral.payout"),
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "amount": sum(rewards.mapped("reward_amount")),
                    "paid_by_id": self.env.uid,
                }
            )
            rewards._ours().write({"payout_id": payout.id, "reward_state": "paid"})
            payouts |= payout
        return payouts.sudo(False)
