from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.sms_text import segments


class ClinicMessageText(models.Model):
    """A text in one language."""

    _name = "clinic.message.text"
    _description = "Text for messages in one language"
    _order = "template_id, lang"
    _rec_name = "lang"

    template_id = fields.Many2one(
        "clinic.message.template", required=True, index=True, ondelete="cascade"
    )
    lang = fields.Char(
        string="Language", required=True, default="en_US", help="Code such as it_IT."
    )
    language_name = fields.Char(compute="_compute_language_name")
    subject = fields.Char(help="Of an e-mail, a letter or a push.")
    body = fields.Text(required=True)
    segments = fields.Integer(
        string="SMS parts",
        compute="_compute_segments",
        help="What the text costs as an SMS, names in braces counted as they stand.",
    )

    _language_once = models.UniqueIndex(
        "(template_id, lang)", "The text is written in this language already."
    )

    @api.depends("lang")
    def _compute_language_name(self):
        names = self._languages()
        for text in self:
            text.language_name = names.get(text.lang, text.lang)

    @api.depends("body")
    def _compute_segments(self):
        for text in self:
            text.segments = segments(text.body or "")

    @api.constrains("subject", "body")
    def _check_placeholders(self):
        for text in self:
            check = text.template_id._check_names
            check(text.template_id.kind_id, text.subject)
            check(text.template_id.kind_id, text.body)

    @api.constrains("lang")
    def _check_lang(self):
        known = self._languages()
        for text in self:
            if text.lang not in known:
                raise ValidationError(
                    self.env._(
                        "“%(code)s” is no language. Write a code such as it_IT.",
                        code=text.lang,
                    )
                )

    @api.model
    def _languages(self):
        """Return ``{code: name}`` of all languages, those of the screens or not."""
        # sudo: res.lang - names of languages are no secret
        languages = self.env["res.lang"].sudo().with_context(active_test=False)
        found = languages.search_fetch([("code", "!=", False)], ["code", "name"])
        return {language.code: language.name for language in found}
