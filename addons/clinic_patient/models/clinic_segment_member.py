from odoo import fields, models


class ClinicSegmentMember(models.Model):
    """A stay of a patient in a segment, from one snapshot to another.

    Snapshots share these rows: what did not change between two is stored once.
    """

    _name = "clinic.segment.member"
    _description = "Patient in a segment"
    _log_access = False
    _order = "id desc"
    _rec_name = "partner_id"

    segment_id = fields.Many2one(
        "clinic.segment", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Patient",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    entered_id = fields.Many2one(
        "clinic.segment.snapshot",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    left_id = fields.Many2one(
        "clinic.segment.snapshot",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    _inside_once = models.UniqueIndex("(segment_id, partner_id) WHERE left_id IS NULL")
