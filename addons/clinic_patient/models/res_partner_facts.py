from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.clinic_base.models.fields import SharedIdMany2one, UnknownInteger

from ..lib.roles import MONEY_GROUPS, STAFF_GROUPS


class ResPartner(models.Model):
    """The patient card: figures that are worked out, and searched by segments."""

    _inherit = "res.partner"

    facts_id = SharedIdMany2one(
        "clinic.patient.facts",
        string="Facts",
        readonly=True,
        copy=False,
        prefetch=False,
        bypass_search_access=True,
        groups=STAFF_GROUPS,
    )
    visit_count = fields.Integer(related="facts_id.visit_count", groups=STAFF_GROUPS)
    first_visit_date = fields.Date(
        related="facts_id.first_visit_date", groups=STAFF_GROUPS
    )
    last_visit_date = fields.Date(
        related="facts_id.last_visit_date", groups=STAFF_GROUPS
    )
    lifetime_value = fields.Float(
        string="Lifetime value",
        related="facts_id.visit_value",
        groups=MONEY_GROUPS,
        help="What the finished visits were worth when they were booked, in the "
        "currency of the patient's company.",
    )
    days_since_visit = UnknownInteger(
        string="Days since the last visit",
        compute="_compute_days_since_visit",
        search="_search_days_since_visit",
        aggregator=None,
        groups=STAFF_GROUPS,
        help="Empty when the patient has not been here yet.",
    )

    # Who they are, as nearly every segment asks, without touching the wide rows; the
    # other columns are those of Odoo's rule about companies.
    _people = models.Index(
        "(sex, birth_date) INCLUDE (id, company_id, partner_share)"
        " WHERE is_patient IS TRUE AND active IS TRUE"
    )

    @api.depends("facts_id.last_visit_date")
    def _compute_days_since_visit(self):
        today = fields.Date.context_today(self)
        for partner in self:
            last = partner.last_visit_date
            partner.days_since_visit = (today - last).days if last else None

    def _search_days_since_visit(self, operator, value):
        turned = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
        today = fields.Date.context_today(self)
        if operator == "in":
            unknown = (None, False)
            return Domain.OR(
                Domain(
                    "last_visit_date",
                    "=",
                    False if days in unknown else today - relativedelta(days=days),
                )
                for days in value
            )
        if operator not in turned:
            return NotImplemented
        day = today - relativedelta(days=value)
        return Domain("last_visit_date", turned[operator], day)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Groups, sums and orders respect the rights on a fact.

        Odoo follows a related field as superuser, without asking for the rights on the
        field itself: a sum grouped by patient would tell what a reader may not see.
        """
        field = self._fields.get(field_expr.partition(".")[0])
        if field is not None and field.related and not field.store:
            self._check_field_access(field, "read")
        return super()._field_to_sql(alias, field_expr, query)
