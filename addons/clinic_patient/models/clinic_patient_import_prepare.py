import re
from functools import lru_cache
from typing import NamedTuple

import babel

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, email_normalize, plaintext2html

from ..lib import (
    duplicate_rules,
    import_dates,
    import_headers,
    import_values,
    person_name,
    tax_code,
)
from ..lib.person_name import NAME_FIELDS, NAMES

#: Fields of the card that are filled with the text as it stands.
PLAIN = (
    "card_number",
    "outpatient_number",
    "inpatient_number",
    "national_number",
    "insurance_number",
    "street",
    "street2",
    "zip",
    "city",
    "clinic_area",
    "occupation",
    "employer",
    "source_detail",
    "patient_warning_text",
)
PHONE_LABELS = {"phone": "mobile", "phone_home": "home", "phone_work": "work"}
#: What a card works out by itself when it is made by ``create``.
DERIVED = {
    "name",
    "tax_code_base",
    "email_normalized",
    "phone",
    "phone_sanitized",
    "duplicate_key",
    "clinic_search_text",
}
#: Languages in which countries are understood, beside those installed.
LANGUAGES = ("en", "it", "ru", "tr", "zh", "de", "es", "fr")
PLAIN_EMAIL = re.compile(r"\w+([.-]\w+)*@\w+([.-]\w+)*\.[A-Za-z]{2,}", re.ASCII)


class Reading(NamedTuple):
    """What a line of a file says.

    :param dict vals: the columns of the card, without those of bad cells
    :param list fatal: why no card can be made of it, in words
    :param list bad: cells that cannot be read, in words; the rest of the line can
    :param list notes: what a person should look at
    """

    vals: dict
    fatal: list
    bad: list
    notes: list


