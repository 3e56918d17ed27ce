import html
import re

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import formatLang, html_sanitize
from odoo.tools.rendering_tools import parse_inline_template

from ..lib.spoken_day import DATE

TAG = re.compile(r"<[^>]*>")
#: How a gap looks on paper: room to write by hand, and what belongs there.
GAP = Markup(
    '<span class="o_clinic_gap" style="background-color: #fff3cd;">________________'
    " <small>({})</small></span>"
)
NEVER = {"binary", "image", "json", "properties", "properties_definition", "reference"}
#: Gaps that are no path of fields: the day, and what who issues the paper wrote.
WORDS = ("today", "treatment")
#: The model at which each path begins.
ROOT_MODELS = {
    "patient": "res.partner",
    "guardian": "res.partner",
    "company": "res.company",
    "user": "res.users",
}


class ClinicDocumentFiller(models.AbstractModel):
    """Fills the gaps of document templates.

    Odoo's own engines evaluate code, even if restricted; here a gap is only a path of
    fields that is read, step by step, with the rights of who prints. There is nothing
    to execute, hence nothing to escape from.
    """

    _name = "clinic.document.filler"
    _description = "Filling of document templates"

    @api.model
    def _roots(self):
        """Extension point: where paths begin: ``{word: (model, label)}``."""
        labels = {
            "patient": self.env._("The patient"),
            "guardian": self.env._("Who signs for the patient"),
            "company": self.env._("The clinic"),
            "user": self.env._("Who prints"),
        }
        return {word: (ROOT_MODELS[word], label) for word, label in labels.items()}

    @api.model
    def _root_records(self, patient, **_sources):
        """Extension point: the records behind :meth:`_roots`.

        :param patient: ``res.partner``
        """
        today = fields.Date.context_today(self)
        guardians = patient.relationship_ids.filtered(
            lambda one: (
                one.can_sign
                and one.date_start <= today
                and (not one.date_stop or one.date_stop >= today)
            )
        )
        return {
            "patient": patient,
            "guardian": guardians[:1].guardian_id,
            "company": patient.company_id or self.env.company,
            "user": self.env.user,
        }

    @api.model
    def _common(self):
        """Extension point: the paths that are offered beside the editor."""
        return [
            "today",
            "treatment",
            "patient.name",
            "patient.birth_date",
            "patient.age_text",
            "patient.sex",
            "patient.tax_code",
            "patient.card_number",
            "patient.phone",
            "patient.email",
            "patient.street",
            "patient.zip",
            "patient.city",
            "patient.insurance_number",
            "patient.employer",
            "guardian.name",
            "guardian.tax_code",
            "company.name",
            "company.street",
            "company.city",
            "company.phone",
            "company.vat",
            "user.name",
        ]

    # ------------------------------------------------------------
    # Reading a template
    # ------------------------------------------------------------

    @api.model
    def _clean(self, expression):
        """The path of a gap as the editor left it: tags and entities removed."""
        return html.unescape(TAG.sub("", expression)).replace("\xa0", " ").strip()

    @api.model
    def _path(self, expression):
        """Return the fields along a path, or None when it is none.

        :param str expression: for example ``patient.country_id.name``
        :returns: list of (model name, field)
        """
        root, *names = self._clean(expression).split(".")
        if root not in self._roots() or not names:
            return None
        model, found = self.env[self._roots()[root][0]], []
        for number, name in enumerate(names):
            field = model._fields.get(name)
            last = number == len(names) - 1
            if (
                field is None
                or field.type in NEVER
                or field.groups == "."
                or name.startswith("_")
                or (not last and not field.relational)
            ):
                return None
            found.append((model._name, field))
            if field.relational:
                model = self.env[field.comodel_name]
        return found

    @api.model
    def _unknown(self, body):
        """Return the gaps of a body that cannot be filled."""
        return [
            self._clean(expression)
            for _text, expression, _default in parse_inline_template(str(body or ""))
            if expression
            and self._clean(expression) not in WORDS
            and self._path(expression) is None
        ]

    @api.model
    def _label(self, expression):
        """A path in the words of the screen: “The patient: Birth date”."""
        path = self._clean(expression)
        if path == "today":
            return self.env._("Today")
        if path == "treatment":
            return self.env._("Examination or treatment")
        root = self._roots()[path.partition(".")[0]][1]
        words = [
            self.env[model]._fields[field.name].get_description(self.env)["string"]
            for model, field in self._path(path)
        ]
        return f"{root}: {' › '.join(words)}"

    @api.model
    def _placeholder_table(self):
        rows = Markup("").join(
            Markup("<tr><td><code>{{{{ {} }}}}</code></td><td>{}</td></tr>").format(
                path, self._label(path)
            )
            for path in self._common()
        )
        return Markup('<table class="table table-sm">{}</table>').format(rows)

    # ------------------------------------------------------------
    # Filling
    # ------------------------------------------------------------

    @api.model
    def _fill(self, body, patient, **sources):
        """Fill a body from a card, with the rights of the user.

        :param body: HTML with gaps
        :param patient: ``res.partner``
        :param sources: what extensions of :meth:`_root_records` need
        :returns: (the HTML, list of what is missing in words)
        """
        patient = patient.with_env(self.env)
        records = {
            root: record.with_env(self.env)
            for root, record in self._root_records(patient, **sources).items()
        }
        parts, missing = [], []
        for text, expression, default in parse_inline_template(str(body or "")):
            # What the template says was sanitized when it was stored.
            parts.append(Markup(text))
            if not expression:
                continue
            value = self._value(expression, records, sources)
            if not value and default:
                value = self._clean(default)
            if value:
                parts.append(escape(value))
            else:
                label = self._label(expression)
                parts.append(GAP.format(label))
                if label not in missing:
                    missing.append(label)
        filled = html_sanitize(Markup("").join(parts), sanitize_attributes=True)
        return filled, missing

    @api.model
    def _asks(self, body, word):
        """Whether a body has a gap of this name.

        :param str word: one of ``WORDS``
        """
        return any(
            expression and self._clean(expression) == word
            for _text, expression, _default in parse_inline_template(str(body or ""))
        )

    @api.model
    def _value(self, expression, records, sources):
        """Return what stands at a path, in words; empty when nothing does.

        What the user may not read counts as missing.
        """
        path = self._clean(expression)
        if path == "today":
            return self.env["res.partner"]._spoken_day(
                fields.Date.context_today(self), DATE
            )
        if path == "treatment":
            return (sources.get("treatment") or "").strip()
        steps = self._path(path)
        record = records[path.partition(".")[0]]
        for _model, field in steps or ():
            try:
                record.check_access("read")
                record._check_field_access(record._fields[field.name], "read")
            except AccessError:
                return ""
            holder, record = record, record.mapped(field.name)
        if not steps:
            return ""
        return self._words(holder, steps[-1][1], record)

    @api.model
    def _words(self, holder, field, value):
        """A value of a field as one writes it, in the language of the environment."""
        if field.relational:
            return ", ".join(value.mapped("display_name"))
        return ", ".join(
            filter(None, (self._word(one, field, one[field.name]) for one in holder))
        )

    @api.model
    def _word(self, record, field, value):
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if value is False or value is None or value == "":
            return ""
        if field.type == "date":
            return self.env["res.partner"]._spoken_day(value, DATE)
        if field.type == "datetime":
            return self.env["res.partner"]._spoken_time(value)
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "monetary":
            currency = record[field.get_currency_field(record)]
            return formatLang(self.env, value, currency_obj=currency)
        if field.type == "float":
            return formatLang(self.env, value)
        if field.type == "html":
            return html.unescape(TAG.sub(" ", str(value))).strip()
        return str(value)
