from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib import tax_code
from ..lib.roles import PERSON_GROUPS, STAFF_GROUPS


class ResPartner(models.Model):
    """The patient card: the tax code, and whether it tells of the same person."""

    _inherit = "res.partner"

    tax_code = fields.Char(
        string="Tax code",
        copy=False,
        help="As written on the document. Empty for people who have none.",
        groups=PERSON_GROUPS,
    )
    tax_code_base = fields.Char(
        string="Tax code without omocodia",
        compute="_compute_tax_code_base",
        store=True,
        index="btree_not_null",
        groups=STAFF_GROUPS,
        help="The one spelling shared by all variants of the code.",
    )
    tax_code_warning = fields.Char(
        compute="_compute_tax_code_warning", groups=STAFF_GROUPS
    )

    _tax_code_unique = models.UniqueIndex(
        "(tax_code_base, COALESCE(company_id, 0))"
        " WHERE is_patient IS TRUE AND active IS TRUE AND identity_state = 'confirmed'"
        " AND tax_code_base > ''",
        "Another patient has this tax code. Open that card; if this is really somebody "
        "else, set the identity of the new card to 'To review' until it is settled.",
    )

    def _tax_code_country(self):
        """Return the ISO code of the country whose rules the code follows."""
        company = self.company_id or self.env.company
        return company.country_id.code

    @api.depends("tax_code", "company_id.country_id")
    def _compute_tax_code_base(self):
        for partner in self:
            partner.tax_code_base = (
                tax_code.base(partner.tax_code, partner._tax_code_country()) or False
            )

    @api.depends(
        "tax_code", "family_name", "given_name", "middle_name", "birth_date", "sex"
    )
    @api.depends_context("lang", "company")
    def _compute_tax_code_warning(self):
        for partner in self:
            partner.tax_code_warning = partner._tax_code_problem()

    def _tax_code_problem(self):
        """Return what is wrong with the code in words, False when nothing is."""
        code = tax_code.compact(self.tax_code)
        country = self._tax_code_country()
        return self._tax_code_wrong(code, country) or self._tax_code_disagrees(
            code,
            country,
            self.family_name,
            self.given_name,
            self.birth_date,
            self.sex,
        )

    @api.model
    def _tax_code_wrong(self, code, country):
        """Return why ``code`` is no tax code of the country, in words, or False."""
        if len(code) > 40:
            return self._tax_code_invalid_message("length")
        checker = code and tax_code.find_checker(code, country)
        if not checker:
            return False
        try:
            checker.validate(code)
        except tax_code.InvalidTaxCode as error:
            return self._tax_code_invalid_message(error.reason)
        return False

    @api.model
    def _tax_code_disagrees(self, code, country, family, given, born, sex):
        """Return with what of a person a valid code does not agree, in words."""
        checker = code and tax_code.find_checker(code, country)
        found = checker and checker.mismatches(code, family, given, born, sex)
        if not found:
            return False
        labels = [
            self._fields[name].get_description(self.env)["string"] for name in found
        ]
        return self.env._(
            "The tax code does not agree with: %(fields)s. Check them on the document.",
            fields=", ".join(labels),
        )

    def _tax_code_invalid_message(self, reason):
        if reason == "length":
            return self.env._(
                "The tax code has the wrong number of characters. Type it as it stands "
                "on the document; a foreign number goes into National health number."
            )
        return self.env._(
            "The tax code is mistyped: its check character does not fit. Compare it "
            "with the document; a foreign number goes into National health number."
        )

    @api.constrains("tax_code")
    def _check_tax_code(self):
        for partner in self.filtered("tax_code"):
            code = tax_code.compact(partner.tax_code)
            if problem := self._tax_code_wrong(code, partner._tax_code_country()):
                raise ValidationError(problem)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_tax_code(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._prepare_tax_code(vals))

    @api.model
    def _prepare_tax_code(self, vals):
        if vals.get("tax_code"):
            return dict(vals, tax_code=tax_code.compact(vals["tax_code"]) or False)
        return vals

    @api.onchange("tax_code")
    def _onchange_tax_code(self):
        if self.tax_code:
            self.tax_code = tax_code.compact(self.tax_code)
