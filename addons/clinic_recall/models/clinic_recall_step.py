from odoo import api, fields, models


class ClinicRecallStep(models.Model):
    """One attempt that a rule plans: so many days before or after the due date."""

    _name = "clinic.recall.step"
    _description = "Planned attempt of a recall rule"
    _order = "offset_days, id"

    rule_id = fields.Many2one(
        "clinic.recall.rule", required=True, index=True, ondelete="cascade"
    )
    offset_days = fields.Integer(
        string="Days from the due date",
        default=0,
        required=True,
        help="Negative: so many days before it is due.",
    )
    action = fields.Selection(
        [("message", "Message"), ("call", "Call")], required=True, default="message"
    )

    _offset_range = models.Constraint(
        "CHECK (offset_days BETWEEN -365 AND 1000)",
        "Attempts lie from a year before the due date to 1,000 days after it.",
    )

    @api.depends("offset_days", "action")
    def _compute_display_name(self):
        actions = dict(self._fields["action"]._description_selection(self.env))
        for step in self:
            days, action = step.offset_days, actions.get(step.action, "")
            if days < 0:
                words = self.env._(
                    "%(action)s %(days)s days before", action=action, days=-days
                )
            elif days:
                words = self.env._(
                    "%(action)s %(days)s days after", action=action, days=days
                )
            else:
                words = self.env._("%(action)s on the day", action=action)
            step.display_name = words
