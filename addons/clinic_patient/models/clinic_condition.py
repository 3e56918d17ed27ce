from odoo import api, fields, models


class ClinicCondition(models.Model):
    """A diagnosis or risk from the classification the clinic uses (ICD-10)."""

    _name = "clinic.condition"
    _description = "Condition"
    _order = "code, name"
    _rec_names_search = ["code", "name"]

    code = fields.Char(required=True, help="Code in ICD-10, for example E11.")
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)

    _code_unique = models.UniqueIndex("(code)", "This code is in the list already.")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for condition in self:
            condition.display_name = f"{condition.code} {condition.name}"
