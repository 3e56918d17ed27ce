from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.clinic_patient.lib import tax_code

from ..lib import report_file


class ClinicReportUpload(models.TransientModel):
    """Uploads one or several files; each is shown with the patient it seems to be of.

    The patient is proposed from a number in the file's name and never taken from it
    without a person having seen the proposal.
    """

    _name = "clinic.report.upload"
    _description = "Upload reports"

    report_id = fields.Many2one("clinic.diagnostic.report", string="Replaces")
    kind_id = fields.Many2one("clinic.report.kind", required=True)
    doctor_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        default=lambda self: self._default_doctor(),
        help="Who reviews it and talks to the patient.",
    )
    effective_date = fields.Date(
        string="Examined on", required=True, default=fields.Date.context_today
    )
    status = fields.Selection(
        [("final", "Final"), ("preliminary", "Preliminary")],
        string="Results are",
        required=True,
        default="final",
    )
    patient_id = fields.Many2one(
        "res.partner",
        domain=[("is_patient", "=", True)],
        help="Of all files. Leave it empty when they are of several patients.",
    )
    file_ids = fields.Many2many("ir.attachment", string="Files")
    line_ids = fields.One2many("clinic.report.upload.line", "upload_id")
    step = fields.Selection(
        [("files", "Choose files"), ("check", "Check patients")], default="files"
    )

    def _default_doctor(self):
        is_doctor = self.env.user.has_group("clinic_patient.group_clinic_practitioner")
        return self.env.user if is_doctor else False

    def action_read(self):
        """Look at the files and propose whose they are."""
        self.ensure_one()
        if not self.file_ids:
            raise UserError(self.env._("Choose one file at least."))
        if self.report_id:
            return self._replace()
        self.line_ids.unlink()
        proposals = self._propose_patients(self.file_ids.mapped("name"))
        self.line_ids = [
            fields.Command.create(
                self._prepare_line(file, *proposals.get(file.name, (False, False)))
            )
            for file in self.file_ids
        ]
        self.step = "check"
        return self._again()

    def _prepare_line(self, file, patient, why):
        problem = self._problem(file)
        if self.patient_id:
            patient, why = self.patient_id, self.env._("You chose the patient.")
        return {
            "file_id": file.id,
            "patient_id": patient and patient.id,
            "proposal": why or self.env._("No number of a patient in the name."),
            "problem": problem,
        }

    def _problem(self, file):
        """What is wrong with a file in words, False when nothing is."""
        try:
            # sudo: clinic.diagnostic.report.version - a check, nothing is read
            self.env["clinic.diagnostic.report.version"].sudo()._check_file(file.raw)
        except ValidationError as error:
            self.env["clinic.report.access"]._log(
                "upload", reason="bad_file", file_name=file.name
            )
            return str(error)
        return False

    @api.model
    def _propose_patients(self, names):
        """Return ``{file name: (patient, why)}`` for names with a number of a patient.

        Two queries for all files. A number that two patients have, or two numbers of
        different patients, propose nobody and say so.

        :param list names: names of files
        """
        words = {name: report_file.words_of(name) for name in names}
        everything = {word for each in words.values() for word in each}
        country = self.env.company.country_id.code
        bases = {word: tax_code.base(word, country) for word in everything}
        by_word = {}
        for field, wanted in (
            ("tax_code_base", {base: word for word, base in bases.items() if base}),
            ("card_number", {word: word for word in everything}),
        ):
            found = self.env["res.partner"].search(
                [("is_patient", "=", True), (field, "in", list(wanted))]
            )
            for patient in found:
                word = wanted[patient[field]]
                by_word.setdefault(word, {})[patient] = field
        return {name: self._one_patient(words[name], by_word) for name in names}

    def _one_patient(self, words, by_word):
        found = {}
        for word in words:
            found |= by_word.get(word, {})
        if len(found) > 1:
            return False, self.env._("Numbers of two patients: choose one.")
        for patient, field in found.items():
            if field == "card_number":
                return patient, self.env._("The name has the patient's card number.")
            return patient, self.env._("The name has the patient's tax code.")
        return False, False

    def action_upload(self):
        """Make a report of each file; what is not right stays in the list.

        :raises UserError: a file without a patient
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: not line.problem)
        if missing := lines.filtered(lambda line: not line.patient_id):
            raise UserError(
                self.env._(
                    "Choose the patient of %(files)s, or remove the line.",
                    files=", ".join(missing.mapped("name")),
                )
            )
        if not lines:
            raise UserError(self.env._("None of the files can be uploaded."))
        reports = self.env["clinic.diagnostic.report"].create(
            [
                {
                    "patient_id": line.patient_id.id,
                    "kind_id": self.kind_id.id,
                    "doctor_id": self.doctor_id.id,
                    "effective_date": self.effective_date,
                }
                for line in lines
            ]
        )
        for report, line in zip(reports, lines, strict=True):
            self._take(report, line.file_id)
        if self.status == "final":
            reports._complete("final")
        else:
            reports._enter("preliminary")
        return self._show(reports)

    def _replace(self):
        """The corrected file of one report."""
        if len(self.file_ids) > 1:
            raise UserError(self.env._("Choose one file: the corrected report."))
        if problem := self._problem(self.file_ids):
            # The refusal is on the list of failures: what was raised would undo it.
            self.line_ids = [
                fields.Command.create({"file_id": self.file_ids.id, "problem": problem})
            ]
            return self._again()
        self._take(self.report_id, self.file_ids)
        return self._show(self.report_id)

    def _take(self, report, file):
        """Move a file that was chosen into a report."""
        version = report._add_version(file.name, file.raw)
        self.env["clinic.report.access"]._log(
            "upload", report, version, file_name=version.file_name
        )
        # Only what was chosen here: a file of something else is copied and stays.
        if file.res_model == self._name and file.create_uid == self.env.user:
            # sudo: ir.attachment - the user's own file, now kept as a version
            file.sudo().unlink()

    def _show(self, reports):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_report.clinic_diagnostic_report_action"
        )
        if len(reports) == 1:
            return action | {
                "view_mode": "form",
                "views": [[False, "form"]],
                "res_id": reports.id,
            }
        return action | {"domain": [("id", "in", reports.ids)], "context": {}}

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Upload reports"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.autovacuum
    def _gc_files(self):
        """Remove files that somebody chose and did not upload."""
        # sudo: ir.attachment - of whoever left them
        self.env["ir.attachment"].sudo().search(
            [("res_model", "=", self._name), ("create_date", "<", "now -1d")],
            limit=1000,
        ).unlink()
