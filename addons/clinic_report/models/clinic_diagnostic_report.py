from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_patient.lib import birth_dates

from ..lib.report_life import COMPLETE, DELIVERIES, STATUSES, TRANSITIONS

#: Who reads what a report says; others of the staff see only how far it came.
REPORT_GROUPS = "clinic_report.group_clinic_report"
#: Written by the steps of a report only (:meth:`ClinicDiagnosticReport._set`).
OWN_STEPS = {
    "status",
    "issued",
    "final_on",
    "release_on",
    "reviewed_by_id",
    "reviewed_on",
    "online_until",
    "first_viewed_on",
    "handed_over_on",
    "is_desk_only",
    "reminded_on",
    "announced_on",
    "withdrawal_reason",
    "external_id",
    "source",
}
#: A moment before everything: guardians never see it.
NEVER = datetime(1970, 1, 1)


class ClinicDiagnosticReport(models.Model):
    """Results of an examination, on their way to the patient.

    FHIR R4 ``DiagnosticReport``. The kind says when they are shown; the patient, and
    who may read for the patient, get them in the portal through links that expire.
    """

    _name = "clinic.diagnostic.report"
    _description = "Diagnostic report"
    _inherit = ["clinic.gate", "mail.thread", "mail.activity.mixin"]
    _order = "effective_date desc, id desc"
    _rec_names_search = ["name", "patient_id"]
    _check_company_auto = True

    name = fields.Char(string="Number", readonly=True, copy=False)
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        domain=[("is_patient", "=", True)],
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    kind_id = fields.Many2one(
        "clinic.report.kind", required=True, index=True, ondelete="restrict"
    )
    status = fields.Selection(
        STATUSES,
        required=True,
        readonly=True,
        default="registered",
        copy=False,
        tracking=True,
    )
    effective_date = fields.Date(
        string="Examined on",
        required=True,
        default=fields.Date.context_today,
        help="When the sample was taken or the picture made.",
    )
    doctor_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        domain=[("share", "=", False)],
        tracking=True,
        help="Who reads it first, reviews it and talks to the patient.",
    )
    performer_id = fields.Many2one(
        "clinic.practitioner",
        index="btree_not_null",
        check_company=True,
        help="Who examined: FHIR DiagnosticReport.performer.",
    )
    conclusion = fields.Text(
        groups=REPORT_GROUPS, help="In words for the patient, who reads it online."
    )
    is_abnormal = fields.Boolean(
        string="Needs attention",
        groups=REPORT_GROUPS,
        help="The doctor is told early when the patient does not read it.",
    )
    source = fields.Char(readonly=True, copy=False, default="upload")
    external_id = fields.Char(
        string="Number in the other system", readonly=True, copy=False
    )
    version_ids = fields.One2many(
        "clinic.diagnostic.report.version", "report_id", string="Files", readonly=True
    )
    version_count = fields.Integer(compute="_compute_version")
    current_version_id = fields.Many2one(
        "clinic.diagnostic.report.version", compute="_compute_version"
    )
    final_on = fields.Datetime(string="Complete since", readonly=True, copy=False)
    reviewed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    reviewed_on = fields.Datetime(readonly=True, copy=False)
    release_on = fields.Datetime(string="Shown from", readonly=True, copy=False)
    issued = fields.Datetime(
        string="Shown since",
        readonly=True,
        copy=False,
        help="When the patient could first open the version of today.",
    )
    online_until = fields.Datetime(readonly=True, copy=False)
    announced_on = fields.Datetime(readonly=True, copy=False)
    first_viewed_on = fields.Datetime(string="First read", readonly=True, copy=False)
    handed_over_on = fields.Datetime(readonly=True, copy=False)
    is_desk_only = fields.Boolean(
        string="Not online",
        readonly=True,
        copy=False,
        help="The patient has not agreed to reports online: it is handed over.",
    )
    reminded_on = fields.Datetime(readonly=True, copy=False)
    withdrawal_reason = fields.Char(readonly=True, copy=False)
    guardian_stop = fields.Datetime(
        compute="_compute_guardian_stop",
        store=True,
        help="From this moment on guardians do not see it.",
    )
    delivery = fields.Selection(
        DELIVERIES,
        compute="_compute_delivery",
        store=True,
        index=True,
        group_expand=True,
    )
    access_ids = fields.One2many("clinic.report.access", "report_id", readonly=True)

    _delivered_once = models.UniqueIndex(
        "(source, external_id) WHERE external_id IS NOT NULL",
        "This report has arrived already.",
    )
    _issued_whole = models.Constraint(
        "CHECK (issued IS NULL OR online_until IS NOT NULL)",
        "A report that is shown has a last day.",
    )
    _patient_issued = models.Index("(patient_id, issued DESC)")
    _to_release = models.Index("(release_on) WHERE issued IS NULL")

    @api.depends("version_ids.number")
    def _compute_version(self):
        for report in self:
            report.version_count = len(report.version_ids)
            report.current_version_id = report.version_ids.sorted("number")[-1:]

    @api.depends("name", "kind_id")
    def _compute_display_name(self):
        for report in self:
            number = report.name or self.env._("New report")
            report.display_name = f"{number} · {report.kind_id.name or ''}"

    @api.depends(
        "patient_id.birth_date", "kind_id.is_sensitive", "kind_id.sensitive_from_age"
    )
    def _compute_guardian_stop(self):
        """The midnight of the birthday, on the clinic's clock."""
        for report in self:
            kind = report.kind_id
            if not kind.is_sensitive:
                report.guardian_stop = False
                continue
            # sudo: res.partner - the moment follows from the card, whoever looks
            born = report.patient_id.sudo().birth_date
            report.guardian_stop = (
                self._midnight(birth_dates.birthday(born, kind.sensitive_from_age))
                if born
                else NEVER
            )

    @api.model
    def _midnight(self, day):
        """The moment a day begins at the clinic, in UTC."""
        zone = pytz.timezone(self.env["res.partner"]._clinic_tz())
        begin = zone.localize(datetime.combine(day, time.min))
        return begin.astimezone(pytz.utc).replace(tzinfo=None)

    @api.depends(
        "status",
        "issued",
        "online_until",
        "release_on",
        "first_viewed_on",
        "handed_over_on",
        "is_desk_only",
        "kind_id.never_online",
    )
    def _compute_delivery(self):
        now = clock.now()
        for report in self:
            report.delivery = report._find_delivery(now)

    def _find_delivery(self, now):
        self.ensure_one()
        if self.status == "withdrawn":
            return "withdrawn"
        if self.status not in COMPLETE:
            return "preparing"
        if self.handed_over_on:
            return "handed_over"
        if self.kind_id.never_online or self.is_desk_only:
            return "desk"
        if self.issued:
            if self.first_viewed_on:
                return "read"
            return "ready" if self.online_until > now else "ended"
        return "scheduled" if self.release_on else "review"

    @api.constrains("patient_id")
    def _check_patient(self):
        self.patient_id._check_is_patient()

    @api.model_create_multi
    def create(self, vals_list):
        """Number the reports; what the steps write is not taken from outside."""
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if not self.env.su:
                for name in OWN_STEPS & vals.keys():
                    del vals[name]
        self._check_given(vals_list)
        for vals in vals_list:
            if not vals.get("name"):
                # sudo: ir.sequence - whoever may write a report may number it
                sequence = self.env["ir.sequence"].sudo()
                vals["name"] = sequence.next_by_code("clinic.diagnostic.report")
        reports = super(ClinicDiagnosticReport, self._ours()).create(vals_list)
        return reports.with_env(self.env)

    def write(self, vals):
        """Keep the steps in order, and a report that was shown with its patient.

        :raises AccessError: a field that only a step writes
        :raises UserError: the report of another patient cannot become this one's
        """
        self.check_access("write")
        if not self.env.su and OWN_STEPS & vals.keys():
            raise AccessError(
                self.env._("Use the buttons of the report to take it further.")
            )
        if not self.env.su and "kind_id" in vals and any(self.mapped("issued")):
            raise UserError(
                self.env._(
                    "The kind decides who sees a report: withdraw one that was shown "
                    "and upload it again."
                )
            )
        if not self.env.su and "patient_id" in vals:
            for report in self.filtered("issued"):
                if report.patient_id.id != vals["patient_id"]:
                    raise UserError(
                        self.env._(
                            "%(report)s was shown to a patient already. Withdraw it "
                            "and upload the file again for the right patient.",
                            report=report.name,
                        )
                    )
        return super().write(vals)

    def _set(self, **vals):
        """Write what belongs to a step, once the user may change the reports."""
        self.check_access("write")
        # sudo: clinic.diagnostic.report - write() keeps these fields for the steps
        return self.sudo().write(vals)

    def _enter(self, status, **vals):
        """Put reports into a status.

        :raises UserError: it cannot follow the present one
        """
        names = dict(self._fields["status"]._description_selection(self.env))
        for report in self:
            if status not in {report.status} | TRANSITIONS[report.status]:
                raise UserError(
                    self.env._(
                        "A report that is “%(old)s” cannot become “%(new)s”.",
                        old=names[report.status],
                        new=names[status],
                    )
                )
        return self._set(status=status, **vals)
