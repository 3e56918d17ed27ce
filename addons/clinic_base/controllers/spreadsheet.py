"""The files Odoo exports, made safe: what people typed is never a formula.

Everything that leaves through the list, the pivot and their CSV and XLSX files goes
through the classes below; they replace Odoo's for all models.
"""

import json

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest

from odoo import http
from odoo.http import request

from odoo.addons.web.controllers.export import (
    CSVExport,
    ExcelExport,
    ExportXlsxWriter,
    GroupExportXlsxWriter,
)
from odoo.addons.web.controllers.pivot import TableExporter

from ..lib import spreadsheet_text


class _SafeCells:
    """Writes a text as a text: no formula, no link, whatever it begins with."""

    def write(self, row, column, cell_value, style=None):
        if isinstance(cell_value, str):
            text = spreadsheet_text.for_xlsx(cell_value)
            return self.worksheet.write_string(row, column, text, style)
        return super().write(row, column, cell_value, style)


class SafeXlsxWriter(_SafeCells, ExportXlsxWriter):
    """A list of records in a file that runs nothing."""


class SafeGroupXlsxWriter(_SafeCells, GroupExportXlsxWriter):
    """A grouped list of records in a file that runs nothing."""


class SafeExcelExport(ExcelExport):
    def from_data(self, fields, columns_headers, rows):
        with SafeXlsxWriter(fields, columns_headers, len(rows)) as writer:
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    writer.write_cell(number + 1, column, value)
        return writer.value

    def from_group_data(self, fields, columns_headers, groups):
        with SafeGroupXlsxWriter(fields, columns_headers, groups.count) as writer:
            row, column = 1, 0
            for name, group in groups.children.items():
                row, column = writer.write_group(row, column, name, group)
        return writer.value


class SafeCsvExport(CSVExport):
    def from_data(self, fields, columns_headers, rows):
        headers = [spreadsheet_text.for_csv(header) for header in columns_headers]
        return super().from_data(
            fields, headers, [[self._safe(value) for value in row] for row in rows]
        )

    def _safe(self, value):
        if isinstance(value, bytes):
            value = value.decode()
        return spreadsheet_text.for_csv(value) if isinstance(value, str) else value


class SafeTableExporter(TableExporter):
    @http.route()
    def export_xlsx(self, data=None, **kw):
        """Odoo's export of a pivot table; texts in it stay texts.

        :param data: JSON of the table, as text or as an uploaded file
        :raises BadRequest: it is not a table
        """
        try:
            table = (
                json.load(data) if isinstance(data, FileStorage) else json.loads(data)
            )
            for part in ("col_group_headers", "measure_headers", "rows"):
                if part in table:
                    table[part] = spreadsheet_text.clean_json(table[part])
            return super().export_xlsx(json.dumps(table), **kw)
        except (KeyError, TypeError, ValueError):
            raise BadRequest(request.env._("This is not a pivot table.")) from None
