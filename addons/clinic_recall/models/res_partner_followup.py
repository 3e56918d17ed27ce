from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS
from odoo.addons.clinic_patient.models.res_partner_timeline import TimelineKind

BADGES = {"done": "success", "skipped": "secondary", "cancelled": "secondary"}


class ResPartner(models.Model):
    """The patient card: follow-ups."""

    _inherit = "res.partner"

    followup_ids = fields.One2many(
        "clinic.followup", "patient_id", string="Follow-ups", groups=STAFF_GROUPS
    )
    followup_count = fields.Integer(
        compute="_compute_followup_count", groups=STAFF_GROUPS
    )

    @api.depends("followup_ids")
    def _compute_followup_count(self):
        counts = dict(
            self.env["clinic.followup"]._read_group(
                [("patient_id", "in", self.ids)], ["patient_id"], ["__count"]
            )
            if self.env["clinic.followup"].has_access("read")
            else []
        )
        for partner in self:
            partner.followup_count = counts.get(partner, 0)

    def action_open_followups(self):
        """The follow-ups of this patient."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_followup_action"
            ),
            domain=[("patient_id", "=", self.id)],
            context={"default_patient_id": self.id},
        )

    def action_followup_write(self):
        """Write to this patient, by the channel the patient prefers."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_message.clinic_message_compose_action"
            ),
            context={"default_patient_ids": self.ids},
        )

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        steps = self.env["clinic.followup.step"]
        if steps.has_access("read"):
            kinds.append(
                TimelineKind(
                    "followup",
                    self.env._("Follow-ups"),
                    "fa-heartbeat",
                    "info",
                    steps._search(
                        [("patient_id", "=", self.id), ("done_on", "!=", False)]
                    ),
                    SQL.identifier("clinic_followup_step", "done_on"),
                    self._describe_followup_steps,
                )
            )
        return kinds

    def _describe_followup_steps(self, ids):
        steps = self.env["clinic.followup.step"].browse(ids)
        results = dict(steps._fields["result"]._description_selection(self.env))
        return {
            step.id: {
                "title": step.name,
                "text": " · ".join(filter(None, [step.followup_id.name, step.note])),
                "author": step.done_by_id.name,
                "badge": results.get(step.result),
                "badge_color": BADGES.get(step.state, "info"),
                "open": {"model": "clinic.followup", "id": step.followup_id.id},
            }
            for step in steps
        }
