from odoo import api, fields, models

from ..lib import placeholders
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
        "res.partner", string="For", domain=[("is_patient", "=", True)]
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
            text = template._text(wizard.lang or patient.lang or self.env.lang)
            values = wizard._example(template.kind_id)
            if patient:
                values |= {
                    "first_name": patient.given_name or patient.name,
                    "name": patient.name,
                    "patient": patient.name,
                    "patient_first_name": patient.given_name or patient.name,
                }
            wizard.subject = placeholders.fill(text.subject, values)
            wizard.body = placeholders.fill(text.body, values)
            wizard.characters = len(wizard.body or "")
            wizard.parts = segments(wizard.body or "")
            wizard.price = sms.price * wizard.parts

    def _example(self, kind):
        """Values for names that stand for something else than the patient: the
        clinic's own, and for the rest what the name stands for."""
        company = self.env.company
        base = self.get_base_url()
        return {
            **{name: f"‹{words}›" for name, words in kind._placeholders().items()},
            "clinic": company.name,
            "clinic_phone": company.phone or "",
            "clinic_website": company.website or base,
            "portal_link": f"{base}/my",
            "stop_link": f"{base}/clinic/stop/…",
        }
