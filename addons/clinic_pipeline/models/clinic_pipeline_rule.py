from odoo import api, fields, models


class ClinicPipelineRule(models.Model):
    """One automatic move of deals, in words, with a switch.

    The registry of all of them: no deal moves by itself unless a row here says so and
    is switched on. What causes the move is code (``crm.lead._apply_rule`` is called
    with the key); where it starts and where it leads is read from here.
    """

    _name = "clinic.pipeline.rule"
    _description = "Automatic move of deals"
    _inherit = ["clinic.gate"]
    _order = "sequence, id"

    key = fields.Char(required=True, readonly=True, copy=False)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Cause", required=True, translate=True)
    from_stage_ids = fields.Many2many(
        "crm.stage",
        "clinic_pipeline_rule_stage_rel",
        "rule_id",
        "stage_id",
        string="From stages",
        readonly=True,
        help="Only deals in these stages are moved.",
    )
    to_stage_id = fields.Many2one(
        "crm.stage",
        string="To stage",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    pipeline = fields.Selection(related="to_stage_id.pipeline", store=True)
    opens = fields.Boolean(
        string="Opens a deal",
        readonly=True,
        help="When the patient has no open deal in that pipeline, one is opened.",
    )
    enabled = fields.Boolean(string="Switched on", default=True)
    move_count = fields.Integer(
        string="Moves in 30 days", compute="_compute_move_count"
    )

    _key_unique = models.UniqueIndex("(key)", "There is a move with this key already.")

    def _compute_move_count(self):
        counts = dict(
            self.env["clinic.pipeline.entry"]._read_group(
                [("rule_id", "in", self.ids), ("entered_at", ">=", "today -30d")],
                ["rule_id"],
                ["__count"],
            )
        )
        for rule in self:
            rule.move_count = counts.get(rule, 0)

    @api.model
    def _enabled(self, key):
        """The rule with this key when it is switched on, else an empty record."""
        # sudo: clinic.pipeline.rule - whoever causes a move need not see the settings
        return self.sudo().search([("key", "=", key), ("enabled", "=", True)], limit=1)
