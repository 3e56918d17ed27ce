from odoo import api, fields, models
from odoo.fields import Domain

from ..lib.roles import PERSON_GROUPS, STAFF_GROUPS

#: Whom staff may change: persons who are no colleagues.
PERSONS = Domain("partner_share", "=", True) & Domain("is_company", "=", False)
#: And which firms those who deal with firms may.
FIRMS = Domain("is_company", "=", True) & (
    Domain("is_referral_partner", "=", True) | Domain("is_client_firm", "=", True)
)
FIRM_GROUPS = (
    "clinic_patient.group_clinic_coordinator,clinic_patient.group_clinic_marketing"
)


class ResPartner(models.Model):
    """Who may read and change which contacts.

    The contact of a patient is a contact of Odoo like any other for who works here:
    accounting needs its name and address. That it is a patient, and all that the suite
    knows, are fields for the staff (``lib.roles``).
    """

    _inherit = "res.partner"

    is_client_firm = fields.Boolean(
        string="Client firm",
        index="btree_not_null",
        copy=False,
        help="A firm whose people come for check-ups; coordinators and marketing may "
        "change its card.",
        groups=PERSON_GROUPS,
    )

    @api.model
    def _clinic_rule(self, domain, mode):
        domain = super()._clinic_rule(domain, mode)
        user = self.env.user
        if not user._is_internal():
            return self._rule_outside(domain, mode)
        given = self.env["ir.rule"]._is_given_elsewhere("res.partner", mode)
        if mode == "read" or given or not user.has_group(STAFF_GROUPS):
            return domain
        if mode != "unlink" and user.has_groups(FIRM_GROUPS):
            return domain & (PERSONS | FIRMS)
        return domain & PERSONS

    @api.model
    def _rule_outside(self, domain, mode):
        """Outside the clinic nobody sees a patient but the person and guardians.

        Odoo's portal shows the contacts of one's own firm: colleagues must not see of
        each other who is a patient.
        """
        person = self.env.user.partner_id
        wards = Domain(
            "relationship_ids",
            "any",
            self._clinic_relationship_domain("read")
            & Domain("guardian_id", "=", person.id),
        )
        own = Domain("is_patient", "=", False) | Domain("id", "=", person.id) | wards
        allowed = domain & own
        if mode == "read" and self.env.user._is_portal():
            for_all = self.env["ir.rule"]._domain_for_all("res.partner", mode)
            allowed |= for_all & wards
        return allowed
