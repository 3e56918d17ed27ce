from odoo import fields, models
from odoo.fields import Domain

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
        string="Own deals only", help="Sees deals they are responsible for."
    )
    deal_team_ids = fields.Many2many(
        "crm.team",
        "clinic_user_pipeline_rel",
        "user_id",
        "team_id",
        string="Own pipelines only",
        domain=[("pipeline", "!=", False)],
        help="The pipelines this person works in. Empty: all.",
    )
    deal_days = fields.Integer(
        string="Deals of the last days",
        help="Sees deals that moved within so many days. 0: all.",
    )
    deal_read_only = fields.Boolean(
        string="Deals read-only", help="Sees deals and changes none."
    )

    def _get_invalidation_fields(self):
        # record rules read the switches, and their domains are cached per user
        return super()._get_invalidation_fields() | {
            "deal_own_only",
            "deal_team_ids",
            "deal_days",
            "deal_read_only",
        }

    def _deal_domain(self, write=False):
        """Which leads this user may read, or write: the record rule of ``crm.lead``.

        :param bool write: also create and delete
        """
        self.ensure_one()
        if not self.has_group("clinic_patient.group_clinic_user"):
            return [("pipeline", "=", False)]
        if write and self.deal_read_only:
            return [("pipeline", "=", False)]
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
        if domain.is_true():
            return [(1, "=", 1)]
        return list(Domain("pipeline", "=", False) | domain)

    def _own_deal_domain(self):
        """Deals that are this user's own; addons add their kinds."""
        return Domain("user_id", "=", self.id)

    def _deal_entry_domain(self):
        """Which rows of the history of stages: those of the deals one may read."""
        domain = self._deal_domain()
        if domain == [(1, "=", 1)]:
            return domain
        return [("lead_id", "any", domain)]
