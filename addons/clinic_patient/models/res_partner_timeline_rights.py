from odoo import models
from odoo.tools import SQL

from .res_partner_timeline import TimelineKind


class ResPartner(models.Model):
    """The timeline: consents."""

    _inherit = "res.partner"

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        consents = self.env["clinic.consent"]
        if consents.has_access("read"):
            kinds.append(
                TimelineKind(
                    "consent",
                    self.env._("Consents"),
                    "fa-check-square-o",
                    "success",
                    consents._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_consent", "date"),
                    self._describe_consents,
                )
            )
        return kinds

    def _describe_consents(self, ids):
        consents = self.env["clinic.consent"].browse(ids)
        decisions = dict(consents._fields["decision"]._description_selection(self.env))
        colors = {"given": "success"}
        return {
            consent.id: {
                "title": consent.kind_id.name,
                "badge": decisions[consent.decision],
                "badge_color": colors.get(consent.decision, "danger"),
                "author": consent.giver_id.name,
                "open": {"model": "clinic.consent", "id": consent.id},
            }
            for consent in consents
        }
