from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib import placeholders
from ..lib.channels import CHANNELS

#: What texts are for: by it they are found.
THEMES = [
    ("visit", "Visits"),
    ("before", "Before a procedure"),
    ("after", "After a procedure"),
    ("recall", "Recalls and follow-up"),
    ("greeting", "Birthdays and holidays"),
    ("tip", "Health tips and seasons"),
    ("offer", "Promotions"),
    ("service", "Codes, payments, reports"),
]


class ClinicMessageTemplate(models.Model):
    """What is written to patients, in each language.

    The languages are rows and not translations: a clinic writes to patients in
    languages that its own screens need not speak.
    """

    _name = "clinic.message.template"
    _description = "Text for messages"
    _order = "category, sequence, name, id"

    name = fields.Char(required=True, translate=True)
    kind_id = fields.Many2one(
        "clinic.message.kind", required=True, index=True, ondelete="cascade"
    )
    channel = fields.Selection(CHANNELS, help="Empty: for every channel.")
    category = fields.Selection(THEMES, string="Theme", required=True, default="visit")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    text_ids = fields.One2many("clinic.message.text", "template_id", copy=True)
    mail_template_id = fields.Many2one(
        "mail.template",
        string="E-mail layout",
        ondelete="set null",
        help="E-mails take their content from it instead of the text.",
    )
    provider_name = fields.Char(
        string="Approved name",
        help="The name under which WhatsApp, or a provider of SMS in China, approved "
        "this text. Without it WhatsApp takes the text only within 24 hours of the "
        "patient's last message.",
    )
    placeholder_help = fields.Html(compute="_compute_placeholder_help")
    excerpt = fields.Char(
        string="How it begins", compute="_compute_excerpt", help="In your language."
    )
    language_count = fields.Integer(
        string="Languages", compute="_compute_language_count"
    )

    @api.depends("kind_id")
    def _compute_placeholder_help(self):
        for template in self:
            names = template.kind_id._placeholders() if template.kind_id else {}
            template.placeholder_help = self.env["ir.qweb"]._render(
                "clinic_message.placeholder_help", {"names": names}
            )

    @api.depends("text_ids.body")
    @api.depends_context("lang")
    def _compute_excerpt(self):
        for template in self:
            body = template._text(self.env.lang).body or ""
            template.excerpt = " ".join(body.split())[:160]

    @api.depends("text_ids")
    def _compute_language_count(self):
        for template in self:
            template.language_count = len(template.text_ids)

    @api.constrains("kind_id", "text_ids")
    def _check_texts(self):
        self.text_ids._check_placeholders()

    def _text(self, lang):
        """Return the text in a language; English, then any, stand in for a missing one.

        The language of another country comes before English: ``it_CH`` reads ``it_IT``.

        :param str lang: code such as ``it_IT``
        :returns: ``clinic.message.text``, perhaps empty
        """
        self.ensure_one()
        texts = self.text_ids
        wanted = lang or "en_US"
        return (
            texts.filtered(lambda text: text.lang == wanted)
            or texts.filtered(lambda text: text.lang[:2] == wanted[:2])
            or texts.filtered(lambda text: text.lang[:2] == "en")
            or texts
        )[:1]

    def _example(self, patient=None, lang=None):
        """Return ``(subject, body)`` as a patient would read them.

        :param patient: res.partner, or nobody
        :param str lang: instead of the patient's
        """
        self.ensure_one()
        text = self._text(lang or (patient and patient.lang) or self.env.lang)
        return self._filled(text.subject, patient), self._filled(text.body, patient)

    def _filled(self, words, patient=None):
        """Return words of this text with their names filled in.

        What stands behind other names than the patient's and the clinic's is told in
        words.
        """
        company, base = self.env.company, self.get_base_url()
        names = self.kind_id._placeholders()
        values = {
            **{name: f"‹{words}›" for name, words in names.items()},
            "clinic": company.name,
            "clinic_phone": company.phone or "",
            "clinic_website": company.website or base,
            "portal_link": f"{base}/my",
            "stop_link": f"{base}/clinic/stop/…",
        }
        if patient:
            values |= {
                "first_name": patient.given_name or patient.name,
                "name": patient.name,
                "patient": patient.name,
                "patient_first_name": patient.given_name or patient.name,
            }
        return placeholders.fill(words, values)

    @api.model
    def _check_names(self, kind, text):
        """Refuse a text with a name that nothing stands behind.

        :raises ValidationError: names the first one and all that may be used
        """
        known = kind._placeholders()
        for name in placeholders.names(text):
            if name not in known:
                raise ValidationError(
                    self.env._(
                        "“{%(name)s}” means nothing in “%(kind)s”. These may be used: "
                        "%(known)s. Write {{ for a brace.",
                        name=name,
                        kind=kind.name,
                        known=", ".join(f"{{{each}}}" for each in known),
                    )
                )
