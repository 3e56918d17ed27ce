import base64
import csv
import io
import zipfile
from contextlib import nullcontext

import openpyxl

from odoo.tests import HttpCase

from .common import ClinicPatientCommon

HEADERS = ("Cognome", "Nome", "Data di nascita", "Sesso", "Cellulare", "Email")

SPACES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style")
)


def ods_bytes(rows, before=""):
    """An ODS file with these rows, and tables before, as XML."""
    content = (
        f"<office:document-content{SPACES}><office:automatic-styles>"
        '<style:style style:name="hid" style:family="table">'
        '<style:table-properties table:display="false"/></style:style>'
        f"</office:automatic-styles><office:body><office:spreadsheet>{before}"
        f'<table:table table:name="a">{rows}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", content)
    return buffer.getvalue()


class ImportCommon(ClinicPatientCommon):
    """Files as people upload them, and the job that imports them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Import = cls.env["clinic.patient.import"]

    @classmethod
    def csv_bytes(cls, rows, encoding="utf-8", delimiter=";"):
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=delimiter).writerows(rows)
        return buffer.getvalue().encode(encoding)

    @classmethod
    def xlsx_bytes(cls, rows):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def job(self, data, name="patients.csv", **vals):
        return self.Import.create(
            {"name": name, "data": base64.b64encode(data), **vals}
        )

    def run_cron(self):
        """Let the scheduled action work, as a worker does: with commits."""
        self.env.flush_all()
        browsed = isinstance(self, HttpCase)
        with nullcontext() if browsed else self.enter_registry_test_mode():
            self.env.ref(
                "clinic_patient.ir_cron_import_patients"
            ).method_direct_trigger()
        self.env.invalidate_all()

    def checked(self, rows, fields=None, **vals):
        """A job that is checked; ``rows`` without or with headers."""
        data = rows if isinstance(rows, bytes) else self.csv_bytes(rows)
        job = self.job(data, **vals)
        job.action_read()
        for number, field in enumerate(fields or ()):
            job.column_ids[number].field = field
        job.date_order = job.date_order or "dmy"
        job.action_check()
        self.run_cron()
        return job

    def imported(self, rows, fields=None, **vals):
        job = self.checked(rows, fields, **vals)
        job.action_import()
        self.run_cron()
        return job

    def states(self, job):
        return [(row.number, row.state) for row in job.row_ids]
