from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS

PIPELINES = [
    ("appointments", "Appointments"),
    ("base", "Patient Base"),
    ("coordinators", "Coordinators"),
    ("reanimation", "Reanimation"),
]

#: ``{word of a click: field of the overview}``
COUNTED = {
    "open": "open_deal_count",
    "my": "my_deal_count",
    "no_next_step": "no_step_deal_count",
    "stuck": "stuck_deal_count",
    "overdue": "overdue_deal_count",
    "won": "won_deal_count",
    "lost": "lost_deal_count",
}


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

    @api.model
    def _count_domains(self):
        """What the overview counts, and what a click on a figure opens: the same.

        :returns: ``{word: Domain}``
        """
        deals = self.env["crm.lead"]
        is_open = Domain("is_open", "=", True)
        lately = deals._closed_lately()
        return {
            "open": is_open,
            "my": is_open & Domain("user_id", "=", self.env.uid),
            "no_next_step": is_open & Domain("has_no_next_step", "=", True),
            "stuck": is_open & Domain("is_stuck", "=", True),
            "overdue": is_open
            & Domain("next_step_date", "<", fields.Date.context_today(self)),
            "won": deals._closed_domain("won") & lately,
            "lost": deals._closed_domain("lost") & lately,
        }

    def _compute_deal_counts(self):
        """Counted by the rules of the person who looks."""
        Deal = self.env["crm.lead"]
        pipelines = self.filtered("pipeline").mapped("pipeline")
        ours = Domain("pipeline", "in", pipelines)
        for word, domain in self._count_domains().items():
            found = Deal._read_group(ours & domain, ["pipeline"], ["__count"])
            counts = dict(found)
            for team in self:
                team[COUNTED[word]] = counts.get(team.pipeline, 0)

    @api.readonly
    def action_open_deals(self):
        """Open the pipeline; the context may name a figure of the overview, whose
        deals are opened, no more and no less."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"clinic_pipeline.clinic_deal_action_{self.pipeline}"
        )
        word = self.env.context.get("deal_filter")
        domain = self._count_domains().get(word)
        if domain is None:
            return action
        label = self._fields[COUNTED[word]]._description_string(self.env)
        return dict(
            action,
            name=f"{self.name}: {label}",
            domain=list(Domain("pipeline", "=", self.pipeline) & domain),
            context={"default_team_id": self.id, "default_type": "opportunity"},
        )