class RowReader:
    """Turns the cells of a line into the columns of a card.

    By the same rules as a card in a form: names, dates, numbers and tax codes are read
    by the functions that the card itself uses. What all lines have in common is looked
    up once.

    :param company: res.company whose country numbers and tax codes are read in
    :param list headers: of the columns of the file
    :param list found: the field that each column holds, or False
    :param import_dates.Reading dates: how dates are written
    """

    def __init__(self, env, company, headers, found, dates):
        self.env = env
        self.card = env["res.partner"]
        self.country = company.country_id
        self.dates = dates
        self.today = fields.Date.context_today(self.card)
        self.places = {field: number for number, field in enumerate(found) if field}
        self.titles = {
            field: self._title(number, headers[number])
            for field, number in self.places.items()
        }
        self.labels = {
            name: self.card._fields[name].get_description(env)["string"]
            for name in NAMES
        }
        self.search_fields = self.card._clinic_search_fields()
        self.read_number = lru_cache(50_000)(env["clinic.phone"]._read_number)
        self.read_birth_date = lru_cache(50_000)(self._birth_date_of)
        words = env["clinic.patient.import"]
        self.langs, self.countries = words._langs(), words._countries()
        self.states = words._states()

    def _title(self, number, header):
        letter = import_headers.letter(number)
        return f"{header} ({letter})" if header else letter

    def read_line(self, line):
        """Return the :class:`Reading` of a line.

        :param import_file.Line line: of the file
        """
        read = Reading({}, [], [], [])
        if line.problem:
            read.fatal.append(self._line_problem(line))
            return read
        given = self._given(line.cells, read)
        read.vals.update({name: given[name] for name in PLAIN if given.get(name)})
        self._read_names(given, read)
        self._read_person(given, read)
        self._read_email(given, read)
        self._read_place(given, read)
        digits = self._read_phones(given, read)
        self._read_rest(given, read)
        parts = [read.vals[name] for name in NAMES]
        read.vals["duplicate_key"] = duplicate_rules.name_key(*parts)
        read.vals["clinic_search_text"] = person_name.search_text(
            [read.vals.get(name) for name in self.search_fields], digits
        )
        if warning := self._warning(read.vals):
            read.notes.append(warning)
        return read

    def _line_problem(self, line):
        words = {
            "cells": self.env._(
                "The line has %(count)s cells, more than there are columns: a "
                "separator or a quotation mark is missing or too many.",
                count=len(line.cells),
            ),
            "quote": self.env._("A quotation mark in this line has no partner."),
            "total": self.env._("This is a line of totals and no patient."),
            "headings": self.env._("This line repeats the headings."),
        }
        return words[line.problem]

    def _given(self, cells, read):
        """Return the texts by field, without those that mean nothing or are spoilt."""
        given = {}
        for field, number in self.places.items():
            text = cells[number] if number < len(cells) else ""
            if text and import_values.is_empty(field, text):
                self._note_half(read, field, text)
                text = ""
            elif import_values.has_failed(text):
                self._bad(
                    read,
                    field,
                    self.env._(
                        "the formula gave no value (%(text)s): open the file in a "
                        "spreadsheet program, put it right, and save it again.",
                        text=text[:40],
                    ),
                )
                text = ""
            elif field in import_values.NUMBERS:
                text = self._digits(read, field, text)
            given[field] = text
        return given

    def _note_half(self, read, field, text):
        """Note that half of a name was left out as a word for nothing."""
        if field in import_values.HALVES:
            problem = self.env._("“%(text)s” was taken for no name.", text=text)
            read.notes.append(
                self.env._(
                    "%(column)s: %(problem)s",
                    column=self.titles[field],
                    problem=problem,
                )
            )

    def _digits(self, read, field, text):
        try:
            found = import_values.read_digits(text)
            if field in PHONE_LABELS and import_values.is_rounded_phone(found):
                raise import_values.Rounded
            return found
        except import_values.Rounded:
            self._bad(
                read,
                field,
                self.env._(
                    "a spreadsheet has rounded “%(text)s”: its last digits are lost. "
                    "Look them up where the file comes from.",
                    text=text[:40],
                ),
            )
            return ""

    def _bad(self, read, field, problem):
        """Note that a cell cannot be read; one without a name makes no card."""
        where = self.titles[field]
        spoilt = self.env._("%(column)s: %(problem)s", column=where, problem=problem)
        (read.fatal if field in NAME_FIELDS else read.bad).append(spoilt)

    def _read_names(self, given, read):
        parts = {name: person_name.clean(given.get(name)) for name in NAMES}
        if given.get("name"):
            parts["family_name"], parts["given_name"] = person_name.split(given["name"])
        for name, text in parts.items():
            try:
                self.card._check_name_part(self.labels[name], text)
            except ValidationError as error:
                read.fatal.append(str(error))
            if import_values.is_no_name(text):
                read.fatal.append(
                    self.env._(
                        "“%(text)s” is nobody's name: perhaps the cells of this line "
                        "stand in other columns, or it is no patient.",
                        text=text[:60],
                    )
                )
        read.vals.update(parts, name=person_name.compose(*parts.values()))
        if not read.vals["name"] and not read.fatal:
            read.fatal.append(self.env._("There is no name."))

    def _read_person(self, given, read):
        if text := given.get("birth_date"):
            self._read_birth_date(text, read)
        if text := given.get("sex"):
            if sex := import_values.read_sex(text):
                read.vals["sex"] = sex
            else:
                problem = self.env._(
                    "“%(text)s” is no sex: write male, female, other or unknown.",
                    text=text[:40],
                )
                self._bad(read, "sex", problem)
        if code := tax_code.compact(given.get("tax_code")):
            country = self.country.code
            if problem := self.card._tax_code_wrong(code, country):
                self._bad(read, "tax_code", problem)
            else:
                read.vals["tax_code"] = code
                read.vals["tax_code_base"] = tax_code.base(code, country)

    def _read_birth_date(self, text, read):
        born, problem, note = self.read_birth_date(text)
        if problem:
            self._bad(read, "birth_date", problem)
        elif born:
            read.vals["birth_date"] = born
        if note:
            read.notes.append(note)

    def _birth_date_of(self, text):
        """Return the day of birth as ISO text, what is wrong, and what to look at."""
        born = import_dates.read_date(text, self.dates, self.today)
        if import_dates.is_stand_in(text, born):
            return False, False, False
        if born is None:
            return False, self._no_date(text), False
        if problem := self.card._birth_date_problem(born, self.today):
            return False, problem, False
        note = False
        if import_dates.is_century_open(text, born, self.today):
            note = self.env._(
                "“%(text)s” was read as %(year)s, and may be %(earlier)s.",
                text=text[:40],
                year=born.year,
                earlier=born.year - 100,
            )
        return born.isoformat(), False, note

    def _no_date(self, text):
        if self.dates.order:
            return self.env._("“%(text)s” is no date.", text=text[:40])
        return self.env._(
            "“%(text)s” is no date, or nothing tells its day from its month: choose "
            "how dates are written.",
            text=text[:40],
        )

    def _read_email(self, given, read):
        if text := given.get("email", "").removeprefix("mailto:"):
            # Odoo parses whole headers of letters; a plain address needs none of it.
            plain = PLAIN_EMAIL.fullmatch(text)
            normal = text.lower() if plain else email_normalize(text, strict=False)
            if normal:
                read.vals.update(email=text, email_normalized=normal)
            else:
                problem = self.env._("“%(text)s” is no e-mail address.", text=text[:60])
                self._bad(read, "email", problem)

    def _read_place(self, given, read):
        home = self.country
        if text := given.get("country"):
            found = self.countries.get(person_name.plain(text).removeprefix("base."))
            if not found:
                problem = self.env._("There is no country “%(text)s”.", text=text[:40])
                self._bad(read, "country", problem)
                return
            home = found
            read.vals["country_id"] = home.id
        if restored := import_values.with_zip_zeros(given.get("zip", ""), home.code):
            read.vals["zip"] = restored
            self._note_zeros(read, given["zip"], restored)
        if text := given.get("state"):
            # Odoo writes "Roma (IT)".
            words = (text, re.sub(r" \([A-Z]{2}\)$", "", text))
            keys = ((home.id, person_name.plain(word)) for word in words)
            found = next(filter(None, map(self.states.get, keys)), None)
            if found:
                read.vals["state_id"] = found
            else:
                problem = self.env._(
                    "There is no state or province “%(text)s” in %(country)s.",
                    text=text[:40],
                    country=home.name or "?",
                )
                self._bad(read, "state", problem)

    def _read_phones(self, given, read):
        """Read the numbers; return their digits as people begin to type them."""
        numbers, digits = {}, []
        # A card without a country reads its numbers in that of the company.
        country = self.country
        if read.vals.get("country_id"):
            country = country.browse(read.vals["country_id"])
        for field, label in PHONE_LABELS.items():
            for text in self._phones_of(field, given.get(field), country, read):
                try:
                    e164, shown, begin = self.read_number(text, country)
                except ValidationError as error:
                    self._bad(read, field, str(error))
                    continue
                if e164 not in numbers:
                    numbers[e164] = (shown, label)
                    digits += begin
        if numbers:
            first = next(iter(numbers))
            read.vals.update(
                phones=[[e164, *more] for e164, more in numbers.items()],
                phone=numbers[first][0],
                phone_sanitized=first,
            )
        return digits

    def _phones_of(self, field, text, country, read):
        """Return the numbers that a cell holds, with a zero that was taken away."""
        if not text:
            return []
        restored = import_values.with_lost_zero(text, country.code)
        if restored:
            self._note_zeros(read, text, restored)
            return [restored]
        return import_values.split_phones(text)

    def _note_zeros(self, read, text, restored):
        read.notes.append(
            self.env._(
                "“%(text)s” was read as %(number)s: a spreadsheet takes away zeros in "
                "front.",
                text=text,
                number=restored,
            )
        )

    def _read_rest(self, given, read):
        if text := given.get("lang"):
            if lang := self.langs.get(person_name.plain(text)):
                read.vals["lang"] = lang
            else:
                problem = self.env._(
                    "“%(text)s” is none of the languages of this site.",
                    text=text[:40],
                )
                self._bad(read, "lang", problem)
        if text := given.get("clinic_note"):
            field = self.card._fields["clinic_note"]
            read.vals["clinic_note"] = field.convert_to_column(
                plaintext2html(text), self.card
            )

    def _warning(self, vals):
        if not vals.get("tax_code"):
            return False
        return self.card._tax_code_disagrees(
            vals["tax_code"],
            self.country.code,
            vals["family_name"],
            vals["given_name"],
            fields.Date.to_date(vals.get("birth_date")),
            vals.get("sex"),
        )


