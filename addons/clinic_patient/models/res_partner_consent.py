from odoo import api, fields, models
from odoo.tools import SQL

from ..lib.roles import STAFF_GROUPS


class ResPartner(models.Model):
    """The patient card: what the patient agreed to."""

    _inherit = "res.partner"

    consent_ids = fields.One2many(
        "clinic.consent", "patient_id", string="Consents", groups=STAFF_GROUPS
    )

    def _has_consent(self, code):
        """Whether the consent of this kind holds for the patient now.

        :param str code: of the ``clinic.consent.kind``
        """
        self.ensure_one()
        return bool(self._with_consent(code))

    def _with_consent(self, code):
        """Return those of ``self`` whose consent of this kind holds now.

        One statement for any number of patients.
        """
        if not self:
            return self
        given = {
            row[0]
            for row in self.env.execute_query(
                SQL("%s AND patient_id = ANY(%s)", self._consent_query(code), self.ids)
            )
        }
        return self.filtered(lambda card: card.id in given)

    @api.model
    def _consent_query(self, code):
        """Return SQL that gives the ``patient_id`` of all who gave a consent that
        holds; conditions on ``patient_id`` may be appended with AND."""
        self.env["clinic.consent"].flush_model()
        self.env["clinic.consent.kind"].flush_model(["code"])
        return SQL(
            """
            SELECT patient_id FROM clinic_consent given
             WHERE decision = 'given' AND set_aside IS NOT TRUE
               AND kind_id = (SELECT id FROM clinic_consent_kind WHERE code = %s)
               AND NOT EXISTS (
                   SELECT FROM clinic_consent later
                    WHERE later.patient_id = given.patient_id
                      AND later.kind_id = given.kind_id
                      AND later.set_aside IS NOT TRUE
                      AND (later.date, later.id) > (given.date, given.id))
            """,
            code,
        )
