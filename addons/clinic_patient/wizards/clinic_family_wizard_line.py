from odoo import api, fields, models


class ClinicFamilyWizardLine(models.TransientModel):
    """One new member of the family."""

    _name = "clinic.family.wizard.line"
    _description = "Family member to add"

    wizard_id = fields.Many2one(
        "clinic.family.wizard", required=True, ondelete="cascade", index=True
    )
    relation = fields.Selection(
        [
            ("child", "Child"),
            ("parent", "Parent"),
            ("sibling", "Brother or sister"),
            ("spouse", "Spouse or partner"),
            ("relative", "Other relative"),
        ],
        required=True,
        default="child",
        help="What the new person is to the patient of the card.",
    )
    family_name = fields.Char(string="Family name", required=True)
    given_name = fields.Char(string="Given name", required=True)
    birth_date = fields.Date(string="Birth date")
    sex = fields.Selection(
        selection=lambda self: (
            self.env["res.partner"]._fields["sex"]._description_selection(self.env)
        )
    )
    tax_code = fields.Char(string="Tax code")
    duplicate_warning = fields.Char(compute="_compute_duplicate_warning")

    @api.depends("family_name", "given_name", "birth_date", "tax_code", "wizard_id")
    def _compute_duplicate_warning(self):
        for line in self:
            found = self.env["res.partner"]._find_duplicates(
                {
                    "family_name": line.family_name,
                    "given_name": line.given_name,
                    "birth_date": line.birth_date,
                    "tax_code": line.tax_code,
                }
            )
            line.duplicate_warning = "; ".join(
                card._duplicate_label() for card in found[:3]
            )
