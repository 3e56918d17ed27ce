from odoo import api, fields, models

from ..lib import import_headers


class ClinicPatientImportColumn(models.Model):
    """A column of a file, and the field of the card that it fills."""

    _name = "clinic.patient.import.column"
    _description = "Column of an import"
    _order = "number"

    import_id = fields.Many2one(
        "clinic.patient.import", required=True, index=True, ondelete="cascade"
    )
    number = fields.Integer(string="Column number", required=True, readonly=True)
    letter = fields.Char(string="Column", compute="_compute_letter")
    header = fields.Char(readonly=True)
    sample_1 = fields.Char(string="First line", readonly=True)
    sample_2 = fields.Char(string="Second line", readonly=True)
    sample_3 = fields.Char(string="Third line", readonly=True)
    field = fields.Selection(
        "_selection_field",
        string="Holds",
        help="Empty: this column is left out.",
    )

    _number_unique = models.UniqueIndex("(import_id, number)")

    @api.depends("number")
    def _compute_letter(self):
        for column in self:
            column.letter = import_headers.letter(column.number)

    @api.model
    def _selection_field(self):
        """The fields that can be imported, as the card calls them."""
        card = self.env["res.partner"]._fields
        labels = {
            "name": self.env._("Whole name"),
            "phone": self.env._("Mobile phone"),
            "phone_home": self.env._("Home phone"),
            "phone_work": self.env._("Work phone"),
            "state": self.env._("State or province"),
            "country": self.env._("Country"),
            "clinic_note": self.env._("Notes"),
        }
        return [
            (name, labels.get(name) or card[name].get_description(self.env)["string"])
            for name in import_headers.FIELDS
        ]
