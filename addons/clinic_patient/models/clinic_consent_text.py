import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicConsentText(models.Model):
    """A version of what patients read before they agree, in one language.

    A version somebody decided about is never rewritten: a change is a new version.
    """

    _name = "clinic.consent.text"
    _description = "Text of a consent"
    _inherit = ["clinic.gate"]
    _order = "kind_id, lang, version desc"

    kind_id = fields.Many2one(
        "clinic.consent.kind", required=True, index=True, ondelete="restrict"
    )
    lang = fields.Selection(
        lambda self: self._languages(),
        string="Language",
        required=True,
        default=lambda self: self.env.lang or "en_US",
    )
    version = fields.Integer(
        compute="_compute_version", store=True, readonly=True, precompute=True
    )
    text = fields.Html(required=True)

    _version_unique = models.UniqueIndex(
        "(kind_id, lang, version)", "There is such a version already: save once more."
    )

    @api.model
    def _languages(self):
        """``[(code, name)]`` of all languages: a text may wait for its screens."""
        # sudo: res.lang - names of languages are no secret
        languages = self.env["res.lang"].sudo().with_context(active_test=False)
        found = languages.search_fetch([("code", "!=", False)], ["code", "name"])
        return [(language.code, language.name) for language in found]

    @api.depends("kind_id", "lang")
    def _compute_version(self):
        for text in self:
            if text.version:
                continue
            latest = self.search(
                [("kind_id", "=", text.kind_id.id), ("lang", "=", text.lang)],
                order="version desc",
                limit=1,
            )
            text.version = (latest.version or 0) + 1

    @api.depends("kind_id.name", "lang", "version")
    def _compute_display_name(self):
        for text in self:
            text.display_name = self.env._(
                "%(kind)s, version %(version)s (%(lang)s)",
                kind=text.kind_id.name or "",
                version=text.version,
                lang=text.lang,
            )

    def _shown_mark(self):
        """What a page carries of the text it showed: number, and digest of its words.

        A text that nobody decided about yet may be rewritten under the same number.
        """
        if not self:
            return ""
        words = hashlib.sha256(str(self.text).encode()).hexdigest()[:16]
        return f"{self.id}-{words}"

    def write(self, vals):
        """Change a text nobody decided about yet.

        :raises UserError: somebody did
        """
        if {"text", "kind_id", "lang", "version"} & vals.keys():
            self._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused()

    def _check_unused(self):
        # sudo: clinic.consent - whether anybody decided, whoever asks
        if (
            self.env["clinic.consent"]
            .sudo()
            .search_count([("text_id", "in", self.ids)], limit=1)
        ):
            raise UserError(
                self.env._(
                    "Patients have decided about this version: make a new one instead."
                )
            )
