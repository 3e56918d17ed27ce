from odoo import api, fields, models
from odoo.fields import Domain

from ..lib import person_name, tax_code
from .res_partner import STAFF_GROUPS


class ResPartner(models.Model):
    """The patient card: is this person here already?"""

    _inherit = "res.partner"

    duplicate_ids = fields.Many2many(
        "res.partner",
        string="Possible duplicates",
        compute="_compute_duplicates",
        groups=STAFF_GROUPS,
    )
    duplicate_warning = fields.Char(compute="_compute_duplicates", groups=STAFF_GROUPS)

    @api.depends(
        "tax_code",
        "card_number",
        "birth_date",
        "family_name",
        "given_name",
        "middle_name",
        "phone",
        "phone_ids.number",
    )
    def _compute_duplicates(self):
        for partner in self:
            found = self.browse()
            if partner.is_patient:
                found = partner._find_duplicates(partner._duplicate_vals())
            partner.duplicate_ids = found
            partner.duplicate_warning = bool(found) and self.env._(
                "Perhaps this person is here already: %(names)s",
                names="; ".join(card._duplicate_label() for card in found[:5]),
            )

    def _duplicate_vals(self):
        """Return the vals of :meth:`_find_duplicates` of a card, saved or not."""
        self.ensure_one()
        numbers = self.phone_ids.mapped("number") + [self.phone]
        return {
            "tax_code": self.tax_code,
            "card_number": self.card_number,
            "birth_date": self.birth_date,
            "name": person_name.compose(
                self.family_name, self.given_name, self.middle_name
            ),
            "phones": [number for number in numbers if number],
            "company_id": self.company_id.id,
        }

    def _duplicate_label(self):
        self.ensure_one()
        born = fields.Date.to_string(self.birth_date) or ""
        return " ".join(filter(None, (self.name, born, self.card_number)))

    @api.model
    def _find_duplicates(self, vals):
        """Return the patients who are probably the person described by ``vals``.

        Alike are: the tax code (in any variant), the card number, one phone together
        with the birth date, or the words of the name together with the birth date.
        ``self`` is left out. The rights of the user apply.

        :param dict vals: fields of a card; "phones" may hold numbers as typed
        """
        born = fields.Date.to_date(vals.get("birth_date"))
        country = self[:1]._tax_code_country()
        code = tax_code.base(vals.get("tax_code"), country)
        domains = []
        if code:
            domains.append(Domain("tax_code_base", "=", code))
        if vals.get("card_number"):
            domains.append(Domain("card_number", "=", vals["card_number"]))
        if born:
            domains.append(Domain("birth_date", "=", born))
        found = self.browse()
        scope = Domain("is_patient", "=", True) & Domain(
            "id", "not in", self._origin.ids
        )
        if vals.get("company_id"):
            scope &= Domain("company_id", "in", [vals["company_id"], False])
        for domain in domains:
            found |= self.search(scope & domain, limit=500)
        numbers = self._duplicate_numbers(vals)
        name = vals.get("name") or person_name.compose(
            vals.get("family_name"), vals.get("given_name"), vals.get("middle_name")
        )
        return found.filtered(
            lambda card: (
                (code and card.tax_code_base == code)
                or (vals.get("card_number") and card.card_number == vals["card_number"])
                or (
                    born
                    and card.birth_date == born
                    and (
                        numbers & set(card.phone_ids.mapped("e164"))
                        or (name and person_name.same(card.name, name))
                    )
                )
            )
        )

    @api.model
    def _duplicate_numbers(self, vals):
        Phone = self.env["clinic.phone"]
        typed = [*(vals.get("phones") or []), vals.get("phone")]
        return {Phone._try_normalize(number) for number in typed if number} - {False}

    def action_open_duplicates(self):
        """Show this card beside those it may repeat."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_patient.clinic_patient_action"
        )
        ids = (self | self.duplicate_ids).ids
        return dict(
            action,
            name=self.env._("Possible duplicates"),
            domain=[("id", "in", ids)],
            views=[(False, "list"), (False, "form")],
            context={"default_is_patient": True},
        )
