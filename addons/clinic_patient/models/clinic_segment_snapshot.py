from odoo import fields, models
from odoo.exceptions import UserError


class ClinicSegmentSnapshot(models.Model):
    """A moment at which it was recorded who belongs to a segment."""

    _name = "clinic.segment.snapshot"
    _description = "Segment snapshot"
    _order = "date desc, id desc"
    _rec_name = "date"

    segment_id = fields.Many2one(
        "clinic.segment", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        string="By",
        readonly=True,
        required=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    size = fields.Integer(string="Patients", readonly=True, aggregator=None)
    entered_count = fields.Integer(string="Entered", readonly=True)
    left_count = fields.Integer(string="Left", readonly=True)

    def action_open_entered(self):
        """Open the patients who came in with this snapshot."""
        return self._open(
            "entered_id", self.env._("Entered %(name)s", name=self.segment_id.name)
        )

    def action_open_left(self):
        """Open the patients who were gone at this snapshot."""
        return self._open(
            "left_id", self.env._("Left %(name)s", name=self.segment_id.name)
        )

    def _open(self, field, name):
        self.ensure_one()
        if not self.segment_id.has_access("read"):
            raise UserError(self.env._("This segment is not shared with you."))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_patient.clinic_segment_patients_action"
        )
        return dict(
            action,
            name=name,
            display_name=name,
            domain=[("segment_member_ids", "any", [(field, "=", self.id)])],
        )
