from odoo import api, fields, models

from ..lib import duplicate_rules, person_name, tax_code
from ..lib.roles import STAFF_GROUPS


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
    duplicate_key = fields.Char(
        string="Name to compare",
        compute="_compute_duplicate_key",
        store=True,
        index="btree_not_null",
        groups=STAFF_GROUPS,
        help="The plain words of the name, by which people are compared.",
    )

    @api.depends("is_patient", "family_name", "given_name", "middle_name")
    def _compute_duplicate_key(self):
        for partner in self:
            partner.duplicate_key = partner.is_patient and duplicate_rules.name_key(
                partner.family_name, partner.given_name, partner.middle_name
            )

    @api.depends(
        "tax_code",
        "card_number",
        "outpatient_number",
        "inpatient_number",
        "birth_date",
        "sex",
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
            "outpatient_number": self.outpatient_number,
            "inpatient_number": self.inpatient_number,
            "birth_date": self.birth_date,
            "sex": self.sex,
            "family_name": self.family_name,
            "given_name": self.given_name,
            "middle_name": self.middle_name,
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

        The rules stand in :mod:`..lib.duplicate_rules`. The likeliest comes first;
        ``self`` is left out. The rights of the user apply.

        :param dict vals: fields of a card; "phones" may hold numbers as typed
        """
        family, given = vals.get("family_name"), vals.get("given_name")
        middle = vals.get("middle_name")
        if not (family or given or middle):
            family, given = person_name.split(vals.get("name"))
        country = self[:1]._tax_code_country()
        found = self._duplicate_rows(
            duplicate_rules.FIND_ONE,
            {
                "company": vals.get("company_id") or None,
                "birth": fields.Date.to_date(vals.get("birth_date")) or None,
                "sex": vals.get("sex") or None,
                "tax": tax_code.base(vals.get("tax_code"), country) or None,
                "card": vals.get("card_number") or None,
                "outpatient": vals.get("outpatient_number") or None,
                "inpatient": vals.get("inpatient_number") or None,
                "key": duplicate_rules.name_key(family, given, middle) or "||",
                "phones": list(self._duplicate_numbers(vals)),
                "but": self._origin.ids,
                "common_births": [],
                "common_keys": [],
                "common_phones": [],
            },
        )
        order = {row[0]: number for number, row in enumerate(found)}
        visible = self.search([("id", "in", list(order)), ("is_patient", "=", True)])
        return visible.sorted(lambda card: order[card.id])

    @api.model
    def _duplicate_rows(self, query, parameters):
        """Run a query of :mod:`..lib.duplicate_rules` on what was written so far."""
        self._flush_for_duplicates()
        self.env.cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
        self.env.cr.execute(query, parameters)
        return self.env.cr.fetchall()

    @api.model
    def _flush_for_duplicates(self):
        self.env["res.partner"].flush_model(
            [
                "active",
                "is_patient",
                "company_id",
                "birth_date",
                "sex",
                "tax_code_base",
                "card_number",
                "outpatient_number",
                "inpatient_number",
                "duplicate_key",
            ]
        )
        self.env["clinic.phone"].flush_model(["e164", "partner_id"])

    @api.model
    def _duplicate_numbers(self, vals):
        Phone = self.env["clinic.phone"]
        typed = [*(vals.get("phones") or []), vals.get("phone")]
        return {Phone._try_normalize(number) for number in typed if number} - {False}

    def action_open_duplicates(self):
        """Show this card beside those it may repeat."""
        self.ensure_one()
        if self.env.user.has_group("clinic_patient.group_clinic_merge"):
            return self._open_pairs()
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

    def _open_pairs(self):
        """Show the pairs of this card to who may merge, looked for this moment."""
        self.check_access("write")
        # sudo: clinic.duplicate - pairs are written by the search only
        self.env["clinic.duplicate"].sudo()._find_for(self)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_patient.clinic_duplicate_action"
        )
        domain = ["|", ("first_id", "=", self.id), ("second_id", "=", self.id)]
        pairs = self.env["clinic.duplicate"].search(
            [*domain, ("state", "=", "to_review")]
        )
        action = dict(action, domain=domain)
        if len(pairs) == 1:
            action.update(res_id=pairs.id, views=[(False, "form")])
        return action
