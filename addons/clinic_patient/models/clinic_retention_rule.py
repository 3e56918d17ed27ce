from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain


class ClinicRetentionRule(models.Model):
    """Whose cards have been kept long enough: a list that proposes.

    Nothing is ever erased by itself; a manager looks at the list and erases cards one
    by one.
    """

    _name = "clinic.retention.rule"
    _description = "Retention rule"
    _order = "years, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    years = fields.Integer(
        string="Years without a visit",
        required=True,
        default=10,
        help="Counted from the last visit, or from when the card was made.",
    )
    only_without_visits = fields.Boolean(
        string="Only who never came",
        help="Cards of people who registered and never had a visit.",
    )
    proposed_count = fields.Integer(
        string="Cards to look at", compute="_compute_proposed_count"
    )

    _years_positive = models.Constraint(
        "CHECK (years > 0)", "Cards are kept for one year at least."
    )

    def _domain(self):
        """Return the domain of the patients whose time is over by this rule."""
        self.ensure_one()
        limit = fields.Date.context_today(self) - relativedelta(years=self.years)
        never = Domain("last_visit_date", "=", False) & Domain(
            "create_date", "<", limit
        )
        gone = Domain("last_visit_date", "<", limit)
        return (
            Domain("is_patient", "=", True)
            & Domain("erased_at", "=", False)
            & Domain("on_treatment", "=", False)
            & (never if self.only_without_visits else never | gone)
        )

    def _compute_proposed_count(self):
        patients = self.env["res.partner"].with_context(active_test=False)
        for rule in self:
            rule.proposed_count = patients.search_count(rule._domain())

    def action_open_proposed(self):
        """Show the cards whose time is over."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_patient.clinic_patient_action"
            ),
            name=self.name,
            domain=list(self._domain()),
            context={"active_test": False},
        )
