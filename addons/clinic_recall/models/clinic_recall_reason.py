from odoo import fields, models


class ClinicRecallReason(models.Model):
    """Why patients did not come, did not book, declined, or are not called any more."""

    _name = "clinic.recall.reason"
    _description = "Reason of a recall"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("decline", "Declined"),
            ("missed", "Did not come"),
            ("not_booked", "Did not book"),
            ("close", "No next step is needed"),
        ],
        required=True,
        default="decline",
    )
