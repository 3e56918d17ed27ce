from odoo import fields, models

from ..lib import voice
from ..lib.fan_out import send_all
from ..lib.heard import Inbound

#: What the keys of a telephone say, in the language that every answer is read in.
KEYS = {"1": "yes", "2": "no"}


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
            (status,) = statuses
            pressed = Inbound(
                f"{status.uid}:{key}",
                # Who was called is found by the call.
                status.uuid or "",
                key,
                status.moment,
                status.uid,
            )
            return [status, pressed], ""
        return statuses, ""

    def _take_in(self, event):
        """A key in a call is what the person answers."""
        if self.kind != "voice_http" or not isinstance(event, Inbound):
            return super()._take_in(event)
        messages = self.env["clinic.message"]
        call = messages._find_of(self, event.reply_uid, event.sender)
        if not call:
            return call
        return messages._receive(
            self,
            "voice",
            call.address,
            KEYS.get(event.body, event.body),
            event.uid,
            received_at=event.moment,
            reply_uid=call.provider_uid,
        )
