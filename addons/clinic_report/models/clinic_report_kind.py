from odoo import fields, models

from ..lib.report_life import POLICIES


class ClinicReportKind(models.Model):
    """A kind of reports, and how patients get it.

    FHIR R4 ``DiagnosticReport.code``. What may go online, when and for how long is
    decided here for all reports of the kind.
    """

    _name = "clinic.report.kind"
    _description = "Kind of reports"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    code = fields.Char(string="LOINC code", help="For the exchange with other systems.")
    release_policy = fields.Selection(
        POLICIES,
        string="Shown to the patient",
        required=True,
        default="after_review",
    )
    release_days = fields.Integer(
        string="After days",
        default=3,
        help="A doctor's review shows it earlier.",
    )
    never_online = fields.Boolean(
        help="Handed over in person only, as for HIV and genetic tests. Patients do "
        "not see online that there is one.",
    )
    online_days = fields.Integer(
        string="Days online",
        required=True,
        default=45,
        help="After that it is handed over at the desk or made available again.",
    )
    is_sensitive = fields.Boolean(
        string="Sensitive",
        help="From a certain age on, parents and guardians do not see it.",
    )
    sensitive_from_age = fields.Integer(
        string="From the age of",
        default=lambda self: self._default_sensitive_from_age(),
        help="From this birthday on only the patient sees it online.",
    )
    report_ids = fields.One2many("clinic.diagnostic.report", "kind_id")

    _days_possible = models.Constraint(
        "CHECK (online_days > 0 AND release_days >= 0)",
        "A report is online for a day at least, and not shown before it exists.",
    )
    _age_possible = models.Constraint(
        "CHECK (sensitive_from_age BETWEEN 0 AND 18)",
        "The age from which parents do not see it is 18 at most.",
    )
    _code_unique = models.UniqueIndex(
        "(code) WHERE code > '' AND active",
        "Another kind of reports has this LOINC code.",
    )

    def _default_sensitive_from_age(self):
        # sudo: ir.config_parameter - a setting of the site
        settings = self.env["ir.config_parameter"].sudo()
        return int(settings.get_param("clinic_patient.digital_consent_age", "14"))
