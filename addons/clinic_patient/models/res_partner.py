from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.clinic_base.models.fields import UnknownInteger

from ..lib import birth_dates, person_name
from ..lib.roles import PERSON_GROUPS, STAFF_GROUPS

NAME_PARTS = ("family_name", "given_name", "middle_name")


class ResPartner(models.Model):
    """The patient card: who the person is.

    Record rules decide who may read a card: the staff of the clinic, the person and
    the guardians. Fields that are for the staff alone carry ``STAFF_GROUPS``.
    """

    _inherit = "res.partner"

    is_patient = fields.Boolean(
        string="Patient", index="btree_not_null", copy=False, groups=PERSON_GROUPS
    )
    family_name = fields.Char(string="Family name", groups=PERSON_GROUPS)
    given_name = fields.Char(string="Given name", groups=PERSON_GROUPS)
    middle_name = fields.Char(string="Middle or patronymic name", groups=PERSON_GROUPS)
    birth_date = fields.Date(
        string="Birth date", index="btree_not_null", groups=PERSON_GROUPS
    )
    clinic_age = UnknownInteger(
        string="Age",
        compute="_compute_clinic_age",
        search="_search_clinic_age",
        aggregator=None,
        help="Full years today; empty when the birth date is not known.",
        groups=PERSON_GROUPS,
    )
    age_text = fields.Char(
        string="Age in words", compute="_compute_clinic_age", groups=PERSON_GROUPS
    )
    is_minor = fields.Boolean(
        string="Minor",
        compute="_compute_clinic_age",
        search="_search_is_minor",
        groups=PERSON_GROUPS,
    )
    has_birthday_this_month = fields.Boolean(
        string="Birthday this month",
        compute="_compute_clinic_age",
        search="_search_has_birthday_this_month",
        groups=STAFF_GROUPS,
    )
    sex = fields.Selection(
        [
            ("male", "Male"),
            ("female", "Female"),
            ("other", "Other"),
            ("unknown", "Unknown"),
        ],
        help="Administrative gender, as in FHIR.",
        groups=PERSON_GROUPS,
    )
    identity_state = fields.Selection(
        [("to_review", "To review"), ("confirmed", "Confirmed")],
        string="Identity",
        default="confirmed",
        groups=STAFF_GROUPS,
        index="btree_not_null",
        copy=False,
        help="To review: the person registered online with data that resemble another "
        "card. Compare the two with a document in hand, then confirm or merge.",
    )

    # ------------------------------------------------------------
    # Computed fields
    # ------------------------------------------------------------

    @api.depends("birth_date")
    @api.depends_context("tz", "lang")
    def _compute_clinic_age(self):
        today = fields.Date.context_today(self)
        for partner in self:
            born = partner.birth_date
            age = birth_dates.age_on(born, today)
            partner.clinic_age = age
            partner.is_minor = age is not None and age < 18
            partner.age_text = self._age_in_words(born, age, today)
            partner.has_birthday_this_month = bool(born) and born.month == today.month

    def _age_in_words(self, born, age, today):
        """Return "41 years", "8 months" or "12 days", as one speaks of a baby."""
        if age is None or age < 0:
            return False
        if age >= 2:
            return self.env._("%(count)s years", count=age)
        months = relativedelta(today, born).months + 12 * age
        if months >= 2:
            return self.env._("%(count)s months", count=months)
        return self.env._("%(count)s days", count=(today - born).days)

    def _search_clinic_age(self, operator, value):
        if operator == "in":
            known = [v for v in value if v not in (None, False)]
            domain = Domain.OR(self._born_between_ages(v, v) for v in known)
            unknown = len(known) < len(list(value))
            return domain | Domain("birth_date", "=", False) if unknown else domain
        if operator not in (">=", ">", "<=", "<"):
            return NotImplemented
        bounds = {">=": (value, None), ">": (value + 1, None)} | {
            "<=": (None, value),
            "<": (None, value - 1),
        }
        return self._born_between_ages(*bounds[operator])

    @api.model
    def _born_between_ages(self, youngest, oldest):
        """Return the domain of those who are from ``youngest`` to ``oldest`` today."""
        today = fields.Date.context_today(self)
        domain = Domain("birth_date", "!=", False)
        if youngest is not None:
            latest = today - relativedelta(years=int(youngest))
            domain &= Domain("birth_date", "<=", latest)
        if oldest is not None:
            earliest = today - relativedelta(years=int(oldest) + 1)
            domain &= Domain("birth_date", ">", earliest)
        return domain

    def _search_is_minor(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("birth_date", ">", "today -18y")
        return domain if True in value else ~domain

    def _search_has_birthday_this_month(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        domain = Domain("birth_date.month_number", "=", today.month)
        return domain if True in value else ~domain

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains("birth_date")
    def _check_birth_date(self):
        today = fields.Date.context_today(self)
        for partner in self:
            if problem := self._birth_date_problem(partner.birth_date, today):
                raise ValidationError(problem)

    @api.model
    def _birth_date_problem(self, born, today):
        """Return why nobody is born on this day, in words; False: somebody may be."""
        age = birth_dates.age_on(born, today)
        if age is None:
            return False
        if age < 0:
            return self.env._("The birth date is in the future: check the year.")
        if age > birth_dates.OLDEST:
            return self.env._(
                "The birth date is more than %(years)s years ago: check the year.",
                years=birth_dates.OLDEST,
            )
        return False

    def _check_name_part(self, label, text):
        """Raise unless ``text`` can be a part of somebody's name."""
        if len(text) > person_name.MAX_PART:
            raise ValidationError(
                self.env._(
                    "%(field)s is too long: it has %(length)s characters, and "
                    "%(limit)s at most are stored.",
                    field=label,
                    length=len(text),
                    limit=person_name.MAX_PART,
                )
            )
        if bad := person_name.bad_characters(text):
            raise ValidationError(
                self.env._(
                    "%(field)s holds a sign that is not part of a name (%(sign)s). "
                    "Write it with letters only.",
                    field=label,
                    sign=" ".join(
                        char if char.isprintable() else f"U+{ord(char):04X}"
                        for char in dict.fromkeys(bad)
                    )[:60],
                )
            )

    @api.constrains("is_patient", "is_company")
    def _check_patient_is_person(self):
        # sudo: res.partner - who writes a contact need not know that it is a patient
        for partner in self.sudo().filtered("is_patient"):
            if partner.is_company and self._is_colleague():
                # The words do not tell that it is a patient.
                raise ValidationError(
                    self.env._(
                        "Another application uses this contact as a person: it cannot "
                        "become a company."
                    )
                )
            if partner.is_company:
                raise ValidationError(
                    self.env._("A company cannot be a patient: it has no birthday.")
                )

    @api.constrains("is_patient", "user_ids")
    def _check_patient_is_no_employee(self):
        # sudo: res.users - the reader of a card need not see users
        self.sudo().user_ids._check_employee_is_no_patient()

    # ------------------------------------------------------------
    # Creating and writing
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_is_patient")
        return super().create(
            [
                self._prepare_patient_names(vals)
                if vals.get("is_patient", default)
                else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        touched = {"name", "is_patient", *NAME_PARTS} & vals.keys()
        if not touched:
            return super().write(vals)
        for partner in self:
            # sudo: res.partner - only whether the names belong together is read here
            card = partner.sudo()
            own_vals = vals
            if vals.get("is_patient", card.is_patient):
                own_vals = card._prepare_patient_names(vals)
            if partner._has_field_access(self._fields["family_name"], "write"):
                super(ResPartner, partner).write(dict(own_vals))
                continue
            # Who has no role knows the name only: its parts follow.
            super(ResPartner, partner).write(dict(vals))
            super(ResPartner, card).write(
                {name: own_vals[name] for name in own_vals.keys() - vals.keys()}
            )
        return True

    def _prepare_patient_names(self, vals):
        """Return ``vals`` in which the name and its parts say the same.

        The parts have the word. A name that arrives alone (import, portal, quick
        create) is taken apart, unless it has the words the card has already.
        """
        vals = dict(vals)
        given = [part for part in NAME_PARTS if part in vals]
        current = {part: self[part] if self else False for part in NAME_PARTS}
        if not given and vals.get("name"):
            known = person_name.compose(*current.values())
            if not person_name.same(known, vals["name"]):
                family, first = person_name.split(vals["name"])
                vals.update(family_name=family, given_name=first, middle_name=False)
        elif not given and self and not any(current.values()):
            family, first = person_name.split(self.name)
            vals.update(family_name=family, given_name=first)
        for part in NAME_PARTS:
            if part in vals:
                vals[part] = person_name.clean(vals[part])
                label = self._fields[part].get_description(self.env)["string"]
                self._check_name_part(label, vals[part])
                current[part] = vals[part]
        name = person_name.compose(*current.values())
        if not name:
            raise ValidationError(
                self.env._("Write a name: a family name or a given name.")
            )
        return dict(vals, name=name)

    def get_formview_id(self, access_uid=None):
        """For the staff a patient is a card, wherever a link leads there from."""
        if len(self) == 1 and self.env.user.has_group(STAFF_GROUPS) and self.is_patient:
            return self.env.ref("clinic_patient.res_partner_view_form_patient").id
        return super().get_formview_id(access_uid=access_uid)

    def action_confirm_identity(self):
        """Say that the person was compared with a document."""
        self.write({"identity_state": "confirmed"})

    @api.onchange(*NAME_PARTS)
    def _onchange_name_parts(self):
        if self.is_patient:
            self.name = person_name.compose(*(self[part] for part in NAME_PARTS))
