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


class ResPartner(models.Model):
    """The visits of a patient, for the rules that ask who treats whom."""

    _inherit = "res.partner"

    appointment_ids = fields.One2many(
        "clinic.appointment",
        "patient_id",
        string="All visits",
        groups="clinic_patient.group_clinic_user",
    )
