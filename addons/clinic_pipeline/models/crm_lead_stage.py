from odoo import api, fields, models
from odoo.exceptions import AccessError, RedirectWarning, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import is_ours, said
from odoo.addons.clinic_base.models.fields import UnknownInteger
from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class CrmLead(models.Model):
    """Deals: stages, next steps, stuck deals."""

    _inherit = "crm.lead"

    next_step_date = fields.Date(
        compute="_compute_next_step_date",
        store=True,
        help="When the earliest planned activity is due.",
        groups=STAFF_GROUPS,
    )
    step_state = fields.Selection(
        [
            ("overdue", "Overdue"),
            ("today", "Today"),
            ("planned", "Planned"),
            ("none", "No next step"),
        ],
        string="Next step",
        compute="_compute_step_state",
        search="_search_step_state",
        groups=STAFF_GROUPS,
    )
    has_no_next_step = fields.Boolean(
        string="Forgotten",
        compute="_compute_has_no_next_step",
        search="_search_has_no_next_step",
        help="Open, in a stage that needs a next step, and nothing is planned.",
        groups=STAFF_GROUPS,
    )
    is_stuck = fields.Boolean(
        string="Stuck",
        compute="_compute_is_stuck",
        search="_search_is_stuck",
        help="Longer in its stage than the stage allows.",
        groups=STAFF_GROUPS,
    )
    won_percent = UnknownInteger(
        string="Conversion (%)",
        compute="_compute_won_percent",
        aggregator="avg",
        help="Of the deals that are closed, how many in a hundred were won.",
        groups=STAFF_GROUPS,
    )
    stuck_told_at = fields.Datetime(readonly=True, copy=False, groups=STAFF_GROUPS)
    hours_in_stage = fields.Float(compute="_compute_is_stuck", groups=STAFF_GROUPS)
    time_in_stage = fields.Char(
        string="In this stage for", compute="_compute_is_stuck", groups=STAFF_GROUPS
    )

    @api.depends("activity_ids.date_deadline", "activity_ids.active")
    def _compute_next_step_date(self):
        for lead in self:
            # sudo: mail.activity - the date counts, whoever may see the activity
            dates = lead.sudo().activity_ids.filtered("active").mapped("date_deadline")
            lead.next_step_date = min(dates, default=False)

    @api.depends("next_step_date")
    def _compute_step_state(self):
        today = fields.Date.context_today(self)
        for lead in self:
            due = lead.next_step_date
            lead.step_state = (
                "none"
                if not due
                else "planned"
                if due > today
                else "today"
                if due == today
                else "overdue"
            )

    def _search_step_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        domains = {
            "none": Domain("next_step_date", "=", False),
            "overdue": Domain("next_step_date", "<", today),
            "today": Domain("next_step_date", "=", today),
            "planned": Domain("next_step_date", ">", today),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Count the columns' bars from one date, not from all activities."""
        if groupby_spec != "step_state":
            return super()._read_group_groupby(alias, groupby_spec, query)
        due = self._field_to_sql(alias, "next_step_date", query)
        return SQL(
            "CASE WHEN %(due)s IS NULL THEN 'none' WHEN %(due)s > %(today)s THEN"
            " 'planned' WHEN %(due)s = %(today)s THEN 'today' ELSE 'overdue' END",
            due=due,
            today=fields.Date.context_today(self),
        )

    @api.model
    def _closed_domain(self, *statuses):
        """Deals that are closed: the one definition for overview, analysis and lists.

        :param str statuses: ``won`` or ``lost``; none: both
        """
        return Domain("won_status", "in", statuses or ("won", "lost"))

    @api.model
    def _closed_lately(self):
        """Closed in 30 days, today included, by the days of who looks."""
        return Domain("date_closed", ">=", "today -29d")

    @api.depends("won_status")
    def _compute_won_percent(self):
        percent = {"won": 100, "lost": 0}
        for lead in self:
            lead.won_percent = percent.get(lead.won_status, False)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Conversion is averaged by the database, from the state that is stored."""
        if field_expr == "won_percent":
            return SQL(
                "CASE %s WHEN 'won' THEN 100 WHEN 'lost' THEN 0 END",
                self._field_to_sql(alias, "won_status", query),
            )
        return super()._field_to_sql(alias, field_expr, query)

    @api.depends("is_open", "next_step_date", "stage_id.needs_next_step")
    def _compute_has_no_next_step(self):
        for lead in self:
            lead.has_no_next_step = (
                lead.is_open
                and not lead.next_step_date
                and lead.stage_id.needs_next_step
            )

    def _search_has_no_next_step(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: crm.stage - the settings of the stages, for whoever filters
        stages = (
            self.env["crm.stage"]
            .sudo()
            .search([("pipeline", "!=", False), ("needs_next_step", "=", True)])
        )
        domain = (
            Domain("is_open", "=", True)
            & Domain("next_step_date", "=", False)
            & Domain("stage_id", "in", stages.ids)
        )
        return domain if True in value else ~domain

    @api.depends("is_open", "date_last_stage_update", "stage_id.stuck_after_hours")
    def _compute_is_stuck(self):
        now = clock.now()
        for lead in self:
            since = lead.date_last_stage_update
            hours = (now - since).total_seconds() / 3600 if since else 0
            limit = lead.stage_id.stuck_after_hours
            lead.hours_in_stage = hours
            lead.time_in_stage = self._speak_hours(hours)
            lead.is_stuck = bool(lead.is_open and limit and hours > limit)

    def _speak_hours(self, hours):
        if hours < 48:
            return self.env._("%(count)s h", count=int(hours))
        return self.env._("%(count)s days", count=int(hours // 24))

    def _search_is_stuck(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: crm.stage - the settings of the stages, for whoever filters
        stages = (
            self.env["crm.stage"]
            .sudo()
            .search([("pipeline", "!=", False), ("stuck_after_hours", ">", 0)])
        )
        now = clock.now()
        domain = Domain("is_open", "=", True) & Domain.OR(
            Domain("stage_id", "=", stage.id)
            & Domain(
                "date_last_stage_update",
                "<",
                fields.Datetime.subtract(now, hours=stage.stuck_after_hours),
            )
            for stage in stages
        )
        return domain if True in value else ~domain

    # ------------------------------------------------------------
    # Entering a stage
    # ------------------------------------------------------------

    def write(self, vals):
        """Whoever moves a deal: reason, history, next step and copies follow.

        :raises RedirectWarning: the stage asks for a reason, and none is given; or it
            speaks of a visit or a plan that is not there
        :raises AccessError: whether a deal is open follows from its stage
        """
        if "is_open" in vals and not self.env.su:
            raise AccessError(
                self.env._("Whether a deal is open follows from its stage.")
            )
        deals = self._deals() if "stage_id" in vals else self.browse()
        if not deals:
            return super().write(vals)
        vals = dict(vals)
        stage = self.env["crm.stage"].browse(vals["stage_id"])
        moving = deals.filtered(lambda deal: deal.stage_id != stage)
        moving._check_stage(stage, vals)
        moving._check_facts(stage)
        if moving:
            vals["stuck_told_at"] = False
            if not stage.is_lost:
                vals.setdefault("lost_reason_id", False)
        result = super().write(vals)
        if moving and (stage.is_won or stage.is_lost):
            moving.filtered(lambda deal: not deal.date_closed).write(
                {"date_closed": clock.now()}
            )
        moving._after_stage()
        return result

    def _check_stage(self, stage, vals):
        """Refuse a stage of another pipeline, and a refusal without a reason."""
        for deal in self:
            team = self.env["crm.team"].browse(vals.get("team_id")) or deal.team_id
            if stage and team not in stage.team_ids:
                raise ValidationError(
                    self.env._(
                        "“%(stage)s” is no stage of %(pipeline)s.",
                        stage=stage.name,
                        pipeline=team.name,
                    )
                )
        if stage.reason_required and not vals.get("lost_reason_id") and self:
            raise RedirectWarning(
                self.env._(
                    "“%(stage)s” needs a reason: say why, so that the clinic learns "
                    "from it.",
                    stage=stage.name,
                ),
                {
                    "type": "ir.actions.act_window",
                    "name": self.env._("Reason"),
                    "res_model": "clinic.deal.refusal",
                    "views": [(False, "form")],
                    "view_mode": "form",
                    "target": "new",
                    "context": {
                        "default_lead_ids": self.ids,
                        "default_stage_id": stage.id,
                    },
                },
                self.env._("Give the reason"),
            )

    def _after_stage(self):
        """These deals have just entered their stages."""
        if not self or is_ours(self.env.context, "clinic_deal_quiet"):
            return
        rule = self.env["clinic.pipeline.rule"].browse(
            said(self.env.context, "clinic_deal_rule")
        )
        # sudo: clinic.pipeline.entry - nobody has rights to write the history
        self.env["clinic.pipeline.entry"].sudo()._record(self, rule)
        self._plan_next_step()
        for deal in self:
            deal._follow_stage()

    def _plan_next_step(self):
        """Replace what the last stage had planned by what this one asks for."""
        # sudo: mail.activity - planned by the stage, for whoever is responsible
        deals = self.sudo()
        deals.activity_ids.filtered("deal_stage_id").unlink()
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        model = self.env["ir.model"]._get_id("crm.lead")
        today = fields.Date.context_today(self)
        vals_list = []
        for deal in deals.filtered("is_open"):
            stage = deal.stage_id
            if not stage.next_step:
                continue
            vals_list.append(
                {
                    "res_model_id": model,
                    "res_id": deal.id,
                    "activity_type_id": (stage.next_step_type_id or todo).id,
                    "summary": stage.next_step,
                    "date_deadline": fields.Date.add(today, days=stage.next_step_days),
                    "user_id": (deal.user_id or deal.team_id.user_id).id,
                    "automated": True,
                    "deal_stage_id": stage.id,
                }
            )
        if vals_list:
            self.env["mail.activity"].sudo().with_context(
                mail_activity_quick_update=True
            ).create(vals_list)

    # ------------------------------------------------------------
    # Stuck deals
    # ------------------------------------------------------------

    @api.model
    def _cron_raise_stuck(self, limit=100):
        """Raise a task to the manager for each stuck deal, once for each stay."""
        domain = [("is_stuck", "=", True), ("stuck_told_at", "=", False)]
        while True:
            deals = self.search(domain, limit=limit, order="date_last_stage_update")
            deals._raise_stuck()
            left = self.search_count(domain)
            if not self.env["ir.cron"]._commit_progress(len(deals), remaining=left):
                break
            if not (deals and left):
                break

    def _raise_stuck(self):
        """Plan "this deal is stuck" for the managers of the pipelines."""
        warning = self.env.ref("mail.mail_activity_data_warning")
        model = self.env["ir.model"]._get_id("crm.lead")
        today = fields.Date.context_today(self)
        vals_list = [
            {
                "res_model_id": model,
                "res_id": deal.id,
                "activity_type_id": warning.id,
                "summary": self.env._(
                    "Stuck in “%(stage)s” for %(time)s",
                    stage=deal.stage_id.name,
                    time=deal.time_in_stage,
                ),
                "date_deadline": today,
                "user_id": (deal.team_id.user_id or deal.user_id).id,
                "automated": True,
                "deal_stage_id": deal.stage_id.id,
            }
            for deal in self
        ]
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            vals_list
        )
        self.write({"stuck_told_at": clock.now()})
