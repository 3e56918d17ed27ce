from odoo import fields, models


class ClinicPatientImportCorrectionCell(models.TransientModel):
    """A cell of a line of an import, as it stands and as it is to be read."""

    _name = "clinic.patient.import.correction.cell"
    _description = "Cell of a line to correct"
    _order = "number"

    correction_id = fields.Many2one(
        "clinic.patient.import.correction", required=True, ondelete="cascade"
    )
    number = fields.Integer(required=True)
    header = fields.Char(string="Column", readonly=True)
    holds = fields.Char(readonly=True)
    text = fields.Char(string="In the file")
