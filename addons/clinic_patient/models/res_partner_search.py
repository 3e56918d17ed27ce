from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..lib import patient_query, person_name
from ..lib.roles import STAFF_GROUPS


class ResPartner(models.Model):
    """The patient card: one box finds it.

    ``clinic_search_text`` holds every word by which a patient may be asked for, in
    plain letters, each with a blank before it. "A word that begins with" is then
    ``LIKE '% begin%'``, which the trigram index answers even for two letters.
    """

    _inherit = "res.partner"

    clinic_search_text = fields.Char(
        compute="_compute_clinic_search_text", store=True, groups=STAFF_GROUPS
    )
    patient_search = fields.Char(
        string="Name, phone, tax code or birth date",
        compute="_compute_patient_search",
        search="_search_patient_search",
        groups=STAFF_GROUPS,
        help="Name, phone, tax code, card number or birth date.",
    )

    _clinic_search_text_trigram = models.Index(
        "USING gin (clinic_search_text gin_trgm_ops)"
    )
    # The condition is spelt as the ORM does, or PostgreSQL would not use the index.
    _patient_name = models.Index(
        "(complete_name, id DESC) WHERE active IS TRUE AND is_patient IS TRUE"
    )

    @api.model
    def _clinic_search_fields(self):
        """Return the Char fields of the card whose words are found by the box."""
        return [
            "name",
            "tax_code",
            "tax_code_base",
            "card_number",
            "outpatient_number",
            "inpatient_number",
            "national_number",
            "insurance_number",
            "email",
        ]

    @api.depends(
        lambda self: [*self._clinic_search_fields(), "is_patient", "phone_ids.e164"]
    )
    def _compute_clinic_search_text(self):
        for partner in self:
            partner.clinic_search_text = partner.is_patient and partner._search_text()

    def _search_text(self):
        return person_name.search_text(
            [self[name] for name in self._clinic_search_fields()],
            [word for phone in self.phone_ids for word in phone._search_words()],
        )

    def _compute_patient_search(self):
        self.patient_search = False

    def _search_patient_search(self, operator, value):
        if operator not in ("ilike", "like", "=", "in"):
            return NotImplemented
        self._check_may_search()
        values = [value] if isinstance(value, str) else value
        domain = Domain.OR(self._patient_domain(text) for text in values if text)
        # Found first, sorted afterwards: asked for both at once, PostgreSQL may read
        # all cards in the order of their names until enough of them fit.
        # sudo: res.partner - the rules apply to the search this is a part of
        found = self.sudo().with_context(active_test=False)._search(domain)
        return Domain("id", "in", SQL("(SELECT unnest(ARRAY(%s)))", found.select()))

    @api.model
    def _check_may_search(self):
        user = self.env.user
        if not (self.env.su or user.has_group("clinic_patient.group_clinic_user")):
            raise AccessError(self.env._("Only the staff of the clinic may search."))

    @api.model
    def _patient_domain(self, text):
        """Return the domain of the patients whom ``text`` may mean.

        Words may come in any order; each must begin some word of the card. Numbers
        are phones in any spelling, card numbers or birth dates.
        """
        conditions = patient_query.parse(
            text,
            fields.Date.context_today(self),
            self.env["clinic.phone"]._try_normalize,
        )
        if not conditions:
            return Domain.FALSE
        return Domain.AND(
            [Domain("is_patient", "=", True), *map(self._condition_domain, conditions)]
        )

    @api.model
    def _condition_domain(self, alternatives):
        """Return the domain of one condition; a phone that is known has the word."""
        numbers = [a for a in alternatives if isinstance(a, str) and a[0] == "+"]
        if numbers:
            # sudo: clinic.phone - the rules apply to the search this is a part of
            phones = self.env["clinic.phone"].sudo().search([("e164", "in", numbers)])
            if phones:
                return Domain("id", "in", phones.partner_id.ids)
        return Domain.OR(
            Domain("clinic_search_text", "=like", f"% {found.lstrip('+')}%")
            if isinstance(found, str)
            else Domain("birth_date", "=", found)
            for found in alternatives
        )

    @api.model
    def _patients_found(self, text, limit, domain=None):
        """Return at most ``limit`` patients whom ``text`` may mean, by name.

        When very many fit, those sorted are a part of them: who types on sees them.
        """
        domain = self._patient_domain(text) & Domain(domain or Domain.TRUE)
        some = self._search(domain, limit=max(100, limit))
        patients = self._fetch_query(some, [self._fields["name"]])
        return patients.sorted(lambda card: (card.name or "", card.id))[:limit]

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Look for patients by anything when only patients are asked for."""
        if name and operator == "ilike" and self._asks_for_patients(domain):
            found = self._patients_found(name, limit or 200, domain)
            return [(partner.id, partner.display_name) for partner in found]
        return super().name_search(name, domain, operator, limit)

    @api.model
    def _asks_for_patients(self, domain):
        if not self.env.user.has_group("clinic_patient.group_clinic_user"):
            return False
        return any(
            tuple(leaf) == ("is_patient", "=", True)
            for leaf in domain or []
            if isinstance(leaf, list | tuple)
        )

    @api.model
    @api.readonly
    def clinic_search(self, text, limit=8):
        """Return the patients whom ``text`` may mean, for a drop-down list.

        The record rules of the user apply.

        :param str text: words of the name in any order, a phone, tax code, card
            number or birth date, or several of these
        :return: list of dicts with id, name, birth_date (ISO), age, age_text, sex,
            phone, card_number, tax_code_end (last five characters), identity_state
            and vip_tier, ordered by name
        """
        self._check_may_search()
        limit = max(1, min(int(limit), 80))
        patients = self._patients_found(text or "", limit)
        patients.fetch(self._clinic_search_result_fields())
        return [patient._clinic_search_result() for patient in patients]

    @api.model
    def _clinic_search_result_fields(self):
        """Return the fields that :meth:`_clinic_search_result` reads."""
        return [
            "name",
            "complete_name",
            "birth_date",
            "sex",
            "phone",
            "card_number",
            "tax_code",
            "identity_state",
            "vip_tier",
        ]

    def _clinic_search_result(self):
        """Return one row of :meth:`clinic_search`."""
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "display_name": self.display_name,
            "birth_date": self.birth_date and self.birth_date.isoformat(),
            "age": self.clinic_age,
            "age_text": self.age_text,
            "sex": self.sex,
            "phone": self.phone,
            "card_number": self.card_number,
            "tax_code_end": (self.tax_code or "")[-5:],
            "identity_state": self.identity_state,
            "vip_tier": self.vip_tier,
        }
