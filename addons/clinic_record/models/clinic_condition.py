from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, file_open

from ..lib import classification_file, icd10


class ClinicCondition(models.Model):
    """A diagnosis or risk from the classification the clinic uses (ICD-10).

    FHIR R4 ``Condition.code``. A list of common codes is shipped; the official list is
    loaded from the file that WHO or a ministry publishes (``clinic.condition.load``).
    """

    _name = "clinic.condition"
    _description = "Condition"
    _inherit = ["clinic.gate"]
    _order = "code, name"
    _rec_names_search = ["code", "name"]

    code = fields.Char(required=True, help="Code in ICD-10, for example E11 or E11.9.")
    name = fields.Char(required=True, translate=True, index="trigram")
    active = fields.Boolean(default=True)
    chapter = fields.Selection(
        lambda self: [(number, title) for number, _a, _z, title in icd10.CHAPTERS],
        compute="_compute_chapter",
        store=True,
        index=True,
    )
    parent_id = fields.Many2one(
        "clinic.condition",
        string="Part of",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    child_ids = fields.One2many("clinic.condition", "parent_id", string="Finer codes")

    _code_unique = models.UniqueIndex("(code)", "This code is in the list already.")
    _code_format = models.Constraint(
        f"CHECK (code ~ '^{icd10.PATTERN}$')",
        "A code of ICD-10 is a letter and two signs, and after a point up to four "
        "more: E11 or E11.9.",
    )

    @api.depends("code")
    def _compute_chapter(self):
        for condition in self:
            condition.chapter = icd10.chapter(condition.code)

    @api.depends("code", "name")
    def _compute_display_name(self):
        for condition in self:
            condition.display_name = f"{condition.code} {condition.name}"

    @api.model
    def _search_display_name(self, operator, value):
        """One box: the beginning of a code (with or without its point), or words.

        Every word must be in the title; "diab type" finds "Type 2 diabetes".
        """
        if operator != "ilike" or not isinstance(value, str) or not value.strip():
            return super()._search_display_name(operator, value)
        domains = []
        for word in value.split():
            domain = Domain("name", "ilike", word)
            if code := icd10.prefix(word):
                domain |= Domain("code", "=like", f"{code}%")
            domains.append(domain)
        return Domain.AND(domains)

    @api.model_create_multi
    def create(self, vals_list):
        conditions = super().create(
            [self._prepare_code_vals(vals) for vals in vals_list]
        )
        self._link_parents()
        return conditions

    def write(self, vals):
        result = super().write(self._prepare_code_vals(vals))
        if "code" in vals:
            self._link_parents()
        return result

    @api.model
    def _prepare_code_vals(self, vals):
        """Return values whose code is written as the list writes it.

        :raises ValidationError: it is no code
        """
        if not vals.get("code"):
            return vals
        code = icd10.normalise(vals["code"])
        if not code:
            raise ValidationError(
                self.env._(
                    "“%(code)s” is no code of ICD-10: write a letter and two signs, "
                    "and after a point up to four more, as in E11 or E11.9.",
                    code=vals["code"],
                )
            )
        return dict(vals, code=code)

    @api.model
    def _load_common(self):
        """Fill the list with the codes that are shipped; called at installation."""
        with file_open("clinic_record/data/icd10_common.csv", "rb") as source:
            titles = classification_file.read(source.read()).titles
        self._load_titles(titles, "en_US", replace=False)

    @api.model
    def _compare_titles(self, titles, lang):
        """Count what loading a list would do.

        :param dict titles: ``{code: title}``
        :param str lang: code of the language of the titles
        :returns: ``{"new": n, "changed": n, "same": n}``
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*) FILTER (WHERE c.id IS NULL),
                       COUNT(*) FILTER (WHERE c.name->>%(lang)s <> new.title
                                           OR c.id IS NOT NULL
                                              AND c.name->>%(lang)s IS NULL),
                       COUNT(*) FILTER (WHERE c.name->>%(lang)s = new.title)
                  FROM unnest(%(codes)s::text[], %(titles)s::text[]) new(code, title)
                  LEFT JOIN clinic_condition c ON c.code = new.code
                """,
                lang=lang,
                codes=list(titles),
                titles=list(titles.values()),
            )
        )
        return dict(zip(("new", "changed", "same"), rows[0], strict=True))

    @api.model
    def _load_titles(self, titles, lang, replace=True):
        """Add codes and write titles, in one statement; a repeat changes nothing.

        :param dict titles: ``{code: title}``
        :param str lang: code of the language of the titles
        :param bool replace: also write over the titles that are there
        """
        self.check_access("write")
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_condition AS c (code, name, chapter, active,
                            create_uid, create_date, write_uid, write_date)
                SELECT code, jsonb_build_object('en_US', title, %(lang)s, title),
                       chapter, TRUE, %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(codes)s::text[], %(titles)s::text[],
                              %(chapters)s::text[]) new(code, title, chapter)
                    ON CONFLICT (code) DO UPDATE
                   SET name = c.name || jsonb_build_object(%(lang)s,
                                                           EXCLUDED.name->>%(lang)s),
                       write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
                 WHERE %(replace)s
                   AND c.name->>%(lang)s IS DISTINCT FROM EXCLUDED.name->>%(lang)s
                """,
                lang=lang,
                uid=self.env.uid,
                codes=list(titles),
                titles=list(titles.values()),
                chapters=[icd10.chapter(code) for code in titles],
                replace=replace,
            )
        )
        self._link_parents()
        self.invalidate_model()

    @api.model
    def _link_parents(self):
        """Put each code under the nearest one above it that is in the list."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE clinic_condition c SET parent_id = found.above_id
                  FROM (SELECT fine.id,
                               (SELECT wide.id
                                  FROM generate_series(3, length(fine.code) - 1) size
                                  JOIN clinic_condition wide
                                    ON wide.code = left(fine.code, size)
                                 ORDER BY size DESC LIMIT 1) AS above_id
                          FROM clinic_condition fine) found
                 WHERE found.id = c.id AND c.parent_id IS DISTINCT FROM found.above_id
                """
            )
        )
        self.invalidate_model(["parent_id", "child_ids"])
