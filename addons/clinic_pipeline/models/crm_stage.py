from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS

from .crm_team import PIPELINES


class CrmStage(models.Model):
    """A stage of a clinic pipeline: what it means, what to do in it, how long."""

    _inherit = "crm.stage"

    pipeline_key = fields.Char(
        string="Technical key",
        readonly=True,
        copy=False,
        help="By which the automatic moves know the stage, whatever its name.",
        groups=STAFF_GROUPS,
    )
    pipeline = fields.Selection(
        PIPELINES,
        compute="_compute_pipeline",
        store=True,
        string="Clinic pipeline",
        groups=STAFF_GROUPS,
    )
    is_lost = fields.Boolean(
        string="Is lost stage",
        help="A deal in this stage is closed without success.",
        groups=STAFF_GROUPS,
    )
    reason_required = fields.Boolean(
        string="Ask for the reason",
        help="A deal enters this stage only with a refusal reason.",
        groups=STAFF_GROUPS,
    )
    needs_next_step = fields.Boolean(
        string="Needs a next step",
        default=True,
        help="Deals here without a planned activity are listed as forgotten.",
        groups=STAFF_GROUPS,
    )
    next_step = fields.Char(
        translate=True,
        help="Planned for the responsible person of each deal that enters the stage; "
        "empty: nothing is planned.",
        groups=STAFF_GROUPS,
    )
    next_step_days = fields.Integer(
        string="Due after (days)",
        aggregator=None,
        help="0: on the day the deal enters the stage.",
        groups=STAFF_GROUPS,
    )
    next_step_type_id = fields.Many2one(
        "mail.activity.type", ondelete="set null", groups=STAFF_GROUPS
    )
    stuck_after_hours = fields.Integer(
        string="Stuck after (hours)",
        aggregator=None,
        help="A deal that stays longer raises a task to the manager of the pipeline; "
        "0: never.",
        groups=STAFF_GROUPS,
    )

    _pipeline_key_unique = models.UniqueIndex(
        "(pipeline_key) WHERE pipeline_key IS NOT NULL",
        "There is a stage with this key already.",
    )
    _won_or_lost = models.Constraint(
        "CHECK (NOT (COALESCE(is_won, FALSE) AND COALESCE(is_lost, FALSE)))",
        "A stage is won or lost, not both.",
    )
    _sane_times = models.Constraint(
        "CHECK (COALESCE(stuck_after_hours, 0) BETWEEN 0 AND 87600"
        " AND COALESCE(next_step_days, 0) BETWEEN 0 AND 3650)",
        "A next step is due within 10 years, and a deal is stuck within 10 years.",
    )

    @api.depends("team_ids.pipeline")
    def _compute_pipeline(self):
        for stage in self:
            stage.pipeline = stage.team_ids.filtered("pipeline")[:1].pipeline

    @api.model
    def _by_key(self, key):
        """The stage with this key."""
        # sudo: crm.stage - by its key, whoever moves a deal
        return self.sudo().search([("pipeline_key", "=", key)], limit=1)

    @api.ondelete(at_uninstall=False)
    def _unlink_no_keyed_stage(self):
        # sudo: crm.stage - who manages sales need not know of the clinic's moves
        if any(self.sudo().mapped("pipeline_key")):
            raise UserError(
                self.env._(
                    "The automatic moves need this stage. Rename it, or fold it and "
                    "switch the moves off."
                )
            )
