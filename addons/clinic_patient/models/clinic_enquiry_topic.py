from odoo import fields, models


class ClinicEnquiryTopic(models.Model):
    """What people ask about, in their own words."""

    _name = "clinic.enquiry.topic"
    _description = "Topic of enquiries"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_public = fields.Boolean(
        string="On the website",
        default=True,
        help="People who ask on the website can choose it.",
    )
