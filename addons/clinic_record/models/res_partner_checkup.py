from odoo import models
from odoo.tools import SQL

from odoo.addons.clinic_patient.models.res_partner_timeline import TimelineKind


class ResPartner(models.Model):
    """The patient card: check-ups of the employer."""

    _inherit = "res.partner"

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        people = self.env["clinic.checkup.person"]
        if people.has_access("read"):
            kinds.append(
                TimelineKind(
                    "checkup",
                    self.env._("Check-ups"),
                    "fa-heartbeat",
                    "info",
                    people._search(
                        [("patient_id", "=", self.id), ("examined_on", "!=", False)]
                    ),
                    SQL.identifier("clinic_checkup_person", "examined_on"),
                    self._describe_checkups,
                )
            )
        return kinds

    def _describe_checkups(self, ids):
        return {
            person.id: {
                "title": person.campaign_id.name,
                "text": person.suggestion or "",
                "open": {"model": "clinic.checkup.person", "id": person.id},
            }
            for person in self.env["clinic.checkup.person"].browse(ids)
        }
