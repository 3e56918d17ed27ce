from odoo import fields, models

SEVERITIES = [
    ("low", "Low"),
    ("medium", "Medium"),
    ("high", "High"),
    ("critical", "Critical"),
]


class ClinicComplaintCategory(models.Model):
    """What complaints are about, who answers them and within how many days."""

    _name = "clinic.complaint.category"
    _description = "Category of complaints"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    severity = fields.Selection(SEVERITIES, required=True, default="medium")
    days = fields.Integer(string="Days to answer", required=True, default=7)
    responsible_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False)]",
        help="Who gets new complaints of this category.",
    )
    escalate_to_id = fields.Many2one(
        "res.users",
        string="Told when late",
        domain="[('share', '=', False)]",
        help="Who gets a task when the deadline has passed; otherwise the managers.",
    )

    _days_positive = models.Constraint(
        "CHECK (days BETWEEN 1 AND 365)", "Give between 1 and 365 days to answer."
    )
