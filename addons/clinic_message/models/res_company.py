from odoo import fields, models

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class ResCompany(models.Model):
    """When a clinic writes, and how often."""

    _inherit = "res.company"

    clinic_quiet_marketing_start = fields.Float(
        string="No news and offers from", default=21.0, groups=STAFF_GROUPS
    )
    clinic_quiet_marketing_end = fields.Float(
        string="No news and offers until", default=9.0, groups=STAFF_GROUPS
    )
    clinic_quiet_care_start = fields.Float(
        string="No messages from", default=22.0, groups=STAFF_GROUPS
    )
    clinic_quiet_care_end = fields.Float(
        string="No messages until", default=7.0, groups=STAFF_GROUPS
    )
    clinic_message_cap = fields.Integer(
        string="News and offers to a person",
        default=3,
        help="0: no limit.",
        groups=STAFF_GROUPS,
    )
    clinic_message_cap_days = fields.Integer(
        string="In days", default=7, groups=STAFF_GROUPS
    )

    _clinic_hours = models.Constraint(
        "CHECK (clinic_quiet_marketing_start >= 0 AND clinic_quiet_marketing_start < 24"
        " AND clinic_quiet_marketing_end >= 0 AND clinic_quiet_marketing_end < 24"
        " AND clinic_quiet_care_start >= 0 AND clinic_quiet_care_start < 24"
        " AND clinic_quiet_care_end >= 0 AND clinic_quiet_care_end < 24)",
        "Quiet hours lie between 00:00 and 23:59.",
    )
    _clinic_cap = models.Constraint(
        "CHECK (clinic_message_cap >= 0 AND clinic_message_cap_days > 0)",
        "Write how many messages in how many days; 0 messages for no limit.",
    )
