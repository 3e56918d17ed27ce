from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..lib.roles import MONEY_GROUPS, PERSON_GROUPS, STAFF_GROUPS
from .res_partner_timeline import TimelineKind

#: Patients sent within twelve months for each class, the best first.
CLASSES = (("a", 10), ("b", 3), ("c", 1))


class ResPartner(models.Model):
    """Who sends patients: doctors, pharmacies, firms."""

    _inherit = "res.partner"

    is_referral_partner = fields.Boolean(
        string="Sends patients",
        index="btree_not_null",
        copy=False,
        groups=PERSON_GROUPS,
    )
    referral_kind = fields.Selection(
        [
            ("doctor", "Doctor"),
            ("pharmacy", "Pharmacy"),
            ("firm", "Firm"),
            ("other", "Other"),
        ],
        string="Kind of partner",
        groups=STAFF_GROUPS,
    )
    sent_referral_ids = fields.One2many(
        "clinic.referral", "referrer_id", string="Sent", groups=STAFF_GROUPS
    )
    referral_class = fields.Selection(
        [
            ("a", "A: 10 or more a year"),
            ("b", "B: 3 to 9 a year"),
            ("c", "C: 1 or 2 a year"),
            ("silent", "Silent"),
            ("never", "Never sent anybody"),
        ],
        compute="_compute_referrals",
        search="_search_referral_class",
        groups=STAFF_GROUPS,
        help="By the patients sent within twelve months. Silent: sent somebody once, "
        "and nobody for as many months as the settings say (6).",
    )
    referral_count = fields.Integer(
        string="Sent in all", compute="_compute_referrals", groups=STAFF_GROUPS
    )
    referral_came_count = fields.Integer(
        string="Came", compute="_compute_referrals", groups=STAFF_GROUPS
    )
    referral_last_date = fields.Date(
        string="Last sent on", compute="_compute_referrals", groups=STAFF_GROUPS
    )
    reward_due = fields.Monetary(
        string="Rewards due",
        currency_field="patient_currency_id",
        compute="_compute_reward_due",
        groups=MONEY_GROUPS,
    )

    @api.model
    def _referral_silent_months(self):
        # sudo: ir.config_parameter - a setting of the site
        parameters = self.env["ir.config_parameter"].sudo()
        return int(parameters.get_param("clinic_patient.referral_silent_months", "6"))

    @api.model
    def _referral_figures(self, partner_ids=None):
        """Return ``{partner id: (all, came, in twelve months, last day)}``.

        One statement, for some partners or for all.
        """
        self.env["clinic.referral"].flush_model()
        today = fields.Date.context_today(self)
        return {
            row[0]: row[1:]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT referrer_id, COUNT(*), COUNT(came_on),
                           COUNT(*) FILTER (WHERE date > %(year)s), MAX(date)
                      FROM clinic_referral
                     WHERE %(everybody)s OR referrer_id = ANY(%(ids)s)
                     GROUP BY referrer_id
                    """,
                    year=today - relativedelta(years=1),
                    everybody=partner_ids is None,
                    ids=partner_ids or [],
                )
            )
        }

    @api.model
    def _referral_class_of(self, figures):
        if not figures:
            return "never"
        _all, _came, year, last = figures
        today = fields.Date.context_today(self)
        if last < today - relativedelta(months=self._referral_silent_months()):
            return "silent"
        return next((name for name, least in CLASSES if year >= least), "silent")

    def _compute_referrals(self):
        found = self._referral_figures(self.ids)
        for partner in self:
            figures = found.get(partner._origin.id)
            partner.referral_class = (
                self._referral_class_of(figures)
                if partner.is_referral_partner
                else False
            )
            partner.referral_count = figures[0] if figures else 0
            partner.referral_came_count = figures[1] if figures else 0
            partner.referral_last_date = figures[3] if figures else False

    def _search_referral_class(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = self._referral_figures()
        domain = Domain("id", "in", [])
        for wanted in value:
            if wanted == "never":
                domain |= Domain("id", "not in", list(found))
            domain |= Domain(
                "id",
                "in",
                [
                    id_
                    for id_, figures in found.items()
                    if self._referral_class_of(figures) == wanted
                ],
            )
        return Domain("is_referral_partner", "=", True) & domain

    def _compute_reward_due(self):
        due = dict(
            self.env["clinic.referral"]._read_group(
                [("referrer_id", "in", self.ids), ("reward_state", "=", "due")],
                ["referrer_id"],
                ["reward_amount:sum"],
            )
        )
        for partner in self:
            partner.reward_due = due.get(partner._origin, 0)

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        referrals = self.env["clinic.referral"]
        if referrals.has_access("read"):
            kinds.append(
                TimelineKind(
                    "referral",
                    self.env._("Referrals"),
                    "fa-share",
                    "success",
                    referrals._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_referral", "date"),
                    self._describe_referrals,
                )
            )
        return kinds

    def _describe_referrals(self, ids):
        return {
            referral.id: {
                "title": self.env._("Sent by %(name)s", name=referral.referrer_id.name),
                "text": referral.note or "",
                "when": fields.Date.to_string(referral.date),
                "open": {"model": "clinic.referral", "id": referral.id},
            }
            for referral in self.env["clinic.referral"].browse(ids)
        }

    def action_open_referrals(self):
        """Whom this partner sent."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_patient.clinic_referral_action"
            ),
            domain=[("referrer_id", "=", self.id)],
            context={"default_referrer_id": self.id},
        )

    def action_send_greetings(self):
        """Write to the chosen partners, from the template of greetings.

        :returns: Odoo's composer, one mail for each
        """
        template = self.env.ref("clinic_patient.mail_template_referral_greeting")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Greetings"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "new",
            "context": {
                "default_model": "res.partner",
                "default_res_ids": self.filtered("email").ids,
                "default_composition_mode": "mass_mail",
                "default_template_id": template.id,
            },
        }
