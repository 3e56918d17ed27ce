from odoo import fields, models

from ..lib import voice
from ..lib.fan_out import send_all


class ClinicMessageProvider(models.Model):
    """Calls that speak the text, by a telephone exchange that takes HTTP.

    A key that the person presses is an answer: ``1`` counts as yes.
    """

    _inherit = "clinic.message.provider"

    kind = fields.Selection(
        selection_add=[("voice_http", "Telephone exchange over HTTP")],
        ondelete={"voice_http": "cascade"},
    )

    def _send_voice_http(self, items):
        secret = self.sudo()  # sudo: clinic.message.provider - keys are for the sender
        exchange = voice.Voice(
            self.base_url or "",
            secret.account_key or "",
            self.sender or "",
            self.timeout,
            self._inside_hosts(),
        )
        return send_all(items, exchange.send, self.parallel)

    def _webhook_voice_http(self, request):
        secret = self.sudo()  # sudo: clinic.message.provider - to compare
        request.check(secret.webhook_secret, "X-Signature", "sha256=")
        statuses, key = voice.hear(request.body)
        if key:
            self._take_in_key(statuses[0], key)
        return statuses, ""

    def _take_in_key(self, status, key):
        """A key in a call is what the person answers."""
        messages = self.env["clinic.message"]
        call = messages._find_of(self, status.uid, status.uuid)
        if call:
            words = {"1": self.env._("yes"), "2": self.env._("no")}.get(key, key)
            messages._receive(
                self,
                "voice",
                call.address,
                words,
                f"{status.uid}:{key}",
                received_at=status.moment,
                reply_uid=call.provider_uid,
            )
