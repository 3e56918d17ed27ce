from odoo import fields, models


class ClinicReportUploadLine(models.TransientModel):
    """One file that is about to be uploaded, and whose it seems to be."""

    _name = "clinic.report.upload.line"
    _description = "File of an upload of reports"

    upload_id = fields.Many2one(
        "clinic.report.upload", required=True, ondelete="cascade"
    )
    file_id = fields.Many2one("ir.attachment", required=True, ondelete="cascade")
    name = fields.Char(related="file_id.name", string="File name")
    patient_id = fields.Many2one("res.partner", domain=[("is_patient", "=", True)])
    birth_date = fields.Date(related="patient_id.birth_date")
    proposal = fields.Char(string="Why this patient", readonly=True)
    problem = fields.Char(readonly=True)
