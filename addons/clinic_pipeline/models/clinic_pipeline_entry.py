from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock


class ClinicPipelineEntry(models.Model):
    """A deal entered a stage, and how long it stayed: written once, never changed.

    Answers "which deals entered this stage last week" and "how long do deals wait
    here"; the stage a deal is in now is the entry without an end.
    """

    _name = "clinic.pipeline.entry"
    _description = "Stage of a deal over time"
    _order = "entered_at desc, id desc"
    _rec_name = "stage_id"
    _log_access = False

    lead_id = fields.Many2one(
        "crm.lead", string="Deal", required=True, index=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(related="lead_id.patient_id")
    stage_id = fields.Many2one("crm.stage", required=True, ondelete="cascade")
    team_id = fields.Many2one(
        "crm.team", string="Pipeline", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="lead_id.company_id", store=True, ondelete="cascade"
    )
    entered_at = fields.Datetime(string="Entered", required=True)
    left_at = fields.Datetime(string="Left")
    hours = fields.Float(
        string="Hours in stage",
        aggregator="avg",
        help="Empty while the deal is in the stage.",
    )
    responsible_id = fields.Many2one(
        "res.users", ondelete="set null", help="Of the deal, when it entered."
    )
    moved_by_id = fields.Many2one(
        "res.users",
        string="Moved by",
        ondelete="set null",
        help="Empty when it moved by itself.",
    )
    rule_id = fields.Many2one(
        "clinic.pipeline.rule", string="Automatic move", ondelete="set null"
    )

    _stage_entered = models.Index("(stage_id, entered_at)")
    _rule_entered = models.Index("(rule_id, entered_at) WHERE rule_id IS NOT NULL")
    _open_entry = models.Index("(lead_id) WHERE left_at IS NULL")

    @api.model
    def _record(self, deals, rule=None):
        """Note that these deals are in their stages from now on.

        Two statements for any number of deals; nobody has rights to write here.

        :param deals: crm.lead, whose stage has just changed
        :param rule: clinic.pipeline.rule that moved them, none: a person did
        """
        if not deals:
            return
        deals.flush_recordset()
        now = clock.now()
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_pipeline_entry SET left_at = %(now)s, hours ="
                " EXTRACT(EPOCH FROM %(now)s - entered_at) / 3600"
                " WHERE lead_id = ANY(%(deals)s) AND left_at IS NULL",
                now=now,
                deals=deals.ids,
            )
        )
        self.env.cr.execute(
            SQL(
                "INSERT INTO clinic_pipeline_entry (lead_id, stage_id, team_id,"
                " company_id, entered_at, responsible_id, moved_by_id, rule_id)"
                " SELECT id, stage_id, team_id, company_id, %s, user_id, %s, %s"
                " FROM crm_lead WHERE id = ANY(%s) AND stage_id IS NOT NULL"
                " AND team_id IS NOT NULL ORDER BY id",
                now,
                None if rule else self.env.uid,
                rule.id if rule else None,
                deals.ids,
            )
        )
        deals.invalidate_recordset(["entry_ids"])
        self.invalidate_model(["left_at", "hours"])
