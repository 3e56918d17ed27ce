import base64

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.orm.models import NO_ACCESS

from ..lib import report_file

LARGEST_MB = "20"


class ClinicDiagnosticReportVersion(models.Model):
    """A file of a report. A correction is a new version; none is ever rewritten.

    The content is read by nobody directly, whatever the role: it goes out by
    ``clinic.report.link``, which checks and logs each access.
    """

    _name = "clinic.diagnostic.report.version"
    _description = "Version of a report"
    _order = "report_id, number desc"
    _rec_name = "file_name"

    report_id = fields.Many2one(
        "clinic.diagnostic.report", required=True, index=True, ondelete="cascade"
    )
    number = fields.Integer(required=True, default=1)
    file_name = fields.Char(string="File", required=True)
    mimetype = fields.Char(string="Kind of file", required=True)
    size = fields.Integer(string="Bytes", required=True)
    sha256 = fields.Char(
        string="SHA-256",
        required=True,
        help="Fingerprint of the file as it arrived; checked each time it goes out.",
    )
    content = fields.Binary(attachment=True, required=True, groups=NO_ACCESS)

    _number_unique = models.UniqueIndex("(report_id, number)")

    @api.model
    def _check_file(self, content):
        """Return what a file is.

        :param bytes content: the whole file
        :rtype: clinic_patient.lib.report_file.Kind
        :raises ValidationError: too large, empty, or of no kind that is taken
        """
        # sudo: ir.config_parameter - a setting of the site
        settings = self.env["ir.config_parameter"].sudo()
        largest = int(settings.get_param("clinic_report.report_size_mb", LARGEST_MB))
        if len(content) > largest * 1024 * 1024:
            raise ValidationError(
                self.env._(
                    "The file is larger than %(size)s MB. Save it with a lower "
                    "resolution, or split it.",
                    size=largest,
                )
            )
        kind = report_file.recognise(content)
        if not kind:
            raise ValidationError(
                self.env._(
                    "This is no PDF, JPEG, PNG or DICOM file. Save the report as PDF "
                    "and upload it again."
                )
            )
        return kind

    def _read_content(self):
        """Return the file as it arrived.

        :rtype: bytes
        :raises UserError: what is stored is not what arrived
        """
        self.ensure_one()
        # sudo: clinic.diagnostic.report.version - the link was checked
        content = base64.b64decode(self.sudo().with_context(bin_size=False).content)
        if report_file.fingerprint(content) != self.sha256:
            raise UserError(
                self.env._("The file is damaged. We were told and will repair it.")
            )
        return content

    def action_open(self):
        """Show the file to staff; the access is logged like the patient's."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "target": "new",
            "url": f"/clinic/report/{self.id}",
        }
