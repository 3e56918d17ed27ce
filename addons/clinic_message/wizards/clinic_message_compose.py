import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib import placeholders
from ..lib.channels import CHANNELS
from ..lib.sms_text import segments


class ClinicMessageCompose(models.TransientModel):
    """Write to one patient or to those chosen in a list."""

    _name = "clinic.message.compose"
    _description = "Write a message"

    patient_ids = fields.Many2many(
        "res.partner",
        string="To",
        required=True,
        domain=[("is_patient", "=", True)],
        default=lambda self: self._default_patients(),
    )
    kind_id = fields.Many2one(
        "clinic.message.kind",
        string="What it is",
        required=True,
        default=lambda self: self.env.ref("clinic_message.kind_direct"),
        domain=[("code", "in", ("direct", "news", "greeting", "advice"))],
    )
    channel = fields.Selection(CHANNELS, help="Empty: as each patient prefers.")
    template_id = fields.Many2one(
        "clinic.message.template",
        string="Take a text",
        domain="[('kind_id', '=', kind_id)]",
    )
    subject = fields.Char()
    body = fields.Text(string="Text")
    due = fields.Datetime(string="Not before")
    parts = fields.Integer(string="SMS parts", compute="_compute_parts")
    preview = fields.Html(compute="_compute_preview")
    token = fields.Char(default=lambda self: uuid.uuid4().hex, readonly=True)

    @api.model
    def _default_patients(self):
        if self.env.context.get("active_model") == "res.partner":
            return self.env["res.partner"].browse(
                self.env.context.get("active_ids") or []
            )
        return self.env["res.partner"]

    @api.onchange("template_id")
    def _onchange_template_id(self):
        if self.template_id:
            text = self.template_id._text(self.patient_ids[:1].lang)
            self.subject, self.body = text.subject, text.body

    @api.depends("body")
    def _compute_parts(self):
        for wizard in self:
            wizard.parts = segments(wizard.body or "") if wizard.body else 0

    @api.depends("patient_ids", "kind_id", "channel")
    def _compute_preview(self):
        for wizard in self:
            rows = self.env["clinic.message"]._forecast(
                wizard.kind_id,
                wizard.patient_ids._origin,
                channel=wizard.channel or None,
            )
            wizard.preview = self.env["ir.qweb"]._render(
                "clinic_message.compose_preview", {"rows": rows}
            )

    def action_send(self):
        """Write the messages; they leave at once unless a time is given."""
        self.ensure_one()
        messages = self.env["clinic.message"]
        messages.check_access("create")
        self.patient_ids.check_access("read")
        body = (self.body or "").strip()
        if not body:
            raise UserError(self.env._("Write the text first."))
        self.env["clinic.message.template"]._check_names(self.kind_id, body)
        # sudo: clinic.message - the rights were checked, the fields are read-only
        written = messages.sudo()._queue(
            self.kind_id.code,
            self.patient_ids,
            step=f"hand{self.token}",
            channel=self.channel or None,
            template=self.template_id or None,
            body=body,
            subject=self.subject or None,
            due=self.due or None,
        )
        if placeholders.names(body):
            for message in written:
                message.body = placeholders.fill(body, message._all_values())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Written"),
            "res_model": "clinic.message",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", written.ids)],
        }


class ClinicMessage(models.Model):
    """What would become of messages, before they are written."""

    _inherit = "clinic.message"

    @api.model
    def _forecast(self, kind, patients, channel=None):
        """Tell to whom, how and whether messages would go.

        It writes them and takes them back: what is told is what would happen.

        :returns: list of ``(who, about, channel, address, reason in words)``
        """
        if not kind or not patients:
            return []
        reasons = dict(self._fields["suppress_reason"]._description_selection(self.env))
        channels = dict(self._fields["channel"]._description_selection(self.env))
        rows = []
        savepoint = self.env.cr.savepoint()
        try:
            # sudo: clinic.message - taken back at once; the patients were chosen by
            # somebody who may read them
            written = self.sudo()._queue(
                kind.code, patients, step="forecast", channel=channel
            )
            rows = [
                (
                    each.recipient_id.display_name,
                    each.patient_id.display_name,
                    channels[each.channel],
                    each.address or "",
                    reasons.get(each.suppress_reason, ""),
                )
                for each in written
            ]
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)
        return rows
