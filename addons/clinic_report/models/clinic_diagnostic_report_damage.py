import logging

from odoo import models

from .clinic_diagnostic_report_steps import TODO

_logger = logging.getLogger(__name__)


class ClinicDiagnosticReport(models.Model):
    """A file that is not what arrived: those who can repair it are told."""

    _inherit = "clinic.diagnostic.report"

    def _tell_damaged(self):
        """One task for who is responsible and for each manager, and a line in the log.

        The same words stand on the page of who asked for the file.
        """
        self.ensure_one()
        _logger.warning("The file of report %s is not what arrived", self.id)
        # sudo: clinic.diagnostic.report - told whoever it was that asked for the file
        report = self.sudo()
        summary = self.env._("The file is damaged: upload it again")
        told = report.activity_ids.filtered(lambda each: each.summary == summary)
        managers = self.env.ref("clinic_patient.group_clinic_manager").sudo()
        users = (report.doctor_id or report.create_uid) | managers.all_user_ids
        for user in users.filtered("active") - told.user_id:
            report.activity_schedule(TODO, summary=summary, user_id=user.id)
