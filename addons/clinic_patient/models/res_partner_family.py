from odoo import api, fields, models
from odoo.fields import Domain

from ..lib.roles import PERSON_GROUPS, STAFF_GROUPS

SCOPES = ("book", "read", "sign")


class ResPartner(models.Model):
    """The patient card: family, and who may act for whom."""

    _inherit = "res.partner"

    relationship_ids = fields.One2many(
        "clinic.relationship",
        "patient_id",
        string="Family and guardians",
        groups=PERSON_GROUPS,
    )
    ward_relationship_ids = fields.One2many(
        "clinic.relationship", "guardian_id", string="Acts for", groups=PERSON_GROUPS
    )

    family_count = fields.Integer(
        string="Family", compute="_compute_family_count", groups=STAFF_GROUPS
    )

    @api.depends("relationship_ids", "ward_relationship_ids")
    def _compute_family_count(self):
        for partner in self:
            partner.family_count = len(partner._family())

    def _family(self):
        """Return who is related to this person, on either side."""
        self.ensure_one()
        return self.relationship_ids.guardian_id | self.ward_relationship_ids.patient_id

    def action_open_family(self):
        """Show the members of the family, this person first."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_patient.clinic_patient_action"
            ),
            name=self.env._("Family of %(name)s", name=self.name),
            domain=[("id", "in", (self | self._family()).ids)],
            context={"default_is_patient": True},
        )

    @api.model
    def _clinic_relationship_domain(self, scope):
        """Return the domain of the relationships that give ``scope`` today."""
        if scope not in SCOPES:
            raise ValueError(f"Unknown scope: {scope}")
        today = self._clinic_today()
        return (
            Domain(f"can_{scope}", "=", True)
            & Domain("date_start", "<=", today)
            & (Domain("date_stop", "=", False) | Domain("date_stop", ">=", today))
        )

    def _clinic_access_domain(self, scope, path=None):
        """Return the domain of the patients for whom this person has ``scope``.

        It holds the id of the person and the day, no list of wards: a search with it
        sees what is true at that moment.

        :param str scope: "book", "read" or "sign"
        :param str path: many2one field that leads from another model to the patient;
            the domain is then one of that model
        """
        self.ensure_one()
        relationships = self._clinic_relationship_domain(scope)
        relationships &= Domain("guardian_id", "=", self.id)
        wards = Domain("relationship_ids", "any!", relationships)
        domain = Domain("is_patient", "=", True) & (Domain("id", "=", self.id) | wards)
        return Domain(path, "any!", domain) if path else domain

    def _clinic_patients_for(self, scope):
        """Return the patients for whom this person may act today.

        The person itself, when a patient, and the wards whose relationship allows
        ``scope``. The records come in the caller's environment: a portal user may
        only *read* those with the scope "read".

        :param str scope: "book", "read" or "sign"
        """
        self.ensure_one()
        # sudo: res.partner - the domain starts from this very person
        people = self.sudo().search(self._clinic_access_domain(scope))
        return people.with_env(self.env)
