import json

from odoo import fields, models

from odoo.addons.mail.tools import jwt
from odoo.addons.mail.tools.web_push import _encrypt_payload

from ..lib import web_push
from ..lib.fan_out import guarded, send_all
from ..lib.port import Outcome
from .clinic_push_device import PRIVATE


class ClinicMessageProvider(models.Model):
    """Web push to the browsers in which a patient switched it on.

    Keys and encryption are Odoo's. One message goes to all devices of the person; it is
    sent when one of them takes it. Devices that are gone are removed.
    """

    _inherit = "clinic.message.provider"

    kind = fields.Selection(
        selection_add=[("web_push", "Web push")],
        ondelete={"web_push": "cascade"},
    )

    def _send_web_push(self, items):
        # sudo: clinic.push.device - the keys of browsers are for the sender
        devices = self.env["clinic.push.device"].sudo()
        people = [int(item.address) for item in items if item.address.isdigit()]
        known = {}
        for device in devices.search([("partner_id", "in", people)]):
            known.setdefault(str(device.partner_id.id), []).append(
                web_push.Device(device.id, device.endpoint, device.p256dh, device.auth)
            )
        sign, inside, gone = self._push_signature(), self._inside_hosts(), set()

        def send(item):
            return self._push_to_devices(
                item, known.get(item.address, ()), sign, inside, gone
            )

        outcomes = send_all(items, send, self.parallel)
        devices.browse(gone).unlink()
        return outcomes

    def _push_to_devices(self, item, devices, sign, inside, gone):
        """Send one message to each device; runs in a thread, touches no record."""
        worst = Outcome("refused", failure="no_device", error="no device is left")
        for device in devices:
            outcome = guarded(
                lambda item, device=device: web_push.send(
                    device, item, sign, encrypt, 10.0, inside
                ),
                item,
            )
            if outcome.state == "sent":
                worst = outcome
            elif outcome.failure == "gone":
                gone.add(device.id)
            elif worst.state != "sent":
                # The topic makes a repeat replace the first: to try again is safe.
                worst = outcome._replace(state="retry")
        return worst

    def _push_signature(self):
        """A function that proves to a push service who we are (VAPID)."""
        # sudo: ir.config_parameter - the private key is for the sender
        parameters = self.env["ir.config_parameter"].sudo()
        public = self.env["clinic.push.device"]._public_key()
        private, subject = parameters.get_param(PRIVATE), self.get_base_url()

        def sign(audience):
            claims = {"aud": audience, "sub": subject}
            token = jwt.sign(claims, private, 12 * 3600, jwt.Algorithm.ES256)
            return f"vapid t={token}, k={public}"

        return sign


def encrypt(text, device):
    """A body that only this browser can read (RFC 8291), by Odoo's own hand."""
    keys = json.dumps({"p256dh": device.p256dh, "auth": device.auth})
    return _encrypt_payload(text.encode(), {"keys": keys})
