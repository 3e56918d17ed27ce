import re
from functools import lru_cache

import babel

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, email_normalize, plaintext2html

from ..lib import duplicate_rules, import_values, person_name, tax_code

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
    "area",
    "occupation",
    "employer",
    "source_detail",
    "patient_warning_text",
)
NAMES = ("family_name", "given_name", "middle_name")
PHONES = (("phone", "mobile"), ("phone_home", "home"), ("phone_work", "work"))
#: Languages in which countries are understood, beside those installed.
LANGUAGES = ("en", "it", "ru", "tr", "zh", "de", "es", "fr")
PLAIN_EMAIL = re.compile(r"\w+([.-]\w+)*@\w+([.-]\w+)*\.[A-Za-z]{2,}", re.ASCII)
#: What people write into a cell that is empty.
BLANKS = {"-", "--", "—", "n/a", "#n/a", "#н/д"}


class RowReader:
    """Turns the cells of a line into the columns of a card.

    By the same rules as a card in a form: names, dates, numbers and tax codes are read
    by the functions that the card itself uses. What all lines have in common is looked
    up once.
    """

    def __init__(self, job):
        env = self.env = job.env
        self.card = env["res.partner"]
        self.country = job.company_id.country_id
        self.order = job.date_order
        self.today = fields.Date.context_today(job)
        self.places = {
            column.field: column.number for column in job.column_ids.filtered("field")
        }
        self.labels = {
            name: self.card._fields[name].get_description(env)["string"]
            for name in NAMES
        }
        self.search_fields = self.card._clinic_search_fields()
        self.read_number = lru_cache(50_000)(env["clinic.phone"]._read_number)
        self.langs, self.countries = job._langs(), job._countries()
        self.states = job._states()

    def read_line(self, cells):
        """Return the columns of the card, and what a person should look at, or False.

        :raise ValidationError: with everything that is wrong, in words
        """
        given = {}
        for field, number in self.places.items():
            text = cells[number] if number < len(cells) else ""
            given[field] = "" if text.lower() in BLANKS else text
        vals = {name: given[name] for name in PLAIN if given.get(name)}
        wrong = []
        self._read_names(given, vals, wrong)
        self._read_person(given, vals, wrong)
        self._read_email(given, vals, wrong)
        self._read_place(given, vals, wrong)
        digits = self._read_phones(given, vals, wrong)
        self._read_rest(given, vals, wrong)
        if wrong:
            raise ValidationError(" ".join(wrong))
        parts = [vals[name] for name in NAMES]
        vals["duplicate_key"] = duplicate_rules.name_key(*parts)
        vals["clinic_search_text"] = person_name.search_text(
            [vals.get(name) for name in self.search_fields], digits
        )
        return vals, self._warning(vals)

    def _read_names(self, given, vals, wrong):
        parts = {name: person_name.clean(given.get(name)) for name in NAMES}
        if given.get("name"):
            parts["family_name"], parts["given_name"] = person_name.split(given["name"])
        for name, text in parts.items():
            try:
                self.card._check_name_part(self.labels[name], text)
            except ValidationError as error:
                wrong.append(str(error))
        vals.update(parts, name=person_name.compose(*parts.values()))
        if not vals["name"]:
            wrong.append(self.env._("There is no name."))

    def _read_person(self, given, vals, wrong):
        if text := given.get("birth_date"):
            born = import_values.read_date(text, self.order, self.today)
            problem = self.card._birth_date_problem(born, self.today)
            if born is None:
                problem = self.env._("“%(text)s” is no date.", text=text[:40])
            if problem:
                wrong.append(problem)
            else:
                vals["birth_date"] = born.isoformat()
        if text := given.get("sex"):
            vals["sex"] = import_values.read_sex(text)
            if not vals["sex"]:
                wrong.append(
                    self.env._(
                        "“%(text)s” is no sex: write male, female, other or unknown.",
                        text=text[:40],
                    )
                )
        if code := tax_code.compact(given.get("tax_code")):
            country = self.country.code
            if problem := self.card._tax_code_wrong(code, country):
                wrong.append(problem)
            else:
                vals["tax_code"] = code
                vals["tax_code_base"] = tax_code.base(code, country)

    def _read_email(self, given, vals, wrong):
        if text := given.get("email"):
            # Odoo parses whole headers of letters; a plain address needs none of it.
            plain = PLAIN_EMAIL.fullmatch(text)
            normal = text.lower() if plain else email_normalize(text, strict=False)
            if not normal:
                wrong.append(
                    self.env._("“%(text)s” is no e-mail address.", text=text[:60])
                )
            vals.update(email=text, email_normalized=normal)

    def _read_place(self, given, vals, wrong):
        home = self.country
        if text := given.get("country"):
            home = self.countries.get(person_name.plain(text))
            if not home:
                wrong.append(
                    self.env._("There is no country “%(text)s”.", text=text[:40])
                )
                return
            vals["country_id"] = home.id
        if text := given.get("state"):
            vals["state_id"] = self.states.get((home.id, person_name.plain(text)))
            if not vals["state_id"]:
                wrong.append(
                    self.env._(
                        "There is no state or province “%(text)s” in %(country)s.",
                        text=text[:40],
                        country=home.name or "?",
                    )
                )

    def _read_phones(self, given, vals, wrong):
        """Read the numbers; return their digits as people begin to type them."""
        numbers, digits = {}, []
        # A card without a country reads its numbers in that of the company.
        country = self.country
        if vals.get("country_id"):
            country = country.browse(vals["country_id"])
        for field, label in PHONES:
            if not (text := given.get(field)):
                continue
            try:
                e164, shown, begin = self.read_number(text, country)
            except ValidationError as error:
                wrong.append(str(error))
                continue
            if e164 not in numbers:
                numbers[e164] = (shown, label)
                digits += begin
        if numbers:
            first = next(iter(numbers))
            vals.update(
                phones=[[e164, *more] for e164, more in numbers.items()],
                phone=numbers[first][0],
                phone_sanitized=first,
            )
        return digits

    def _read_rest(self, given, vals, wrong):
        if text := given.get("lang"):
            vals["lang"] = self.langs.get(person_name.plain(text))
            if not vals["lang"]:
                wrong.append(
                    self.env._(
                        "“%(text)s” is none of the languages of this site.",
                        text=text[:40],
                    )
                )
        if text := given.get("comment"):
            field = self.card._fields["comment"]
            vals["comment"] = field.convert_to_column(plaintext2html(text), self.card)

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
