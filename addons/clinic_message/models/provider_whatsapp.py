import hmac
import mimetypes

from odoo import fields, models

from odoo.addons.clinic_base.lib import safe_http

from ..lib import whatsapp_cloud
from ..lib.fan_out import send_all
from ..lib.webhook import Forged
from ..tools.kept_files import LARGEST

GRAPH = "https://graph.facebook.com/v21.0"


class ClinicMessageProvider(models.Model):
    """WhatsApp by Meta's Cloud API."""

    _inherit = "clinic.message.provider"

    kind = fields.Selection(
        selection_add=[("whatsapp_cloud", "WhatsApp Cloud API")],
        ondelete={"whatsapp_cloud": "cascade"},
    )
    verify_token = fields.Char(
        copy=False,
        groups="base.group_system",
        help="The word you enter at Meta together with the address for reports.",
    )

    def _whatsapp_cloud(self):
        """The plain adapter of this record."""
        self.ensure_one()
        secret = self.sudo()  # sudo: clinic.message.provider - keys are for the sender
        return whatsapp_cloud.WhatsAppCloud(
            self.base_url or GRAPH,
            secret.account_user or "",
            secret.account_key or "",
            self.timeout,
            self._inside_hosts(),
        )

    def _send_whatsapp_cloud(self, items):
        return send_all(items, self._whatsapp_cloud().send, self.parallel)

    def _webhook_whatsapp_cloud(self, request):
        secret = self.sudo()  # sudo: clinic.message.provider - to compare
        if request.method == "GET":
            return [], self._answer_challenge(request.query, secret.verify_token)
        if not secret.webhook_secret:
            # Meta always signs: without the secret nobody could tell who wrote.
            raise Forged("no secret")
        request.check(secret.webhook_secret, "X-Hub-Signature-256", "sha256=")
        return whatsapp_cloud.hear(request.body, secret.account_user), ""

    def _answer_challenge(self, query, token):
        """What Meta asks when the address is entered there.

        :raises Forged: it does not know the word
        """
        given = str(query.get("hub.verify_token") or "")
        if not token or not hmac.compare_digest(given.encode(), token.encode()):
            raise Forged("verify token")
        return str(query.get("hub.challenge") or "")[:200]

    def _fetch_media(self, event):
        if self.kind != "whatsapp_cloud" or not event.media_id:
            return super()._fetch_media(event)
        try:
            file = self._whatsapp_cloud().fetch(event.media_id, LARGEST)
        except (safe_http.NotSent, safe_http.Lost):
            file = None
        if not file:
            return None
        mimetype, content = file
        suffix = mimetypes.guess_extension(mimetype.partition(";")[0]) or ""
        return [(f"whatsapp{suffix}", mimetype, content)]
