import base64

import psycopg2

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.clinic_base.lib import clock

from ..lib import report_file
from ..lib.report_life import COMPLETE
from .clinic_diagnostic_report import REPORT_GROUPS

#: What another system may say of a report.
DELIVERED = frozenset(
    {
        "patient_id",
        "company_id",
        "kind_id",
        "effective_date",
        "doctor_id",
        "conclusion",
        "is_abnormal",
    }
)
TODO = "mail.mail_activity_data_todo"


class ClinicDiagnosticReport(models.Model):
    """The steps of a report: it arrives, is reviewed, replaced, withdrawn."""

    _inherit = "clinic.diagnostic.report"

    def _add_version(self, file_name, content):
        """Take a file as the newest version; the same file again changes nothing.

        :param str file_name: as it was called where it came from
        :param bytes content: the whole file
        :returns: the ``clinic.diagnostic.report.version``
        :raises ValidationError: the file is not one that is taken
        """
        self.ensure_one()
        self.check_access("write")
        # sudo: clinic.diagnostic.report.version - the report itself was checked
        versions = self.env["clinic.diagnostic.report.version"].sudo()
        kind = versions._check_file(content)
        sha256 = report_file.fingerprint(content)
        last = versions.search([("report_id", "=", self.id)], limit=1)
        if last.sha256 == sha256:
            return last.sudo(False)
        version = versions.create(
            {
                "report_id": self.id,
                "number": last.number + 1,
                "file_name": report_file.safe_name(file_name, kind),
                "mimetype": kind.mimetype,
                "size": len(content),
                "sha256": sha256,
                "content": base64.b64encode(content),
            }
        )
        self.invalidate_recordset(["version_ids", "version_count"])
        if last and self.status in COMPLETE:
            # The old file is wrong and the new one was not looked at yet.
            self._complete("amended")
        return version.sudo(False)

    @api.model
    def _deliver(self, source, external_id, vals, file_name, content, status="final"):
        """Take a report that another system sends; sending it again is harmless.

        :param str source: name of the system
        :param str external_id: its number of the report
        :param dict vals: of a new report: ``patient_id``, ``kind_id`` and what is known
        :param str file_name: name of the file
        :param bytes content: the file; one that differs from the last is a new version
        :param str status: "preliminary" or "final"
        :returns: the report
        :raises ValidationError: the file is not one that is taken
        :raises AccessError: the values hold more than what is known of a report
        """
        key = [("source", "=", source), ("external_id", "=", external_id)]
        # sudo: clinic.diagnostic.report - systems have no rights; the gate is here
        report = self.sudo().search(key, limit=1)
        if not report:
            self.env["clinic.gate"].sudo()._admit([vals], DELIVERED, self)
            keys = {"source": source, "external_id": external_id}
            try:
                with self.env.cr.savepoint():
                    report = self.sudo().create(vals | keys)
            except psycopg2.errors.UniqueViolation:
                report = self.sudo().search(key, limit=1)
        report._add_version(file_name, content)
        if status == "final" and report.status in ("registered", "preliminary"):
            report._complete("final")
        elif status == "preliminary" and report.status == "registered":
            report._enter("preliminary")
        return report.with_env(self.env)

    def action_complete(self):
        """The results are final."""
        for report in self:
            if not report.version_ids:
                raise UserError(
                    self.env._("Upload the file of the report before it is complete.")
                )
        self._complete("final")

    def _complete(self, status):
        """Results are complete, or were corrected: let the kind decide what follows."""
        self._enter(
            status,
            final_on=clock.now(),
            issued=False,
            release_on=False,
            reviewed_by_id=False,
            reviewed_on=False,
            first_viewed_on=False,
            handed_over_on=False,
            reminded_on=False,
        )
        self._release()
        for report in self.filtered(lambda report: report.delivery == "review"):
            report._ask_for_review()

    def _ask_for_review(self):
        """Put the report on the list of its doctor, once."""
        self.ensure_one()
        summary = self.env._("Review the report")
        if self.doctor_id and summary not in self.activity_ids.mapped("summary"):
            self.activity_schedule(
                TODO, summary=summary, user_id=self.doctor_id.id, note=False
            )

    def action_review(self):
        """A doctor has read it: show it to the patient, whatever the policy.

        :raises AccessError: the user is not one who reads reports
        :raises UserError: there is nothing to review
        """
        if not self.env.user.has_group("clinic_patient.group_clinic_practitioner"):
            raise AccessError(self.env._("Only a doctor reviews reports."))
        for report in self:
            if report.status not in COMPLETE:
                raise UserError(
                    self.env._("The report is not complete yet: there is no review.")
                )
        self._set(reviewed_by_id=self.env.uid, reviewed_on=clock.now())
        for report in self:
            report.activity_feedback([TODO])
        self.filtered(lambda report: not report.issued)._release()

    def action_hand_over(self):
        """The patient has got it on paper."""
        for report in self:
            if report.status not in COMPLETE:
                raise UserError(
                    self.env._("Only a report that is complete is handed over.")
                )
        self._set(handed_over_on=clock.now())
        for report in self:
            report.activity_feedback([TODO])

    def action_withdraw(self):
        """Ask why, then take the report back."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Withdraw the report"),
            "res_model": "clinic.report.withdrawal",
            "view_mode": "form",
            "target": "new",
            "context": {"default_report_ids": self.ids},
        }

    def _withdraw(self, reason):
        """Take reports back: links that were given out stop at once.

        :param str reason: why, for the staff
        :raises UserError: no reason
        """
        reason = " ".join((reason or "").split())[:500]
        if not reason:
            raise UserError(self.env._("Write why the report is withdrawn."))
        self._enter("withdrawn", withdrawal_reason=reason)
        for report in self:
            report.activity_unlink([TODO])

    def action_make_available(self):
        """Show it once more: it was withdrawn, or its time online is over."""
        for report in self:
            if report.status == "withdrawn":
                report._enter(report._status_before(), withdrawal_reason=False)
            if report.status not in COMPLETE:
                continue
            if report.issued and report._may_be_online():
                report._publish()
            else:
                report._release()

    def _status_before(self):
        """What a withdrawn report was before."""
        if not self.final_on:
            return "preliminary" if self.version_ids else "registered"
        return "amended" if len(self.version_ids) > 1 else "final"

    def action_replace(self):
        """Upload the corrected file of this report."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Upload the corrected file"),
            "res_model": "clinic.report.upload",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_report_id": self.id,
                "default_kind_id": self.kind_id.id,
            },
        }

    def action_open_file(self):
        """The newest file, for staff who read reports."""
        self.ensure_one()
        if not self.env.user.has_groups(REPORT_GROUPS):
            raise AccessError(
                self.env._("Files of reports are opened by doctors and managers.")
            )
        return self.current_version_id.action_open()
