from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_patient.models.res_partner_timeline import TimelineKind

STAFF = "clinic_patient.group_clinic_user"
BADGES = {
    "delivered": "success",
    "read": "success",
    "replied": "success",
    "received": "info",
    "failed": "danger",
    "bounced": "danger",
    "expired": "warning",
    "unknown": "warning",
    "suppressed": "secondary",
    "cancelled": "secondary",
}


class ResPartner(models.Model):
    """The card: messages both ways."""

    _inherit = "res.partner"

    clinic_message_count = fields.Integer(
        string="Messages written", compute="_compute_clinic_message_count", groups=STAFF
    )

    def _compute_clinic_message_count(self):
        counts = dict(
            self.env["clinic.message"]._read_group(
                [("patient_id", "in", self.ids)], ["patient_id"], ["__count"]
            )
        )
        for partner in self:
            partner.clinic_message_count = counts.get(partner._origin, 0)

    def action_open_messages(self):
        """Show the messages to and from this person, and those about them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_message.clinic_message_action"
        )
        return dict(
            action,
            name=self.env._("Messages of %(name)s", name=self.name),
            domain=["|", ("patient_id", "=", self.id), ("recipient_id", "=", self.id)],
            context={},
        )

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        messages = self.env["clinic.message"]
        if messages.has_access("read"):
            kinds.append(
                TimelineKind(
                    "clinic_message",
                    self.env._("Messages"),
                    "fa-comments",
                    "info",
                    messages._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_message", "queued_at"),
                    self._describe_clinic_messages,
                )
            )
        return kinds

    @api.model
    def _describe_clinic_messages(self, ids):
        messages = self.env["clinic.message"].browse(ids)
        states = dict(messages._fields["state"]._description_selection(self.env))
        channels = dict(messages._fields["channel"]._description_selection(self.env))
        received = self.env._("written by the patient")
        kinds = {message: message.kind_id.name or received for message in messages}
        return {
            message.id: {
                "title": f"{channels[message.channel]}: {kinds[message]}",
                "text": (message.shown_body or message.subject or "")[:280],
                "badge": states[message.state],
                "badge_color": BADGES.get(message.state, "primary"),
                "author": message.user_id.name
                if message.direction == "out"
                else message.recipient_id.name,
                "open": {"model": "clinic.message", "id": message.id},
            }
            for message in messages
        }
