from odoo import api, fields, models


class ClinicMessageReportCount(models.Model):
    """The reports of a provider in the current minute."""

    _name = "clinic.message.report.count"
    _description = "Reports of a provider"
    _log_access = False
    _rec_name = "provider_id"

    provider_id = fields.Many2one(
        "clinic.message.provider", required=True, ondelete="cascade"
    )
    minute = fields.Datetime(required=True)
    hits = fields.Integer(required=True)

    _provider_unique = models.UniqueIndex("(provider_id)")

    @api.depends("provider_id")
    def _compute_display_name(self):
        for count in self:
            count.display_name = str(count.provider_id.id)
