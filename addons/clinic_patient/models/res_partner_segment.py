from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..lib.roles import STAFF_GROUPS


class ResPartner(models.Model):
    """The segments a patient belongs to, among those the reader may use."""

    _inherit = "res.partner"

    segment_ids = fields.Many2many(
        "clinic.segment",
        string="Segments",
        compute="_compute_segment_ids",
        search="_search_segment_ids",
        groups=STAFF_GROUPS,
        help="Worked out at this moment, among the segments that you may use.",
    )
    segment_member_ids = fields.One2many(
        "clinic.segment.member",
        "partner_id",
        string="Stays in segments",
        groups=STAFF_GROUPS,
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_segment_ids(self):
        """All segments in one statement, each looked up for these patients only."""
        Segment = self.env["clinic.segment"]
        found = {}
        patients = self._origin.filtered("is_patient")
        segments = (
            Segment.search(Domain.TRUE)
            if patients and Segment.has_access("read")
            else Segment
        )
        mine = Domain("id", "in", patients.ids)
        parts = [
            SQL(
                "SELECT %s::int AS segment_id, id AS partner_id FROM (%s) AS inside",
                segment.id,
                self.env["res.partner"]
                .with_context(active_test=False)
                ._search(mine & segment._patients_domain())
                .select(),
            )
            for segment in segments
        ]
        if parts:
            for segment_id, partner_id in self.env.execute_query(
                SQL(" UNION ALL ").join(parts)
            ):
                found.setdefault(partner_id, []).append(segment_id)
        for partner in self:
            partner.segment_ids = Segment.browse(found.get(partner._origin.id, ()))

    def _search_segment_ids(self, operator, value):
        Segment = self.env["clinic.segment"]
        if operator in ("not in", "not any"):
            wanted = self._segments_meant(operator[4:], value)
            return Domain.AND(segment._outside_domain() for segment in wanted)
        wanted = self._segments_meant(operator, value)
        if wanted is NotImplemented:
            return NotImplemented
        if operator == "in" and False in value:
            outside = Domain.AND(
                segment._outside_domain() for segment in Segment.search([])
            )
            return outside | Domain.OR(each._patients_domain() for each in wanted)
        return Domain.OR(segment._patients_domain() for segment in wanted)

    @api.model
    def _segments_meant(self, operator, value):
        """Return the segments of a condition, those that the user may use."""
        Segment = self.env["clinic.segment"]
        if operator == "in":
            return Segment.search([("id", "in", [each for each in value if each])])
        if operator == "any":
            return Segment.search(Domain(value))
        if operator in ("ilike", "like", "=ilike", "=like"):
            return Segment.search([("name", operator, value)])
        return NotImplemented
