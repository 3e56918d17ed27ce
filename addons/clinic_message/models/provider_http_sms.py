from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.fan_out import ask_all, send_all
from ..lib.http_sms import HttpSms
from ..lib.http_sms_presets import PRESETS


class ClinicMessageProvider(models.Model):
    """SMS by any gateway that takes HTTP; what differs is data."""

    _inherit = "clinic.message.provider"

    kind = fields.Selection(
        selection_add=[("http_sms", "SMS gateway over HTTP")],
        ondelete={"http_sms": "cascade"},
    )
    preset = fields.Selection(
        [
            ("demo", "Demo gateway"),
            ("jasmin", "Jasmin (SMPP)"),
            ("kannel", "Kannel (SMPP)"),
            ("smsc", "SMSC"),
            ("skebby", "Skebby"),
            ("verimor", "Verimor (Turkey)"),
            ("netgsm", "Netgsm (Turkey)"),
            ("jetsms", "JetSMS (Turkey)"),
            ("aliyun", "Alibaba Cloud SMS (China)"),
            ("huawei", "Huawei Cloud SMS (China)"),
            ("own", "Own settings"),
        ],
        string="Gateway",
        default="demo",
    )
    settings = fields.Text(
        help="JSON. Replaces parts of the gateway's settings, or is all of them.",
        groups="base.group_system",
    )

    preset_about = fields.Char(compute="_compute_preset_about")

    @api.depends("preset", "kind")
    def _compute_preset_about(self):
        never = self.env._(
            "Follows what its maker publishes; never tried on the service."
        )
        for provider in self:
            preset = PRESETS.get(provider.kind == "http_sms" and provider.preset, {})
            tried = provider.preset in ("demo", "own") or not preset
            provider.preset_about = preset.get("about") or (not tried and never)

    @api.constrains("kind", "preset", "settings")
    def _check_settings(self):
        for provider in self.filtered(lambda each: each.kind == "http_sms"):
            config = provider._http_sms_config()
            if not config.get("url") or not isinstance(config.get("answer"), dict):
                raise ValidationError(
                    self.env._(
                        "The settings of %(name)s need “url” and “answer”: see the "
                        "administrator's handbook.",
                        name=provider.name,
                    )
                )

    def _http_sms_config(self):
        """The gateway's settings, with the parts replaced that were written here."""
        # sudo: clinic.message.provider - settings are for system administrators
        own = self._as_json(self.sudo().settings)
        return PRESETS.get(self.preset or "own", {}) | own

    def _http_sms(self):
        """The plain adapter of this record."""
        self.ensure_one()
        secret = self.sudo()  # sudo: clinic.message.provider - keys are for the sender
        values = {
            "base_url": self.base_url or "",
            "sender": self.sender or "",
            "user": secret.account_user or "",
            "key": secret.account_key or "",
            "callback": secret.callback_url,
        }
        config, inside = self._http_sms_config(), self._inside_hosts()
        return HttpSms(config, values, self.timeout, inside)

    def _send_http_sms(self, items):
        return send_all(items, self._http_sms().send, self.parallel)

    def _can_poll(self):
        if self.kind == "http_sms":
            return bool(self._http_sms_config().get("poll"))
        return super()._can_poll()

    def _poll_http_sms(self, messages):
        uids = [message.provider_uid or message.uuid for message in messages]
        heard, fault = ask_all(uids, self._http_sms().poll, self.parallel)
        return [(status.uid, status.state, status.error) for status in heard], fault

    def _webhook_http_sms(self, request):
        config = self._http_sms_config()
        signature = config.get("signature") or {}
        request.check(
            self.sudo().webhook_secret,  # sudo: clinic.message.provider - to compare
            signature.get("header", "X-Signature"),
            signature.get("prefix", "sha256="),
        )
        gateway = self._http_sms()
        heard = gateway.hear(request.body, request.content_type, request.query)
        return heard, config.get("reply", "")
