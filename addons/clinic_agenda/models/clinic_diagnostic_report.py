from odoo import fields, models


class ClinicDiagnosticReport(models.Model):
    """A report has a performer, and doctors see those of the patients they treat."""

    _inherit = "clinic.diagnostic.report"

    performer_id = fields.Many2one(
        "clinic.practitioner",
        index="btree_not_null",
        check_company=True,
        help="Who examined: FHIR DiagnosticReport.performer.",
    )
