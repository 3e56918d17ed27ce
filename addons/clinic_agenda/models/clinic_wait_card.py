from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.clinic_patient.models.res_partner_timeline import TimelineKind

BADGES = {
    "waiting": "info",
    "offered": "warning",
    "booked": "success",
}


class ResPartner(models.Model):
    """The wait list on the patient's card."""

    _inherit = "res.partner"

    wait_count = fields.Integer(
        compute="_compute_wait_count", groups="clinic_patient.group_clinic_user"
    )

    def _compute_wait_count(self):
        waiting, counts = self.env["clinic.wait.list"], {}
        if waiting.has_access("read"):
            domain = [
                ("patient_id", "in", self.ids),
                ("state", "in", ("waiting", "offered")),
            ]
            counts = dict(waiting._read_group(domain, ["patient_id"], ["__count"]))
        for partner in self:
            partner.wait_count = counts.get(partner._origin, 0)

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        waiting = self.env["clinic.wait.list"]
        if waiting.has_access("read"):
            kinds.append(
                TimelineKind(
                    "wait_list",
                    self.env._("Wait list"),
                    "fa-hourglass-half",
                    "warning",
                    waiting._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_wait_list", "waiting_since"),
                    self._describe_wait_list,
                )
            )
        return kinds

    def _describe_wait_list(self, ids):
        entries = self.env["clinic.wait.list"].browse(ids)
        names = {
            name: dict(entries._fields[name]._description_selection(self.env))
            for name in ("state", "kind", "source")
        }
        return {
            entry.id: {
                "title": self.env._(
                    "Waits for %(service)s", service=entry.service_id.name
                ),
                "text": " · ".join((names["kind"][entry.kind], entry._window_words())),
                "badge": names["state"][entry.state],
                "badge_color": BADGES.get(entry.state, "secondary"),
                "author": names["source"][entry.source],
                "open": {"model": "clinic.wait.list", "id": entry.id},
            }
            for entry in entries
        }

    def action_view_wait_list(self):
        """Open what the patient waits for; a new wish is about this patient."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.wait.list",
            "view_mode": "list,form",
            "domain": [("patient_id", "=", self.id)],
            "context": {"default_patient_id": self.id},
            "name": self.env._("Wait list"),
        }


class ClinicAppointment(models.Model):
    """From a visit to the wish for an earlier one."""

    _inherit = "clinic.appointment"

    def action_wait_for_earlier(self):
        """Open the patient's wish for an earlier time, or a new one."""
        self.ensure_one()
        waiting = self.env["clinic.wait.list"].search(
            [
                ("patient_id", "=", self.patient_id.id),
                ("service_id", "=", self.service_id.id),
                ("state", "in", ("waiting", "offered")),
            ],
            limit=1,
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Earlier time"),
            "res_model": "clinic.wait.list",
            "res_id": waiting.id,
            "view_mode": "form",
            "context": {
                "default_patient_id": self.patient_id.id,
                "default_service_id": self.service_id.id,
                "default_appointment_id": self.id,
                "default_practitioner_ids": self.practitioner_id.ids,
                "default_location_ids": self.location_id.ids,
            },
        }
