from psycopg2.errors import UniqueViolation

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from ..lib import duplicate_rules, person_name, tax_code
from ..lib.roles import STAFF_GROUPS
from .res_partner import NAME_PARTS

REGISTRATION_FIELDS = {
    "family_name",
    "given_name",
    "middle_name",
    "birth_date",
    "sex",
    "tax_code",
    "national_number",
    "email",
    "lang",
    "tz",
    "street",
    "street2",
    "zip",
    "city",
    "state_id",
    "country_id",
    "company_id",
    "source_id",
    "medium_id",
    "campaign_id",
    "source_detail",
}


class ResPartner(models.Model):
    """The patient card: registration by the person, without staff."""

    _inherit = "res.partner"

    @api.model
    def _register_patient(self, vals, phone_e164=None):
        """Return the card for somebody who registers online.

        An existing card is returned only to who proved all of: its tax code or
        national number, birth date, family name, and (by a one-time code) a phone that
        stands on it; that card is not changed. In all other cases a new card is made,
        "to review" when it resembles another one. The caller must tell the visitor the
        same in each case: nothing here may reveal who is a patient.

        :param dict vals: fields of the card, only those a visitor may fill in
        :param str phone_e164: number the visitor proved to hold
        :return: res.partner in sudo
        :raise ValidationError: when the data cannot be right, whoever they are of
        """
        return self._find_or_register(vals, phone_e164, probable=False)[0]

    @api.model
    def _register_guest(self, vals, phone_e164):
        """Return the card for a guest, and whether staff have to confirm the person.

        As :meth:`_register_patient`; besides, whoever proved a phone that stands on a
        card with the same name and birth date is probably that person and gets no
        second card. The card is not changed, and the caller keeps what was typed, so
        that staff can tell the two apart again.

        :param dict vals: fields of the card, only those a visitor may fill in
        :param str phone_e164: number the visitor proved to hold
        :return: ``(res.partner in sudo, bool)``
        :raise ValidationError: when the data cannot be right, whoever they are of
        """
        return self._find_or_register(vals, phone_e164, probable=True)

    @api.model
    def _find_or_register(self, vals, phone_e164, probable):
        unknown = vals.keys() - REGISTRATION_FIELDS
        if unknown:
            raise ValueError(f"Not for registration: {', '.join(sorted(unknown))}")
        # sudo: res.partner - a visitor has no rights on cards and gets none here
        cards = self.sudo()
        for name in ("family_name", "given_name", "middle_name"):
            if vals.get(name):
                label = self._fields[name]._description_string(self.env)
                self._check_stranger_name(label, person_name.clean(vals[name]))
        if phone_e164:
            phone_e164 = self.env["clinic.phone"]._normalize(phone_e164)
        # The new card is made in every case and dropped again if the person is known,
        # so that the data are checked alike and the answer takes the same time.
        known = cards._find_registered(vals, phone_e164)
        likely = cards._find_probable(vals, phone_e164) if probable else cards
        likely = cards if known else likely
        state = "confirmed"
        if cards._find_duplicates(dict(vals, phone=phone_e164)):
            state = "to_review"
        savepoint = self.env.cr.savepoint(flush=True)
        try:
            card = cards._create_registered(vals, phone_e164, state)
            savepoint.close(rollback=bool(known or likely))
        except UniqueViolation:
            # Somebody registered the same tax code in this very moment.
            savepoint.rollback()
            card = cards._create_registered(vals, phone_e164, "to_review")
            savepoint.close(rollback=bool(known or likely))
        except BaseException:
            savepoint.close(rollback=True)
            raise
        return known or likely or card, bool(likely)

    @api.model
    def _find_probable(self, vals, phone_e164):
        """Return the card of somebody with this name, birth date and phone, or none.

        Names are compared as the search for duplicates does. Of several cards the
        confirmed one comes first, then the oldest: they wait for a merge already.
        """
        born = fields.Date.to_date(vals.get("birth_date"))
        names = (vals.get(name) for name in ("family_name", "given_name"))
        words = duplicate_rules.key_words(
            duplicate_rules.name_key(*names, vals.get("middle_name"))
        )
        if not (born and words and phone_e164):
            return self.browse()
        code = tax_code.base(vals.get("tax_code"), self._tax_code_country())
        number = tax_code.compact(vals.get("national_number"))
        return (
            self.search(
                [
                    ("is_patient", "=", True),
                    ("birth_date", "=", born),
                    ("phone_ids.e164", "=", phone_e164),
                    ("company_id", "in", (False, self.env.company.id)),
                ]
            )
            .filtered(
                lambda card: (
                    duplicate_rules.key_words(card.duplicate_key) == words
                    and (not code or card.tax_code_base in (False, code))
                    and (
                        not number
                        or tax_code.compact(card.national_number) in ("", number)
                    )
                )
            )
            .sorted(lambda card: (card.identity_state != "confirmed", card.id))[:1]
        )

    @api.model
    def _find_registered(self, vals, phone_e164):
        """Return the one card that all four proofs name, or an empty recordset."""
        code = tax_code.base(vals.get("tax_code"), self._tax_code_country())
        born = fields.Date.to_date(vals.get("birth_date"))
        family = vals.get("family_name")
        number = tax_code.compact(vals.get("national_number"))
        if not ((code or number) and born and family and phone_e164):
            return self.browse()
        found = self.search(
            [
                ("is_patient", "=", True),
                ("birth_date", "=", born),
                ("phone_ids.e164", "=", phone_e164),
            ]
        ).filtered(
            lambda card: (
                person_name.same(card.family_name, family)
                and (not code or card.tax_code_base == code)
                and (not number or tax_code.compact(card.national_number) == number)
            )
        )
        return found if len(found) == 1 else self.browse()

    @api.model
    def _create_registered(self, vals, phone_e164, state):
        card = self.create(dict(vals, is_patient=True, identity_state=state))
        if phone_e164:
            card._take_phone(phone_e164)
        card.flush_recordset()
        return card

    # ------------------------------------------------------------
    # Registration by the staff, from any field of patients
    # ------------------------------------------------------------

    @api.model
    def name_create(self, name):
        """A patient is never made of a name alone: the client opens the card then,
        which looks for duplicates.

        :raises ValidationError: a patient is meant
        """
        if self.env.context.get("default_is_patient"):
            raise ValidationError(
                self.env._("A name alone is no patient card: open the card for it.")
            )
        return super().name_create(name)

    @api.model
    def default_get(self, fields):
        """A new card begins with what was typed in the field of patients: words are
        names, digits a phone."""
        values = super().default_get(fields)
        typed = values.get("name") or self.env.context.get("default_name")
        if not (typed and self.env.context.get("default_is_patient")):
            return values
        if any(self.env.context.get(f"default_{part}") for part in NAME_PARTS):
            return values
        number = self.env["clinic.phone"]._try_normalize(typed)
        if number and "phone_ids" in fields:
            values.pop("name", None)
            values["phone_ids"] = [Command.create({"number": typed})]
        elif not number:
            family, given = person_name.split(typed)
            values.update(family_name=family, given_name=given)
        return values


class Base(models.AbstractModel):
    """Every field that asks for patients makes new ones on the card."""

    _inherit = "base"

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """ "Create and edit" of such a field opens the card, whatever view it is in."""
        result = super().fields_get(allfields, attributes)
        if attributes is not None and "context" not in attributes:
            return result
        asks = [name for name in result if self._asks_for_patient(name)]
        if asks and self.env.user.has_group(STAFF_GROUPS):
            for name in asks:
                result[name]["context"] = {
                    **(result[name].get("context") or {}),
                    "default_is_patient": True,
                    "form_view_ref": "clinic_patient.res_partner_view_form_patient",
                }
        return result

    @api.model
    def _asks_for_patient(self, name):
        """Whether a field is a link to patients only."""
        field = self._fields.get(name)
        return (
            field is not None
            and field.type in ("many2one", "many2many")
            and field.comodel_name == "res.partner"
            and isinstance(field.domain, list)
            and ("is_patient", "=", True) in field.domain
        )
