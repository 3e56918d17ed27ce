from odoo import fields, models


class BenchThreadMessage(models.Model):
    """A log of messages as one writes it first: mail.thread with a tracked state.

    It has the columns that the INSERT .. SELECT of the bench fills, no more.
    """

    _name = "bench.thread.message"
    _inherit = ["mail.thread"]
    _description = "Message of the bench"

    direction = fields.Char()
    channel = fields.Char()
    kind_id = fields.Many2one("clinic.message.kind", index=True)
    purpose = fields.Char()
    company_id = fields.Many2one("res.company")
    patient_id = fields.Many2one("res.partner", index=True)
    recipient_id = fields.Many2one("res.partner", index=True)
    address = fields.Char(index=True)
    lang = fields.Char()
    zone = fields.Char()
    step = fields.Char()
    key = fields.Char(index=True)
    uuid = fields.Char(index=True)
    provider_id = fields.Many2one("clinic.message.provider", index=True)
    state = fields.Char(tracking=True)
    attempts = fields.Integer()
    due = fields.Datetime(index=True)
    expires_at = fields.Datetime()
    queued_at = fields.Datetime()
    user_id = fields.Many2one("res.users")
    is_paused = fields.Boolean()

    _key_unique = models.UniqueIndex("(key)")
