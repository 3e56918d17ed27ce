import io

import xlsxwriter

from odoo import http
from odoo.http import content_disposition, request

from odoo.addons.clinic_base.lib import spreadsheet_text

#: Lines fetched at once.
BATCH = 5000
NOT_IMPORTED = ("error", "duplicate", "repeated", "left")


class PatientImportController(http.Controller):
    """The lines of an import that made no card, to be put right and imported again."""

    @http.route(
        "/clinic/patient-import/<int:import_id>/errors.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def import_errors(self, import_id, **_unknown):
        """A spreadsheet: the columns of the file as they stood, and the reason.

        Every text is written as a text, whatever it begins with.

        :raises NotFound: no such import, or none that this user may read
        """
        job = request.env["clinic.patient.import"].browse(import_id).exists()
        if not job or not job.has_access("read"):
            raise request.not_found()
        headers = [column.header or column.letter for column in job.column_ids]
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(
            buffer, {"constant_memory": True, "strings_to_formulas": False}
        ) as book:
            sheet = book.add_worksheet()
            bold = book.add_format({"bold": True})
            titles = [*headers, request.env._("Line"), request.env._("Reason")]
            for column, title in enumerate(titles):
                sheet.write_string(0, column, spreadsheet_text.for_xlsx(title), bold)
            place = 0
            for row in self._rows_not_imported(job):
                place += 1
                self._write_import_row(sheet, place, len(headers), row)
        return request.make_response(
            buffer.getvalue(),
            [
                (
                    "Content-Type",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                ),
                (
                    "Content-Disposition",
                    content_disposition(
                        request.env._("%(name)s, not imported.xlsx", name=job.name)
                    ),
                ),
                ("Cache-Control", "no-store"),
            ],
        )

    def _rows_not_imported(self, job):
        """Yield the rows without a card in the order of the file."""
        rows = request.env["clinic.patient.import.row"]
        last = -1
        while batch := rows.search(
            [
                ("import_id", "=", job.id),
                ("state", "in", NOT_IMPORTED),
                ("number", ">", last),
            ],
            limit=BATCH,
            order="number",
        ):
            yield from batch
            last = batch[-1].number
            batch.invalidate_recordset()

    def _write_import_row(self, sheet, place, width, row):
        for column, text in enumerate((row.cells or [])[:width]):
            sheet.write_string(place, column, spreadsheet_text.for_xlsx(text))
        states = dict(row._fields["state"]._description_selection(row.env))
        reason = ": ".join(filter(None, (states[row.state], row.reason)))
        sheet.write_number(place, width, row.number)
        sheet.write_string(place, width + 1, spreadsheet_text.for_xlsx(reason))
