from psycopg2.errors import UniqueViolation

from odoo import api, fields, models

from ..lib import person_name, tax_code

REGISTRATION_FIELDS = {
    "family_name",
    "given_name",
    "middle_name",
    "birth_date",
    "sex",
    "tax_code",
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

        An existing card is returned only to who proved all of: its tax code, birth
        date, family name, and (by a one-time code) a phone that stands on it; that
        card is not changed. In all other cases a new card is made, "to review" when
        it resembles another one. The caller must tell the visitor the same in each
        case: nothing here may reveal who is a patient.

        :param dict vals: fields of the card, only those a visitor may fill in
        :param str phone_e164: number the visitor proved to hold
        :return: res.partner in sudo
        :raise ValidationError: when the data cannot be right, whoever they are of
        """
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
        state = "confirmed"
        if cards._find_duplicates(dict(vals, phone=phone_e164)):
            state = "to_review"
        savepoint = self.env.cr.savepoint(flush=True)
        try:
            card = cards._create_registered(vals, phone_e164, state)
            savepoint.close(rollback=bool(known))
        except UniqueViolation:
            # Somebody registered the same tax code in this very moment.
            savepoint.rollback()
            card = cards._create_registered(vals, phone_e164, "to_review")
            savepoint.close(rollback=False)
        except BaseException:
            savepoint.close(rollback=True)
            raise
        return known or card

    @api.model
    def _find_registered(self, vals, phone_e164):
        """Return the one card that all four proofs name, or an empty recordset."""
        code = tax_code.base(vals.get("tax_code"), self._tax_code_country())
        born = fields.Date.to_date(vals.get("birth_date"))
        family = vals.get("family_name")
        if not (code and born and family and phone_e164):
            return self.browse()
        found = self.search(
            [
                ("is_patient", "=", True),
                ("tax_code_base", "=", code),
                ("birth_date", "=", born),
                ("phone_ids.e164", "=", phone_e164),
            ]
        ).filtered(lambda card: person_name.same(card.family_name, family))
        return found if len(found) == 1 else self.browse()

    @api.model
    def _create_registered(self, vals, phone_e164, state):
        card = self.create(dict(vals, is_patient=True, identity_state=state))
        if phone_e164:
            card._take_phone(phone_e164)
        card.flush_recordset()
        return card
