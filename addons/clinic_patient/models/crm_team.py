from odoo import fields, models

from ..lib.roles import STAFF_GROUPS

PIPELINES = [
    ("appointments", "Appointments"),
    ("base", "Patient Base"),
    ("coordinators", "Coordinators"),
    ("reanimation", "Reanimation"),
]


class CrmTeam(models.Model):
    """A pipeline of the clinic is a sales team with a technical key.

    Names may be changed; the code looks at the key only.
    """

    _inherit = "crm.team"

    pipeline = fields.Selection(
        PIPELINES,
        string="Clinic pipeline",
        readonly=True,
        copy=False,
        groups=STAFF_GROUPS,
    )
    open_deal_count = fields.Integer(
        string="Open deals", compute="_compute_deal_counts", groups=STAFF_GROUPS
    )
    my_deal_count = fields.Integer(
        string="My deals", compute="_compute_deal_counts", groups=STAFF_GROUPS
    )
    no_step_deal_count = fields.Integer(
        string="Without a next step",
        compute="_compute_deal_counts",
        groups=STAFF_GROUPS,
    )
    stuck_deal_count = fields.Integer(
        string="Stuck", compute="_compute_deal_counts", groups=STAFF_GROUPS
    )
    overdue_deal_count = fields.Integer(
        string="Overdue", compute="_compute_deal_counts", groups=STAFF_GROUPS
    )
    won_deal_count = fields.Integer(
        string="Won in 30 days", compute="_compute_deal_counts", groups=STAFF_GROUPS
    )
    lost_deal_count = fields.Integer(
        string="Lost in 30 days", compute="_compute_deal_counts", groups=STAFF_GROUPS
    )

    _pipeline_unique = models.UniqueIndex(
        "(pipeline) WHERE pipeline IS NOT NULL", "There is one team for each pipeline."
    )

    def _compute_deal_counts(self):
        """Counted by the rules of the person who looks."""
        Deal = self.env["crm.lead"]
        pipelines = self.filtered("pipeline").mapped("pipeline")
        is_open = [("pipeline", "in", pipelines), ("is_open", "=", True)]
        closed = [("pipeline", "in", pipelines), ("date_closed", ">=", "today -30d")]
        domains = {
            "open_deal_count": is_open,
            "my_deal_count": is_open + [("user_id", "=", self.env.uid)],
            "no_step_deal_count": is_open + [("has_no_next_step", "=", True)],
            "stuck_deal_count": is_open + [("is_stuck", "=", True)],
            "overdue_deal_count": is_open + [("next_step_date", "<", "today")],
            "won_deal_count": closed + [("stage_id.is_won", "=", True)],
            "lost_deal_count": closed + [("stage_id.is_lost", "=", True)],
        }
        for name, domain in domains.items():
            counts = dict(Deal._read_group(domain, ["pipeline"], ["__count"]))
            for team in self:
                team[name] = counts.get(team.pipeline, 0)

    def action_open_deals(self):
        """Open the pipeline; the context may name a filter of the search view."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"clinic_patient.clinic_deal_action_{self.pipeline}"
        )
        name = self.env.context.get("deal_filter")
        if name:
            action["context"] = {
                "default_team_id": self.id,
                "default_type": "opportunity",
                f"search_default_{name}": 1,
            }
            if name not in ("won", "lost"):
                action["context"]["search_default_open"] = 1
        return action
