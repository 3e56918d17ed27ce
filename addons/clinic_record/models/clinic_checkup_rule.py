from odoo import api, fields, models

#: (code, what to offer, within days)
COMMON = (
    ("I10", "Visit of the cardiologist", 30),
    ("I48", "Visit of the cardiologist, with ECG", 7),
    ("E78", "Visit of the general practitioner, new blood test", 90),
    ("E11", "Visit of the general practitioner, blood sugar", 30),
    ("E66", "Visit of the nutritionist", 60),
    ("D50", "Blood test with iron, visit of the general practitioner", 30),
    ("H52.1", "Visit of the ophthalmologist", 60),
    ("D22", "Check of moles by the dermatologist", 60),
    ("M54.5", "Visit of the orthopaedist", 60),
)


class ClinicCheckupRule(models.Model):
    """What to offer somebody with a finding: the simple rule of follow-up."""

    _name = "clinic.checkup.rule"
    _description = "Follow-up after a check-up"
    _order = "condition_id, id"
    _rec_name = "suggestion"

    condition_id = fields.Many2one(
        "clinic.condition",
        required=True,
        index=True,
        ondelete="cascade",
        help="Holds for this code and all finer ones.",
    )
    suggestion = fields.Char(
        required=True, translate=True, help="For example: visit of the cardiologist."
    )
    days = fields.Integer(string="Within days", default=30, required=True)
    active = fields.Boolean(default=True)

    _one_for_condition = models.UniqueIndex(
        "(condition_id) WHERE active", "This condition has its rule already."
    )
    _days_range = models.Constraint(
        "CHECK (days BETWEEN 0 AND 1000)", "Days lie between 0 and 1,000."
    )

    @api.model
    def _load_common(self):
        """Rules to begin with; called once, at installation."""
        conditions = {
            condition.code: condition
            for condition in self.env["clinic.condition"].search(
                [("code", "in", [code for code, _words, _days in COMMON])]
            )
        }
        self.create(
            [
                {
                    "condition_id": conditions[code].id,
                    "suggestion": words,
                    "days": days,
                }
                for code, words, days in COMMON
                if code in conditions
            ]
        )
