from odoo import models
from odoo.tools import SQL

from .res_partner_timeline import TimelineKind


class ResPartner(models.Model):
    """The timeline: consents and complaints."""

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
        complaints = self.env["clinic.complaint"]
        if complaints.has_access("read"):
            kinds.append(
                TimelineKind(
                    "complaint",
                    self.env._("Complaints"),
                    "fa-bullhorn",
                    "danger",
                    complaints._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_complaint", "received_on"),
                    self._describe_complaints,
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

    def _describe_complaints(self, ids):
        complaints = self.env["clinic.complaint"].browse(ids)
        states = dict(complaints._fields["state"]._description_selection(self.env))
        colors = {"resolved": "success", "closed": "secondary"}
        return {
            complaint.id: {
                "title": complaint.display_name,
                "text": (complaint.description or "")[:280],
                "badge": states[complaint.state],
                "badge_color": colors.get(complaint.state, "warning"),
                "open": {"model": "clinic.complaint", "id": complaint.id},
            }
            for complaint in complaints
        }
