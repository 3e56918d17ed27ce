from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS

from ..lib.states import FINISHED


class ResPartner(models.Model):
    """What the agenda knows about a patient, to search and to group by."""

    _inherit = "res.partner"

    visit_interval = fields.Integer(
        related="facts_id.visit_interval",
        groups=STAFF_GROUPS,
        help="How often the patient comes, on average.",
    )
    year_visit_count = fields.Integer(
        related="facts_id.year_visit_count", groups=STAFF_GROUPS
    )
    next_visit_start = fields.Datetime(
        related="facts_id.next_visit_start", groups=STAFF_GROUPS
    )
    planned_until = fields.Datetime(
        related="facts_id.planned_until", groups=STAFF_GROUPS
    )
    has_next_visit = fields.Boolean(
        string="Has a next visit",
        compute="_compute_has_next_visit",
        search="_search_has_next_visit",
        groups=STAFF_GROUPS,
    )
    no_show_count = fields.Integer(
        related="facts_id.no_show_count", groups=STAFF_GROUPS
    )
    year_no_show_count = fields.Integer(
        related="facts_id.year_no_show_count", groups=STAFF_GROUPS
    )
    last_no_show_date = fields.Date(
        related="facts_id.last_no_show_date", groups=STAFF_GROUPS
    )
    cancel_count = fields.Integer(related="facts_id.cancel_count", groups=STAFF_GROUPS)
    year_cancel_count = fields.Integer(
        related="facts_id.year_cancel_count", groups=STAFF_GROUPS
    )
    appointment_ids = fields.One2many(
        "clinic.appointment",
        "patient_id",
        string="All visits",
        groups=STAFF_GROUPS,
    )
    used_service_ids = fields.Many2many(
        "product.template",
        string="Services had",
        compute="_compute_used",
        search="_search_used_service_ids",
        groups=STAFF_GROUPS,
    )
    used_specialty_ids = fields.Many2many(
        "clinic.specialty",
        string="Specialties visited",
        compute="_compute_used",
        search="_search_used_specialty_ids",
        groups=STAFF_GROUPS,
    )
    visited_practitioner_ids = fields.Many2many(
        "clinic.practitioner",
        string="Practitioners visited",
        compute="_compute_used",
        search="_search_visited_practitioner_ids",
        groups=STAFF_GROUPS,
    )
    visited_location_ids = fields.Many2many(
        "clinic.location",
        string="Locations visited",
        compute="_compute_used",
        search="_search_visited_location_ids",
        groups=STAFF_GROUPS,
    )

    @api.depends("facts_id.planned_until")
    def _compute_has_next_visit(self):
        now = clock.now()
        for partner in self:
            until = partner.planned_until
            partner.has_next_visit = bool(until and until > now)

    def _search_has_next_visit(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = clock.now()
        if set(value) >= {True, False}:
            return Domain.TRUE
        if True in value:
            return Domain("planned_until", ">", now)
        # Two conditions, since "not later" leaves out those who never had anything.
        return Domain("planned_until", "<=", now) | Domain("planned_until", "=", False)

    def _compute_used(self):
        """From the finished visits that the reader may see."""
        Visit = self.env["clinic.appointment"]
        fields_of = {
            "used_service_ids": "service_id",
            "used_specialty_ids": "specialty_id",
            "visited_practitioner_ids": "practitioner_id",
            "visited_location_ids": "location_id",
        }
        rows = (
            Visit._read_group(
                [("patient_id", "in", self.ids), ("state", "in", FINISHED)],
                ["patient_id"],
                [f"{name}:recordset" for name in fields_of.values()],
            )
            if Visit.has_access("read")
            else []
        )
        found = {row[0]: row[1:] for row in rows}
        for partner in self:
            values = found.get(partner._origin)
            for number, name in enumerate(fields_of):
                partner[name] = values[number] if values else False

    def _search_used_service_ids(self, operator, value):
        return self._search_used("service_id", operator, value)

    def _search_used_specialty_ids(self, operator, value):
        return self._search_used("specialty_id", operator, value)

    def _search_visited_practitioner_ids(self, operator, value):
        return self._search_used("practitioner_id", operator, value)

    def _search_visited_location_ids(self, operator, value):
        return self._search_used("location_id", operator, value)

    def _search_used(self, name, operator, value):
        """Return the patients with a finished visit for which ``name`` fits.

        The visits are those that the reader may see: whoever sees no visit of a
        colleague finds nobody by that colleague.
        """
        if operator not in ("in", "any", "ilike", "like", "=ilike", "=like"):
            return NotImplemented
        finished = Domain("state", "in", FINISHED)
        if operator != "in":
            return Domain(
                "appointment_ids", "any", finished & Domain(name, operator, value)
            )
        wanted = [each for each in value if each]
        domain = Domain("appointment_ids", "any", finished & Domain(name, "in", wanted))
        if len(wanted) < len(list(value)):
            domain |= Domain("appointment_ids", "not any", finished)
        return domain
