from odoo import api, models
from odoo.fields import Domain

from odoo.addons.clinic_base.lib import clock

from ..lib.report_life import COMPLETE


class ClinicDiagnosticReport(models.Model):
    """Reports as patients get them. Portal users have no rights on the model at all:
    everything they see comes through the searches below."""

    _inherit = "clinic.diagnostic.report"

    @api.model
    def _online_domain(self):
        """Domain of the reports that are shown to their patients now."""
        return (
            Domain("status", "in", COMPLETE)
            & Domain("issued", "<=", "now")
            & Domain("online_until", ">", "now")
            & Domain("kind_id.never_online", "=", False)
        )

    @api.model
    def _readable_domain(self, partner):
        """Domain of the reports that a person may read online now.

        One's own, and those of wards until the moment from which they are the ward's
        own business.
        """
        wards = partner._clinic_access_domain("read", "patient_id") & (
            Domain("guardian_stop", "=", False) | Domain("guardian_stop", ">", "now")
        )
        own = Domain("patient_id", "=", partner.id)
        return self._online_domain() & (own | wards)

    @api.model
    def _search_readable(self, partner, domain=Domain.TRUE, limit=None):
        """Return, in sudo, the reports that a person may read online now.

        :param partner: the ``res.partner`` who asks; also staff get their own only
        :param Domain domain: which of them
        """
        return self.env["clinic.shown"]._find(
            partner, self._name, domain, limit, "issued desc, id desc"
        )

    def _unread_by(self, partner):
        """Return those of which this person has not opened the newest file."""
        # sudo: clinic.report.access - one's own openings
        opened = self.env["clinic.report.access"].sudo()
        versions = self.current_version_id
        seen = opened._read_group(
            [
                ("partner_id", "=", partner.id),
                ("version_id", "in", versions.ids),
                ("outcome", "=", "done"),
                ("action", "in", ("load", "download")),
            ],
            ["version_id"],
        )
        seen_ids = {version.id for [version] in seen}
        return self.filtered(
            lambda report: report.current_version_id.id not in seen_ids
        )

    def _was_read(self):
        """The patient, or who may read for the patient, has opened the report."""
        unread = self.sudo().filtered(lambda report: not report.first_viewed_on)
        unread.first_viewed_on = clock.now()
        for report in unread:
            report.activity_unlink(
                ["mail.mail_activity_data_todo"],
                user_id=(report.doctor_id or report.create_uid).id,
            )
