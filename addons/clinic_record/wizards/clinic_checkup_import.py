import base64

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.clinic_patient.lib import import_dates, import_file, import_headers
from odoo.addons.clinic_patient.lib.import_limits import BadFile
from odoo.addons.clinic_patient.lib.person_name import NAME_FIELDS
from odoo.addons.clinic_patient.models.clinic_patient_import_prepare import (
    RowReader,
    orm_vals,
)

SHOWN = 30
LARGEST = 5_000_000
MOST_PEOPLE = 2_000
#: Fields of the card that a roster fills; a firm's notes on its people are not read.
FILLED = {*NAME_FIELDS, "birth_date", "sex", "tax_code", "email"}
FILLED |= {"phone", "phone_home", "phone_work"}


class ClinicCheckupImport(models.TransientModel):
    """Put the people of a firm's list on the roster of a campaign.

    The file is read as that of an import of patients is. Somebody with the same tax
    code, or the same name and birth date, is the card that is here; who only resembles
    one gets a new card “to review”. A repeat adds nobody twice. Lines with mistakes are
    listed and left out, or taken without the bad cell, as was chosen.
    """

    _name = "clinic.checkup.import"
    _description = "Import of a roster"

    campaign_id = fields.Many2one("clinic.checkup.campaign", required=True)
    content = fields.Binary(string="File", attachment=False)
    file_name = fields.Char()
    sheet = fields.Integer(help="The first is 1. 0: find the one with the people.")
    headings_line = fields.Integer(
        string="Line with the headings", default=-1, help="-1: find it."
    )
    date_order = fields.Selection(
        [
            ("dmy", "Day, month, year"),
            ("mdy", "Month, day, year"),
            ("ymd", "Year, month, day"),
        ],
        string="Dates are written",
        help="Empty: found out from the file.",
    )
    bad_cells = fields.Selection(
        [
            ("leave", "Leave the line out"),
            ("without", "Take the person without that cell"),
        ],
        string="A cell that cannot be read",
        required=True,
        default="leave",
    )
    report = fields.Text(string="What was imported", readonly=True)

    def action_import(self):
        """Read the file, make the cards that are missing, fill the roster.

        :raises UserError: the file is no roster, with what to do
        """
        self.ensure_one()
        file, look = self._look()
        people, problems, notes = self._read_people(file, look)
        known = self._known_cards(people)
        roster = {person.patient_id.id for person in self.campaign_id.person_ids}
        counts = {"known": 0, "new": 0, "there": 0}
        for number, vals in people:
            card_id = known.get(number)
            if not card_id:
                card_id, problem = self._make_card(vals)
                if problem:
                    problems.append((number, problem))
                    continue
                counts["new"] += 1
            elif card_id in roster:
                counts["there"] += 1
            else:
                counts["known"] += 1
            if card_id not in roster:
                roster.add(card_id)
                self.env["clinic.checkup.person"].create(
                    {"campaign_id": self.campaign_id.id, "patient_id": card_id}
                )
        self.report = "\n".join(
            [
                *self._describe(counts, sorted(problems), notes),
                *self.env["clinic.patient.import"]._file_notice(look),
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import of a roster"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "new",
        }

    def _describe(self, counts, problems, notes):
        """Return the lines of the report.

        :param dict counts: of cards that are new, known, and on the roster already
        :param list problems: (line, why) of those left out
        :param list notes: (line, what) of those taken, to be looked at
        """
        lines = [
            self.env._(
                "%(new)s new cards, %(known)s known patients added, %(there)s were on "
                "the roster already.",
                **counts,
            )
        ]
        left_out = self.env._("%(count)s lines were left out:", count=len(problems))
        taken = self.env._("%(count)s lines to look at:", count=len(notes))
        for title, said in ((left_out, problems), (taken, notes)):
            if said:
                lines += ["", title, *self._say_lines(said)]
        return lines

    def _say_lines(self, said):
        lines = [
            self.env._("Line %(number)s: %(reason)s", number=number, reason=why)
            for number, why in said[:SHOWN]
        ]
        if len(said) > SHOWN:
            numbers = ", ".join(str(number) for number, _why in said[SHOWN:])
            lines.append(self.env._("And the lines %(numbers)s.", numbers=numbers))
        return lines

    def _read_people(self, file, look):
        """Return people as (line, vals), and problems and notes as (line, words).

        :param import_file.File file: the roster
        :param import_file.Look look: at it
        :raises UserError: the file is no roster, or a question must be answered
        """
        found = [
            field if field in FILLED else None
            for field in import_headers.propose(look.headers)
        ]
        if not {"name", "family_name"} & set(found):
            raise UserError(
                self.env._(
                    "No line names the columns: family name, given name, birth date, "
                    "phone, tax code. Write these words above them."
                )
            )
        reader = RowReader(
            self.env,
            self.campaign_id.company_id,
            look.headers,
            found,
            self._dates(look, found),
        )
        people, problems, notes, seen = [], [], [], set()
        for line in file.people(look.headers):
            read = reader.read_line(line)
            wrong = read.fatal + read.bad
            if read.fatal or (read.bad and self.bad_cells == "leave"):
                problems.append((line.number, " ".join(wrong)))
                continue
            vals = read.vals
            key = (vals.get("tax_code"), vals.get("birth_date"), vals["duplicate_key"])
            if key in seen:
                again = self.env._("the same person stands above")
                problems.append((line.number, again))
                continue
            seen.add(key)
            people.append((line.number, vals))
            if said := read.bad + read.notes:
                notes.append((line.number, " ".join(said)))
        return people, problems, notes

    def _look(self):
        """Return the file and what it holds.

        :raises UserError: it cannot be read, with what to do
        """
        content = base64.b64decode(self.content or b"")
        if not content:
            raise UserError(self.env._("Choose a file first."))
        if len(content) > LARGEST:
            raise UserError(self.env._("The file is too large: split the list."))
        settings = import_file.Settings(
            sheet=self.sheet - 1 if self.sheet > 0 else None,
            headings=self.headings_line,
        )
        try:
            file = import_file.open_file(content, settings)
            look = file.look()
        except BadFile as error:
            words = self.env["clinic.patient.import"]
            raise UserError(words._bad_file_message(error)) from error
        if look.total > MOST_PEOPLE:
            raise UserError(self.env._("More than 2,000 lines: split the list."))
        return file, look

    def _dates(self, look, found):
        """Return how the dates of the roster are read.

        :raises UserError: nothing tells day and month apart, and nobody said it
        """
        born = found.index("birth_date") if "birth_date" in found else -1
        told = import_dates.evidence(
            line.cells[born] for line in look.sample if -1 < born < len(line.cells)
        )
        if not self.date_order and (told.is_open or told.contradicts):
            raise UserError(
                self.env._(
                    "The file does not tell whether the day or the month of a birth "
                    "date comes first: choose how dates are written."
                )
            )
        order = self.date_order or told.order
        return import_dates.Reading(order or None, is_1904=look.is_1904)

    def _known_cards(self, people):
        """Return ``{line: id of the card}`` of those who are here for certain.

        One statement; certain is a tax code, or name and birth date that one card has.
        """
        partners = self.env["res.partner"]
        partners._flush_for_duplicates()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT asked.line, MIN(p.id)
                  FROM unnest(%(lines)s::int[], %(codes)s::text[], %(keys)s::text[],
                              %(births)s::date[]) asked(line, code, key, birth)
                  JOIN res_partner p
                    ON p.is_patient AND p.active
                   AND (p.company_id IS NULL OR p.company_id = %(company)s)
                   AND ((asked.code > '' AND p.tax_code_base = asked.code)
                        OR (p.duplicate_key = asked.key
                            AND p.birth_date = asked.birth
                            AND (COALESCE(asked.code, '') = ''
                                 OR COALESCE(p.tax_code_base, '') = '')))
                 GROUP BY asked.line HAVING COUNT(*) = 1
                """,
                lines=[number for number, _vals in people],
                codes=[vals.get("tax_code_base") or None for _number, vals in people],
                keys=[vals["duplicate_key"] for _number, vals in people],
                births=[vals.get("birth_date") for _number, vals in people],
                company=self.campaign_id.company_id.id,
            )
        )
        visible = partners.search([("id", "in", [row[1] for row in rows])])
        return {line: card_id for line, card_id in rows if card_id in visible.ids}

    def _make_card(self, vals):
        """Return (id, None), or (None, why it cannot be)."""
        partners = self.env["res.partner"]
        company = self.campaign_id.company_id
        try:
            with self.env.cr.savepoint():
                phones = [shown for _e164, shown, _label in vals.get("phones", ())]
                asked = dict(vals, phones=phones, company_id=company.id)
                is_like = bool(partners._find_duplicates(asked))
                card = partners.create(
                    dict(
                        orm_vals(vals, partners.company_id),
                        identity_state="to_review" if is_like else "confirmed",
                        employer=self.campaign_id.firm_id.name,
                    )
                )
                card.flush_recordset()
                return card.id, None
        except (ValidationError, UserError) as refusal:
            return None, str(refusal)