def orm_vals(vals, company):
    """Return the vals for ``create`` of a card, of those that a line was read to.

    :param dict vals: of a :class:`Reading`
    :param company: res.company the card belongs to, or an empty one
    """
    found = {
        name: value
        for name, value in vals.items()
        if name not in DERIVED and name != "phones" and value
    }
    found.update(is_patient=True, company_id=company.id)
    if phones := vals.get("phones"):
        found["phone_ids"] = [
            (0, 0, {"number": shown, "label": label, "is_preferred": number == 0})
            for number, (_e164, shown, label) in enumerate(phones)
        ]
    return found


class ClinicPatientImport(models.Model):
    """Import of patients: the words for languages and places."""

    _inherit = "clinic.patient.import"

    def _langs(self):
        """Return ``{word: code}`` of the installed languages."""
        found = {}
        for code, name in self.env["res.lang"].get_installed():
            iso_code = self.env["res.lang"]._get_data(code=code).iso_code
            for word in (code, iso_code, code.split("_")[0], name):
                found.setdefault(person_name.plain(word), code)
            found.setdefault(person_name.plain(name).split(" (")[0], code)
        return found

    def _countries(self):
        """Return ``{word: country}``: codes, and names in every language."""
        countries = self.env["res.country"]
        spoken = [babel.Locale(lang).territories for lang in LANGUAGES]
        return {
            person_name.plain(word): countries.browse(row["id"])
            for row in self._named("res.country", SQL("NULL::int"))
            for word in (
                *(names.get(row["code"]) for names in spoken),
                *row["names"],
                row["code"],
            )
            if word
        }

    def _states(self):
        """Return ``{(id of the country, word): id}`` of states and provinces."""
        return {
            (row["country_id"], person_name.plain(word)): row["id"]
            for row in self._named("res.country.state", SQL("country_id"))
            for word in (*row["names"], row["code"])
            if word
        }

    def _named(self, model, country):
        self.env[model].flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT id, code, %(country)s AS country_id,
                       CASE jsonb_typeof(to_jsonb(name)) WHEN 'object'
                       THEN ARRAY(SELECT value FROM jsonb_each_text(to_jsonb(name)))
                       ELSE ARRAY[to_jsonb(name) #>> '{}'] END AS names
                  FROM %(table)s
                """,
                country=country,
                table=SQL.identifier(self.env[model]._table),
            )
        )
