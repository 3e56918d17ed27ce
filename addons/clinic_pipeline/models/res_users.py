from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS

#: Roles that see all deals unless a switch narrows them.
BROAD_ROLES = (
    "receptionist",
    "coordinator",
    "operator",
    "marketing",
    "cashier",
    "chief_doctor",
)


class ResUsers(models.Model):
    """Switches that narrow which deals a person sees."""

    _inherit = "res.users"

    deal_own_only = fields.Boolean(
        string="Own deals only",
        help="Sees deals they are responsible for.",
        groups=STAFF_GROUPS,
    )
    deal_team_ids = fields.Many2many(
        "crm.team",
        "clinic_user_pipeline_rel",
        "user_id",
        "team_id",
        string="Own pipelines only",
        domain=[("pipeline", "!=", False)],
        help="The pipelines this person works in. Empty: all.",
        groups=STAFF_GROUPS,
    )
    deal_days = fields.Integer(
        string="Deals of the last days",
        help="Sees deals that moved within so many days. 0: all.",
        groups=STAFF_GROUPS,
    )
    deal_read_only = fields.Boolean(
        string="Deals read-only",
        help="Sees deals and changes none.",
        groups=STAFF_GROUPS,
    )

    deal_lang_ids = fields.Many2many(
        "res.lang",
        "clinic_user_deal_lang_rel",
        "user_id",
        "lang_id",
        string="Languages spoken with patients",
        help="Besides the own language of this person.",
        groups=STAFF_GROUPS,
    )

    def _may_own_deals(self, team):
        """Whether this user may be responsible for deals of a pipeline; addons narrow.

        :param team: crm.team with a pipeline
        """
        self.ensure_one()
        return self.active and not self.share and self.has_group(STAFF_GROUPS)

    def _takes_deals(self, team, vals):
        """Whether a new deal of a pipeline may be given to this user, who is there and
        works on them; addons narrow.

        :param team: crm.team with a pipeline
        :param dict vals: what is known of the deal
        """
        self.ensure_one()
        teams = self.deal_team_ids
        mine = self.clinic_location_ids.ids
        here = not (mine and vals.get("location_id")) or vals["location_id"] in mine
        return here and (
            self._may_own_deals(team)
            and not self.is_out_of_office
            and not self.deal_read_only
            and (not teams or team in teams)
        )

    def _speaks(self, lang):
        """Whether this user speaks the language of a patient, whatever the country."""
        self.ensure_one()
        spoken = [self.lang, *self.deal_lang_ids.mapped("code")]
        return bool(lang) and lang[:2] in [code[:2] for code in spoken if code]

    def _get_invalidation_fields(self):
        # record rules read the switches, and their domains are cached per user
        return super()._get_invalidation_fields() | {
            "deal_own_only",
            "deal_team_ids",
            "deal_days",
            "deal_read_only",
        }

    def _deal_domain(self, write=False):
        """Which deals this user may read, or write, by role and switches.

        :param bool write: also create and delete
        :returns: Domain of ``crm.lead``, in which all are deals
        """
        self.ensure_one()
        if not self.has_group(STAFF_GROUPS) or (write and self.deal_read_only):
            return Domain.FALSE
        domain = Domain.TRUE
        broad = any(
            self.has_group(f"clinic_patient.group_clinic_{role}")
            for role in BROAD_ROLES
        )
        if self.deal_own_only or not broad:
            domain &= self._own_deal_domain()
        if self.deal_team_ids:
            domain &= Domain("team_id", "in", self.deal_team_ids.ids)
        if self.deal_days:
            domain &= Domain(
                "date_last_stage_update", ">=", f"today -{int(self.deal_days)}d"
            )
        return domain

    def _own_deal_domain(self):
        """Deals that are this user's own, and those of the own visits."""
        return Domain("user_id", "=", self.id) | Domain(
            "practitioner_id.user_id", "=", self.id
        )

    def _deal_entry_domain(self):
        """Which rows of the history of stages: those of the deals one may read."""
        domain = self._deal_domain()
        if domain.is_true():
            return [(1, "=", 1)]
        return list(Domain("lead_id", "any", domain))
