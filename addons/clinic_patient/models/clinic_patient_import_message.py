from odoo import api, models

from ..lib import import_limits


class ClinicPatientImport(models.Model):
    """Import of patients: what is said of a file that cannot be read."""

    _inherit = "clinic.patient.import"

    @api.model
    def _bad_file_message(self, error):
        """Return what is wrong with a file, and what to do about it.

        :param import_limits.BadFile error: of the reader of files
        """
        if error.line:
            return self._bad_line_message(error)
        words = {
            "empty": self.env._("The file is empty."),
            "too_large": self.env._(
                "The file is larger than %(limit)s MB, or than %(whole)s MB if it is "
                "an .xls file: split it and import the parts one after the other.",
                limit=import_limits.LARGEST // 2**20,
                whole=import_limits.LARGEST_WHOLE // 2**20,
            ),
            "not_a_table": self.env._(
                "This is neither a CSV file nor a spreadsheet. Save the list as .csv, "
                ".xlsx, .xls or .ods."
            ),
            "encoding": self.env._(
                "The letters of the file are not written in the encoding chosen. "
                "Choose another one, or save the file as “CSV UTF-8”."
            ),
            "bomb": self.env._(
                "The spreadsheet unpacks into more than a list of patients can be. "
                "Save the sheet as .csv and import that."
            ),
            "doctype": self.env._(
                "The spreadsheet holds definitions that no spreadsheet program writes; "
                "it was not read. Save the sheet as .csv and import that."
            ),
            "password": self.env._(
                "The file is protected by a password. Open it, save it without a "
                "password, and choose that file."
            ),
            "damaged": self.env._(
                "The file is damaged. Open it, save it again, and try once more."
            ),
            "columns": self.env._(
                "The file has more than %(limit)s columns. Remove those that are not "
                "needed.",
                limit=import_limits.MOST_COLUMNS,
            ),
            "rows": self.env._(
                "The file has more than %(limit)s lines: split it and import the parts "
                "one after the other.",
                limit=import_limits.MOST_ROWS,
            ),
        }
        return words[error.reason]

    @api.model
    def _bad_line_message(self, error):
        values = {"line": error.line, "text": error.text[:200]}
        words = {
            "quote": self.env._(
                "Nothing was read, because a quotation mark in line %(line)s, or "
                "shortly above it, has no partner, and nobody can tell where its cell "
                "ends:\n%(text)s\n"
                "Put the marks of this line right in the file and choose it again.",
                **values,
            ),
            "mixed_encoding": self.env._(
                "Nothing was read, because line %(line)s holds letters in another "
                "encoding than the rest of the file:\n%(text)s\n"
                "Put this line right in the file and choose it again.",
                **values,
            ),
            "columns": self.env._(
                "Line %(line)s has more than %(limit)s cells. Remove what is not "
                "needed, or a stray cell far to the right.",
                limit=import_limits.MOST_COLUMNS,
                **values,
            ),
        }
        return words[error.reason]
