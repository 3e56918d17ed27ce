from odoo import api, fields, models


class ClinicPatientImportSheet(models.Model):
    """A sheet of a spreadsheet that is imported, or a table of a page."""

    _name = "clinic.patient.import.sheet"
    _description = "Sheet of an import"
    _order = "number"

    import_id = fields.Many2one(
        "clinic.patient.import", required=True, index=True, ondelete="cascade"
    )
    number = fields.Integer(required=True, readonly=True)
    name = fields.Char(readonly=True)
    is_hidden = fields.Boolean(readonly=True)
    is_filled = fields.Boolean(readonly=True)

    _number_unique = models.UniqueIndex("(import_id, number)")

    @api.depends("name", "number", "is_hidden", "is_filled")
    def _compute_display_name(self):
        for sheet in self:
            name = sheet.name or str(sheet.number + 1)
            if not sheet.is_filled:
                name = self.env._("%(sheet)s (empty)", sheet=name)
            elif sheet.is_hidden:
                name = self.env._("%(sheet)s (hidden)", sheet=name)
            sheet.display_name = name
