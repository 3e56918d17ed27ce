from odoo import Command, api, fields, models

from ..lib import import_headers


class ClinicPatientImportCorrection(models.TransientModel):
    """Put the cells of a line right that cannot be imported as it stands."""

    _name = "clinic.patient.import.correction"
    _description = "Correction of a line of an import"

    row_id = fields.Many2one("clinic.patient.import.row", required=True, readonly=True)
    line = fields.Integer(related="row_id.number", related_sudo=False)
    reason = fields.Char(
        string="What is wrong", related="row_id.reason", related_sudo=False
    )
    cell_ids = fields.One2many("clinic.patient.import.correction.cell", "correction_id")

    @api.model_create_multi
    def create(self, vals_list):
        """Create windows on lines that the user may read.

        :raises AccessError: a line belongs to an import of another company
        """
        corrections = super().create(vals_list)
        corrections.row_id.check_access("read")
        return corrections

    def write(self, vals):
        """Write windows; their lines are those that the user may read.

        :raises AccessError: a line belongs to an import of another company
        """
        done = super().write(vals)
        self.row_id.check_access("read")
        return done

    @api.model
    def _open(self, row):
        """Return the action that shows the cells of a line.

        :param row: clinic.patient.import.row
        """
        labels = dict(row.import_id.column_ids._selection_field())
        cells = row.cells or []
        columns = {column.number: column for column in row.import_id.column_ids}
        numbers = range(max(len(cells), max(columns, default=-1) + 1))
        empty = self.env["clinic.patient.import.column"]
        correction = self.create(
            {
                "row_id": row.id,
                "cell_ids": [
                    Command.create(
                        {
                            "number": number,
                            "header": columns.get(number, empty).header
                            or import_headers.letter(number),
                            "holds": labels.get(columns.get(number, empty).field),
                            "text": cells[number] if number < len(cells) else False,
                        }
                    )
                    for number in numbers
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct line %(number)s", number=row.number),
            "res_model": self._name,
            "res_id": correction.id,
            "views": [[False, "form"]],
            "target": "new",
        }

    def action_save(self):
        """Read the line again with these cells; go on with the next that is wrong.

        :raises UserError: the import was begun or changed meanwhile
        """
        self.ensure_one()
        row = self.row_id
        cells = [(cell.text or "").strip() for cell in self.cell_ids.sorted("number")]
        while cells and not cells[-1]:
            cells.pop()
        row.import_id._correct(row, cells)
        if row.state == "error":
            return self._open(row)
        domain = [("import_id", "=", row.import_id.id), ("state", "=", "error")]
        after = row.search([*domain, ("number", ">", row.number)], limit=1)
        after = after or row.search(domain, limit=1)
        return self._open(after) if after else {"type": "ir.actions.act_window_close"}
