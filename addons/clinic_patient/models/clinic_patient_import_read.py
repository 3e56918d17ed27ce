import itertools

from odoo import Command, models
from odoo.exceptions import UserError

from ..lib import import_file, import_headers, import_values

#: Lines looked at to tell how dates are written.
LOOKED_AT = 1000


class ClinicPatientImport(models.Model):
    """Import of patients: from the file to its columns."""

    _inherit = "clinic.patient.import"

    def _read_columns(self):
        """Read the beginning of the file, count its lines, propose the columns.

        :raises UserError: the file cannot be read
        """
        self.ensure_one()
        data = self._bytes()
        spreadsheet = import_file.is_xlsx(data)
        try:
            import_file.check(data)
            if not spreadsheet:
                encoding = self.encoding or import_file.detect_encoding(data)
                # What was found out is shown, and may be corrected.
                self.encoding = encoding
                self.delimiter = self.delimiter or import_file.detect_delimiter(
                    import_file.decode(data, encoding)
                )
            rows = self._lines()
            headers = next((row for row in rows if row), None)
            if headers is None:
                raise import_file.BadFile("empty")
            sample = list(itertools.islice((row for row in rows if row), LOOKED_AT))
            total = len(sample) + sum(1 for row in rows if row)
        except import_file.BadFile as error:
            raise UserError(self._bad_file_message(error)) from None
        if not self.has_headers:
            sample.insert(0, headers)
            total += 1
            headers = []
        if not sample:
            raise UserError(
                self.env._("The file holds headers only: there is nobody to import.")
            )
        width = max(len(headers), *map(len, sample))
        headers += [""] * (width - len(headers))
        self._propose_columns(headers, sample)
        self._ours().write(
            {
                "state": "columns",
                "is_spreadsheet": spreadsheet,
                "total": total,
                "notice": self._columns_notice(headers),
            }
        )

    def _propose_columns(self, headers, sample):
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

        def text(row, number):
            return row[number][:80] if number < len(row) else False

        self.column_ids = [
            Command.clear(),
            *(
                Command.create(
                    {
                        "number": number,
                        "header": header[:80],
                        "field": field or False,
                        **{
                            f"sample_{place + 1}": text(row, number)
                            for place, row in enumerate(sample[:3])
                        },
                    }
                )
                for number, (header, field) in enumerate(
                    zip(headers, found, strict=True)
                )
            ),
        ]
        orders = []
        if "birth_date" in found:
            born = found.index("birth_date")
            orders = import_values.detect_order(
                [row[born] for row in sample if born < len(row)]
            )
        usual = known.date_order or self._usual_order()
        if orders:
            self.date_order = usual if usual in orders else orders[0]
        else:
            self.date_order = usual

    def _usual_order(self):
        """Return how dates are written in the country of the clinic."""
        return "mdy" if self.company_id.country_id.code == "US" else "dmy"

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
        if nameless and self.has_headers:
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
        return "\n".join(lines) or False

    def _check_columns(self):
        """Raise unless the columns chosen make cards."""
        if not self.column_ids or not self.data:
            raise UserError(self.env._("Choose a file first."))
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
