from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from ..lib.roles import MONEY_GROUPS

#: What follows from visits and payouts, and is written by nobody.
DERIVED = frozenset(
    {"came_on", "value", "rule_id", "reward_amount", "reward_state", "payout_id"}
)


class ClinicReferral(models.Model):
    """A partner sent a patient. FHIR R4 ``ServiceRequest.requester``, in the small.

    Who came, and what reward is due, follows from the visits by a scheduled action.
    """

    _name = "clinic.referral"
    _description = "Referral"
    _inherit = ["clinic.gate"]
    _order = "date desc, id desc"
    _rec_name = "patient_id"

    referrer_id = fields.Many2one(
        "res.partner",
        string="Partner",
        required=True,
        index=True,
        domain=[("is_referral_partner", "=", True)],
        ondelete="restrict",
    )
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        domain=[("is_patient", "=", True)],
        ondelete="restrict",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    note = fields.Char()
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    came_on = fields.Date(
        readonly=True, copy=False, help="The first visit since then that took place."
    )
    value = fields.Monetary(
        readonly=True,
        copy=False,
        groups=MONEY_GROUPS,
        help="Of the visits within the days of the rule.",
    )
    rule_id = fields.Many2one(
        "clinic.referral.rule",
        readonly=True,
        copy=False,
        groups=MONEY_GROUPS,
        index="btree_not_null",
        ondelete="restrict",
    )
    reward_amount = fields.Monetary(
        string="Reward", readonly=True, copy=False, groups=MONEY_GROUPS
    )
    reward_state = fields.Selection(
        [("none", "None"), ("due", "To be paid"), ("paid", "Paid")],
        string="State of the reward",
        required=True,
        readonly=True,
        copy=False,
        default="none",
        groups=MONEY_GROUPS,
    )
    payout_id = fields.Many2one(
        "clinic.referral.payout",
        readonly=True,
        copy=False,
        groups=MONEY_GROUPS,
        index="btree_not_null",
        ondelete="restrict",
    )

    _referrer_date = models.Index("(referrer_id, date)")
    _due = models.Index("(referrer_id) WHERE reward_state = 'due'")
    _open = models.Index("(date) WHERE came_on IS NULL")
    _once = models.UniqueIndex(
        "(patient_id, referrer_id, date)",
        "This partner sent this patient on this day already.",
    )
    _paid_whole = models.Constraint(
        "CHECK (reward_state <> 'paid' OR payout_id IS NOT NULL)",
        "A paid reward belongs to a payout.",
    )

    @api.constrains("referrer_id", "patient_id")
    def _check_people(self):
        for referral in self:
            if referral.referrer_id == referral.patient_id:
                raise ValidationError(self.env._("Nobody refers themselves."))
            if not referral.referrer_id.is_referral_partner:
                raise ValidationError(
                    self.env._(
                        "%(name)s is no referral partner: tick “Sends patients” first.",
                        name=referral.referrer_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Note referrals; what follows from visits is not written by hand."""
        if not self.env.su and any(DERIVED & vals.keys() for vals in vals_list):
            raise AccessError(self.env._("Rewards follow from the visits."))
        return super().create(vals_list)

    def write(self, vals):
        """Guard what follows from visits, and what a reward was given for.

        :raises AccessError: a derived value, or a referral with a reward
        """
        if not self.env.su:
            if DERIVED & vals.keys():
                raise AccessError(self.env._("Rewards follow from the visits."))
            fixed = {"referrer_id", "patient_id", "date", "company_id"} & vals.keys()
            # sudo: clinic.referral - only whether there is a reward
            if fixed and any(one.reward_state != "none" for one in self.sudo()):
                raise AccessError(
                    self.env._("A reward was given for this: it stays as it is.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_rewarded(self):
        # sudo: clinic.referral - only whether there is a reward
        if any(one.reward_state != "none" for one in self.sudo()):
            raise AccessError(
                self.env._("A reward was given for this: it stays as it is.")
            )

    def action_pay(self):
        """Pay what is due of the chosen ones and show the payouts."""
        payouts = self.env["clinic.referral.payout"]._pay(self)
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_patient.clinic_referral_payout_action"
            ),
            domain=[("id", "in", payouts.ids)],
        )

    @api.model
    def _cron_follow_up(self):
        """Note who came, and the rewards that are due by then. Repeats are harmless."""
        self._note_who_came()
        self._make_rewards()

    @api.model
    def _note_who_came(self):
        query = self._came_query()
        if query is None:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE clinic_referral r SET came_on = found.came_on
                  FROM (%s) found
                 WHERE found.id = r.id AND r.came_on IS NULL
                """,
                query,
            )
        )
        self.invalidate_model(["came_on"])

    @api.model
    def _came_query(self):
        """Extension point: SQL of (id, came_on) for referrals whose patients came."""
        return None

    @api.model
    def _values(self, rules_days):
        """Extension point: what the visits after referrals were worth.

        :param dict rules_days: ``{referral id: days that count}``
        :returns: ``{referral id: amount}``
        """
        return {}

    @api.model
    def _make_rewards(self):
        """Give each first referral of a patient who came its reward, once."""
        today = fields.Date.context_today(self)
        rules = self.env["clinic.referral.rule"].search([("active", "=", True)])
        if not rules:
            return
        waiting = self.search(
            [
                ("came_on", "!=", False),
                ("date", ">=", min(rules.mapped("date_start"))),
                ("reward_state", "=", "none"),
                ("rule_id", "=", False),
            ],
            order="date, id",
            limit=5000,
        )
        chosen = {}
        for referral in waiting:
            rule = rules._for(referral)
            if rule and rule._is_ripe(referral, today):
                chosen[referral] = rule
        if not chosen:
            return
        earlier = self._not_first(list(chosen))
        values = self._values({one.id: rule.days for one, rule in chosen.items()})
        for referral, rule in chosen.items():
            value = values.get(referral.id, 0)
            amount = 0 if referral.id in earlier else rule._amount(value)
            referral._ours().write(
                {
                    "rule_id": rule.id,
                    "value": value,
                    "reward_amount": amount,
                    "reward_state": "due" if amount else "none",
                }
            )

    @api.model
    def _not_first(self, referrals):
        """Ids of referrals of patients whom somebody had sent before."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id FROM clinic_referral r
                 WHERE r.id = ANY(%s) AND EXISTS (
                       SELECT FROM clinic_referral e
                        WHERE e.patient_id = r.patient_id
                          AND (e.date, e.id) < (r.date, r.id))
                """,
                [one.id for one in referrals],
            )
        )
        return {row[0] for row in rows}
