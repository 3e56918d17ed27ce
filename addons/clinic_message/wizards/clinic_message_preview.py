from odoo import api, fields, models

from ..lib.sms_text import segments


class ClinicMessagePreview(models.TransientModel):
    """A text as a real patient would read it: language, length, parts and price."""

    _name = "clinic.message.preview"
    _description = "Preview of a text"

    template_id = fields.Many2one(
        "clinic.message.template",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    patient_id = fields.Many2one(
        "res.partner", string="For the patient", domain=[("is_patient", "=", True)]
    )
    lang = fields.Char(string="Language", help="Empty: the patient's.")
    subject = fields.Char(compute="_compute_text")
    body = fields.Text(compute="_compute_text")
    characters = fields.Integer(compute="_compute_text")
    parts = fields.Integer(string="SMS parts", compute="_compute_text")
    price = fields.Float(string="As SMS", compute="_compute_text", digits=(12, 5))

    @api.depends("patient_id", "template_id", "lang")
    def _compute_text(self):
        sms = self.env["clinic.message.provider"].search(
            [("channel", "=", "sms")], limit=1
        )
        for wizard in self:
            template, patient = wizard.template_id, wizard.patient_id
            wizard.subject, wizard.body = template._example(patient, wizard.lang)
            wizard.characters = len(wizard.body or "")
            wizard.parts = segments(wizard.body or "")
            wizard.price = sms.price * wizard.parts
