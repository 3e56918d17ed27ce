import itertools

from odoo import Command, api, models
from odoo.exceptions import UserError

from ..lib import import_dates, import_file, import_headers
from ..lib.import_limits import BadFile


class ClinicPatientImport(models.Model):
    """Import of patients: from the file to its columns."""

    _inherit = "clinic.patient.import"

    @api.onchange("sheet_id")
    def _onchange_sheet_id(self):
        """Another sheet has its headings on another line: find it."""
        if self.sheet_id != self._origin.sheet_id:
            self.headings_line = -1

    def _open_file(self):
        """Return the file, read as was found out or chosen.

        :raises BadFile: see :mod:`..lib.import_file`
        """
        return import_file.open_file(self._bytes(), self._settings())

    def _settings(self):
        """Return how the file is to be read."""
        return import_file.Settings(
            encoding=self.encoding or None,
            delimiter=self.delimiter or None,
            sheet=self.sheet_id.number if self.sheet_id else None,
            headings=self.headings_line,
        )

    def _read_columns(self):
        """Read the file, count its lines, propose the columns.

        :raises UserError: the file cannot be read
        """
        self.ensure_one()
        try:
            look = self._open_file().look()
        except BadFile as error:
            raise UserError(self._bad_file_message(error)) from None
        if not look.total:
            raise UserError(
                self.env._("The file holds headers only: there is nobody to import.")
            )
        self._keep_settings(look)
        known = self._propose_columns(look)
        notices = [*self._file_notice(look), *self._columns_notice(look.headers)]
        notices += self._propose_dates(look, known)
        self._ours().write(
            {
                "state": "columns",
                "is_spreadsheet": not look.is_text,
                "total": look.total,
                "corrections": False,
                "read_as": repr(self._settings()),
                "notice": "\n".join(notices) or False,
            }
        )

    def _keep_settings(self, look):
        """Show what was found out about the file; it may be corrected."""
        settings = look.settings
        self.write(
            {
                "encoding": settings.encoding,
                "delimiter": settings.delimiter,
                "headings_line": settings.headings,
                "sheet_id": False,
            }
        )
        # sudo: clinic.patient.import.sheet - written by imports only
        self.sheet_ids.sudo().unlink()
        sheets = self.sheet_ids.sudo().create(
            [
                {
                    "import_id": self.id,
                    "number": sheet.number,
                    "name": sheet.name,
                    "is_hidden": sheet.is_hidden,
                    "is_filled": sheet.number in look.filled,
                }
                for sheet in look.sheets
            ]
        )
        self.sheet_id = sheets.filtered(
            lambda sheet: sheet.number == settings.sheet
        ).sudo(False)

    def _propose_columns(self, look):
        """Propose what each column holds; return what is remembered of such files."""
        headers = look.headers
        known = self.env["clinic.patient.import.mapping"]._recall(
            self.company_id, headers
        )
        if known and any(headers):
            allowed = set(import_headers.FIELDS)
            found = [
                known.fields_of.get(import_headers.normalize(header))
                for header in headers
            ]
            found = [field if field in allowed else None for field in found]
        else:
            found = import_headers.propose(headers)

        def text(line, number):
            return line.cells[number][:80] if number < len(line.cells) else False

        self.column_ids = [
            Command.clear(),
            *(
                Command.create(
                    {
                        "number": number,
                        "header": header[:80],
                        "field": field or False,
                        **{
                            f"sample_{place + 1}": text(line, number)
                            for place, line in enumerate(look.sample[:3])
                        },
                    }
                )
                for number, (header, field) in enumerate(
                    zip(headers, found, strict=True)
                )
            ),
        ]
        return known

    # ------------------------------------------------------------
    # Dates
    # ------------------------------------------------------------

    def _propose_dates(self, look, known):
        """Find out how dates are written; what nobody can tell is asked for.

        :param known: clinic.patient.import.mapping, what was chosen for such files
        :return: what a person must decide, in words
        """
        born = self.column_ids.filtered(lambda column: column.field == "birth_date")
        number = born[:1].number
        found = import_dates.evidence(
            [
                line.cells[number]
                for line in look.sample
                if born and number < len(line.cells)
            ],
            is_spreadsheet=not look.is_text,
        )
        order = found.order or known.date_order
        if found.contradicts or (found.is_open and not order):
            order = False
        self.write(
            {
                "date_order": order,
                "spreadsheet_dates": False if found.looks_swapped else "kept",
            }
        )
        return self._dates_notice(found, order)

    @api.model
    def _dates_notice(self, found, order):
        """Return what must be decided about dates, in words.

        :param import_dates.Evidence found: what they tell
        :param str order: the order chosen, or a false value
        """
        lines = []
        if found.contradicts:
            lines.append(
                self.env._(
                    "The dates contradict each other: in some the day comes first, in "
                    "others the month. Choose how they are written; those of the other "
                    "kind are refused by line, or read wrongly where the day is 12 or "
                    "less."
                )
            )
        elif found.is_open and not order:
            lines.append(
                self.env._(
                    "In all dates day and month could be exchanged: choose how they "
                    "are written."
                )
            )
        if found.looks_swapped:
            lines.append(
                self.env._(
                    "Some birth dates are texts and some are dates, and of the dates "
                    "none has a day above 12: probably a spreadsheet took the month "
                    "for the day. Compare one with its paper, and choose whether day "
                    "and month are to be exchanged."
                )
            )
        return lines

    # ------------------------------------------------------------
    # What is to be looked at
    # ------------------------------------------------------------

    @api.model
    def _file_notice(self, look):
        """Return what of a file is left out, in words.

        :param import_file.Look look: at the file
        """
        lines = []
        settings = look.settings
        others = [
            sheet.name
            for sheet in look.sheets
            if sheet.number in look.filled and sheet.number != settings.sheet
        ]
        if others:
            lines.append(
                self.env._(
                    "Only the sheet “%(sheet)s” is imported. These hold something, "
                    "too: %(others)s.",
                    sheet=look.sheets[settings.sheet].name,
                    others=", ".join(others[:10]),
                )
            )
        if look.above:
            lines.append(
                self.env._(
                    "The headings stand in line %(line)s; the %(count)s lines above it "
                    "are left out.",
                    line=settings.headings,
                    count=look.above,
                )
            )
        if not settings.headings:
            lines.append(
                self.env._(
                    "The file has no headings: the first line is taken for a patient."
                )
            )
        elif not import_headers.count_known(look.headers):
            lines.append(
                self.env._(
                    "None of the headings in line %(line)s is known. If this line is a "
                    "patient, write 0 as the line with the headings and read again.",
                    line=settings.headings,
                )
            )
        return lines

    def _columns_notice(self, headers):
        """Return what a person should look at before the file is checked."""
        lines = []
        for header, numbers in import_headers.repeated(headers).items():
            lines.append(
                self.env._(
                    "The header “%(header)s” stands over the columns %(columns)s: "
                    "choose which of them to take.",
                    header=header,
                    columns=", ".join(map(import_headers.letter, numbers)),
                )
            )
        nameless = [
            import_headers.letter(number)
            for number, header in enumerate(headers)
            if not header
        ]
        if nameless and self.headings_line:
            lines.append(
                self.env._(
                    "These columns have no header: %(columns)s.",
                    columns=", ".join(nameless[:20]),
                )
            )
        taken = set(self.column_ids.mapped("field"))
        if not taken & {"name", "family_name", "given_name"}:
            lines.append(
                self.env._(
                    "No column was recognised as the name: choose it in the list below."
                )
            )
        return lines

    # ------------------------------------------------------------
    # Before the check
    # ------------------------------------------------------------

    def _check_columns(self):
        """Raise unless the columns chosen make cards."""
        if not self.column_ids or not self.data:
            raise UserError(self.env._("Choose a file first."))
        if self.read_as != repr(self._settings()):
            raise UserError(
                self.env._(
                    "The columns below belong to what was read before: press “Read "
                    "again” after a change of sheet, headings, letters or separator."
                )
            )
        labels = dict(self.env["clinic.patient.import.column"]._selection_field())
        places = {}
        for column in self.column_ids.filtered("field"):
            places.setdefault(column.field, []).append(column.letter)
        for field, letters in places.items():
            if len(letters) > 1:
                raise UserError(
                    self.env._(
                        "“%(field)s” is chosen for the columns %(columns)s: one column "
                        "can fill it.",
                        field=labels[field],
                        columns=", ".join(letters),
                    )
                )
        if not places.keys() & {"name", "family_name", "given_name"}:
            raise UserError(
                self.env._(
                    "No column holds a name. Choose which one holds the family name "
                    "and the given name, or the whole name."
                )
            )
        if "name" in places and places.keys() & {"family_name", "given_name"}:
            raise UserError(
                self.env._(
                    "Choose either the whole name or its parts: both together may "
                    "contradict each other."
                )
            )
        self._check_dates(places)

    def _check_dates(self, places):
        """Raise while a question about dates is open."""
        if "birth_date" not in places:
            return
        if self.is_spreadsheet and not self.spreadsheet_dates:
            raise UserError(
                self.env._(
                    "Choose whether the dates of the spreadsheet are right as they "
                    "stand, or have day and month exchanged."
                )
            )
        if not self.date_order and self._are_dates_open():
            raise UserError(
                self.env._("Choose how the dates are written: nothing tells it.")
            )

    def _are_dates_open(self):
        """Whether the column of birth dates leaves open which part is the day."""
        born = self.column_ids.filtered(lambda column: column.field == "birth_date")
        headers = [column.header or "" for column in self.column_ids]
        lines = self._open_file().people(headers)
        found = import_dates.evidence(
            line.cells[born.number]
            for line in itertools.islice(lines, import_file.LOOKED_AT)
            if born.number < len(line.cells)
        )
        if found.order:
            self.date_order = found.order
        return found.is_open or found.contradicts

    def _remember_columns(self):
        headers = [column.header or "" for column in self.column_ids]
        if any(headers):
            # sudo: clinic.patient.import.mapping - written by imports only
            self.env["clinic.patient.import.mapping"].sudo()._remember(
                self.company_id,
                headers,
                [column.field for column in self.column_ids],
                self.date_order,
            )
