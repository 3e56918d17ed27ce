from odoo import api, fields, models


class ClinicConsentKind(models.Model):
    """What patients are asked to agree to; FHIR R4 ``Consent.category``."""

    _name = "clinic.consent.kind"
    _description = "Kind of consent"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="By this word other parts of the suite ask for the consent.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_notice = fields.Boolean(
        string="Only a notice",
        help="The patient confirms to have read it. It cannot be withdrawn.",
    )
    in_portal = fields.Boolean(
        string="In the portal",
        default=True,
        help="Patients, and guardians who may sign, decide about it in the portal.",
    )
    text_ids = fields.One2many("clinic.consent.text", "kind_id", string="Texts")

    _code_unique = models.UniqueIndex("(code)", "There is a kind with this code.")

    @api.model
    def _by_code(self, code):
        """Return the kind with this code, in use or not; empty when there is none."""
        # sudo: clinic.consent.kind - a kind is no secret, and rules ask for it
        return self.sudo().with_context(active_test=False).search([("code", "=", code)])

    def _text(self, lang=None):
        """Return the version of the text in force, in the language asked for.

        English, and then any language, stand in for one that has no text.
        """
        self.ensure_one()
        # sudo: clinic.consent.text - whoever is asked may read what about
        texts = self.sudo().text_ids
        wanted = [lang or self.env.lang, self.env.lang, "en_US"]
        for code in wanted:
            found = texts.filtered(lambda text, code=code: text.lang == code)
            if found:
                return found.sorted("version")[-1]
        return texts.sorted("version")[-1:]
