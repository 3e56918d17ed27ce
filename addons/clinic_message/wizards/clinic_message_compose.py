import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib import placeholders
from ..lib.channels import CHANNELS
from ..lib.sms_text import segments
from ..models.clinic_message_template import THEMES

#: What a message of a theme is.
THEME_KINDS = {
    "before": "advice",
    "after": "advice",
    "greeting": "greeting",
    "tip": "news",
    "offer": "news",
}
#: What people write by hand; everything else is written with its cause.
BY_HAND = ("direct", "news", "greeting", "advice")


class ClinicMessageCompose(models.TransientModel):
    """Write to one patient or to those chosen in a list."""

    _name = "clinic.message.compose"
    _description = "Write a message"

    patient_ids = fields.Many2many(
        "res.partner",
        string="Recipients",
        required=True,
        domain=[("is_patient", "=", True)],
        default=lambda self: self._default_patients(),
    )
    kind_id = fields.Many2one(
        "clinic.message.kind",
        string="What it is",
        required=True,
        default=lambda self: self.env.ref("clinic_message.kind_direct"),
        domain=[("code", "in", BY_HAND)],
    )
    channel = fields.Selection(CHANNELS, help="Empty: as each patient prefers.")
    theme = fields.Selection(
        [each for each in THEMES if each[0] in THEME_KINDS],
        help="Texts of the library. Empty: all texts of what it is.",
    )
    template_id = fields.Many2one(
        "clinic.message.template",
        string="Take a text",
        domain="[('kind_id', '=', kind_id), ('category', 'in', theme and [theme] or"
        " ['visit', 'before', 'after', 'recall', 'greeting', 'tip', 'offer', 'service'"
        "]), ('channel', 'in', channel and [channel, False] or [False, 'email', 'sms',"
        " 'whatsapp', 'push', 'voice', 'letter'])]",
    )
    subject = fields.Char()
    body = fields.Text(string="Text")
    due = fields.Datetime(string="Not before")
    parts = fields.Integer(string="SMS parts", compute="_compute_parts")
    preview = fields.Html(compute="_compute_preview")
    example = fields.Text(
        string="As it reads", compute="_compute_example", help="For the first patient."
    )
    token = fields.Char(default=lambda self: uuid.uuid4().hex, readonly=True)

    @api.model
    def _default_patients(self):
        """Whom the message is for: the cards it is written from, or the patients of
        the deals, visits or plans."""
        patients = self.env["res.partner"]
        model = self.env.context.get("active_model")
        if model not in self.env:
            return patients
        origins = self.env[model].browse(self.env.context.get("active_ids") or [])
        if model == "res.partner":
            return origins
        field = origins._fields.get("patient_id")
        if field and field.comodel_name == "res.partner":
            return origins.mapped("patient_id")
        return patients

    @api.onchange("theme")
    def _onchange_theme(self):
        """A theme says what it is; a text of another one is put away."""
        if self.theme:
            kind = self.env["clinic.message.kind"]._by_code(THEME_KINDS[self.theme])
            self.kind_id = kind.sudo(False)
        if self.theme and self.template_id.category != self.theme:
            self.template_id = False

    @api.onchange("template_id")
    def _onchange_template_id(self):
        if self.template_id:
            text = self.template_id._text(self.patient_ids[:1].lang)
            self.subject, self.body = text.subject, text.body
            # A long text is for e-mail, whatever the patient prefers.
            self.channel = self.template_id.channel or self.channel

    @api.depends("body", "template_id", "patient_ids")
    def _compute_example(self):
        for wizard in self:
            example = wizard.template_id
            own = wizard.body or ""
            if example and placeholders.names(own):
                first = wizard.patient_ids._origin[:1]._filtered_access("read")
                wizard.example = example._filled(own, first)
            else:
                wizard.example = False

    @api.depends("body")
    def _compute_parts(self):
        for wizard in self:
            wizard.parts = segments(wizard.body or "") if wizard.body else 0

    @api.depends("patient_ids", "kind_id", "channel")
    def _compute_preview(self):
        for wizard in self:
            # Whoever may not read a card is told nothing of its addresses.
            readable = wizard.patient_ids._origin._filtered_access("read")
            rows = self.env["clinic.message"]._forecast(
                wizard.kind_id, readable, channel=wizard.channel or None
            )
            wizard.preview = self.env["ir.qweb"]._render(
                "clinic_message.compose_preview", {"rows": rows}
            )

    def _unchanged_template(self, body):
        """The chosen text, unless another one was written in its place."""
        texts = {(text.body or "").strip() for text in self.template_id.text_ids}
        return self.template_id if body in texts else None

    def action_send(self):
        """Write the messages; they leave at once unless a time is given.

        They go to the patients' own addresses: none can be given.

        :raises AccessError: not one of those who write to patients, or a card that
            the user may not read
        :raises UserError: no text, or something that is not written by hand
        """
        self.ensure_one()
        messages = self.env["clinic.message"]
        messages._check_may_talk()
        self.patient_ids.check_access("read")
        if self.kind_id.code not in BY_HAND:
            raise UserError(
                self.env._("Choose what it is: messages of this kind write themselves.")
            )
        if self.template_id and self.template_id.kind_id != self.kind_id:
            raise UserError(self.env._("The text is for another kind of message."))
        body = (self.body or "").strip()
        if not body:
            raise UserError(self.env._("Write the text first."))
        self.env["clinic.message.template"]._check_names(self.kind_id, body)
        template = self._unchanged_template(body)
        # sudo: clinic.message - the rights were checked, the fields are read-only
        written = messages.sudo()._queue(
            self.kind_id.code,
            self.patient_ids,
            step=f"hand{self.token}",
            channel=self.channel or None,
            template=template,
            # An unchanged text of the library is read in each one's language.
            body=None if template else body,
            subject=None if template else self.subject or None,
            due=self.due or None,
        )
        if placeholders.names(body) and not template:
            for message in written:
                message.body = placeholders.fill(body, message._kept_values())
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
        # Nothing of this transaction is forgotten, what a form holds included.
        self.env.flush_all()
        savepoint = self.env.cr.savepoint(flush=False)
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
            self.invalidate_model(flush=False)
        return rows
