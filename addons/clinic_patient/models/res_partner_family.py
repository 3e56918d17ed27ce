from odoo import api, fields, models
from odoo.fields import Domain

from .res_partner import CARD_GROUPS

SCOPES = ("book", "read", "sign")


class ResPartner(models.Model):
    """The patient card: family, and who may act for whom."""

    _inherit = "res.partner"

    relationship_ids = fields.One2many(
        "clinic.relationship",
        "patient_id",
        string="Family and guardians",
        groups=CARD_GROUPS,
    )
    ward_relationship_ids = fields.One2many(
        "clinic.relationship",
        "guardian_id",
        string="Acts for",
        groups=CARD_GROUPS,
    )

    @api.model
    def _clinic_relationship_domain(self, scope):
        """Return the domain of the relationships that give ``scope`` today.

        The day is left to the search ("today"), so the domain may be cached.
        """
        if scope not in SCOPES:
            raise ValueError(f"Unknown scope: {scope}")
        return (
            Domain(f"can_{scope}", "=", True)
            & Domain("date_start", "<=", "today")
            & (Domain("date_stop", "=", False) | Domain("date_stop", ">=", "today"))
        )

    def _clinic_access_domain(self, scope):
        """Return the domain of the patients for whom this person has ``scope``.

        Meant for searches and record rules: it holds the id of the person and no
        list of wards, so nothing in it grows old.

        :param str scope: "book", "read" or "sign"
        """
        self.ensure_one()
        relationships = self._clinic_relationship_domain(scope)
        relationships &= Domain("guardian_id", "=", self.id)
        wards = Domain("relationship_ids", "any!", relationships)
        return Domain("is_patient", "=", True) & (Domain("id", "=", self.id) | wards)

    def _clinic_patients_for(self, scope):
        """Return the patients for whom this person may act today.

        The person itself, when a patient, and the wards whose relationship allows
        ``scope``. The records come in the caller's environment: a portal user may
        only *read* those with the scope "read".

        :param str scope: "book", "read" or "sign"
        """
        self.ensure_one()
        # sudo: res.partner - the domain starts from this very person
        patients = self.sudo().search(self._clinic_access_domain(scope))
        return patients.with_env(self.env)
