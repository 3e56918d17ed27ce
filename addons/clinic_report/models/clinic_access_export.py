from odoo import models


class ClinicAccessExport(models.Model):
    """A copy of a patient's data: the files of reports."""

    _inherit = "clinic.access.export"

    def _reader_files(self, records):
        files = super()._reader_files(records)
        reports, _names = records.get("clinic.diagnostic.report", ((), None))
        for report in reports:
            version = report.current_version_id
            if version:
                name = f"{report.id}-{version.file_name or 'file'}"
                files.append((name, version._read_content()))
        return files
