from odoo import fields, models

from odoo.addons.clinic_message.lib.channels import CHANNELS
from odoo.addons.clinic_message.lib.states import REASONS

#: What the campaign itself knows, before the rules of messages are asked.
OWN_REASONS = [
    ("gets", "Gets it"),
    ("has_visit", "Has a visit already"),
    ("contacted", "Was written to lately"),
]


class ClinicRecallCampaignMember(models.Model):
    """One patient of a mass recall: gets it, or does not and why."""

    _name = "clinic.recall.campaign.member"
    _description = "Patient of a mass recall"
    _log_access = False
    _order = "id"
    _rec_name = "patient_id"

    campaign_id = fields.Many2one(
        "clinic.recall.campaign", required=True, readonly=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    reason = fields.Selection(
        OWN_REASONS + REASONS, string="Gets it, or why not", readonly=True
    )
    channel = fields.Selection(CHANNELS, readonly=True)
    company_id = fields.Many2one(related="campaign_id.company_id")

    _patient_once = models.UniqueIndex("(campaign_id, patient_id)")
