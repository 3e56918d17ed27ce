import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock

from ..lib.heard import Inbound, Status, cleaned
from ..lib.port import Item

#: Hosts inside that may be called, ``host:port`` with commas between them.
INSIDE = "clinic_message.inside_hosts"
#: The largest file that is fetched from a provider.


class ClinicMessageProvider(models.Model):
    """How a provider over HTTP is reached, and how it reaches us."""

    _inherit = "clinic.message.provider"

    account_user = fields.Char(string="User or account", groups="base.group_system")
    account_key = fields.Char(
        string="Key or password", copy=False, groups="base.group_system"
    )
    webhook_secret = fields.Char(
        string="Signing secret",
        copy=False,
        groups="base.group_system",
        help="With what the provider signs its reports. Empty: the address alone, "
        "which nobody can guess, protects them.",
    )
    callback_url = fields.Char(
        string="Address for reports",
        compute="_compute_callback_url",
        groups="base.group_system",
        help="Give it to the provider: there it reports deliveries and answers.",
    )

    @api.depends("secret_path")
    def _compute_callback_url(self):
        for provider in self:
            base = provider.get_base_url()
            provider.callback_url = f"{base}/clinic/gateway/{provider.secret_path}"

    @api.model
    def _inside_hosts(self):
        """Hosts inside that an administrator allows to be called."""
        # sudo: ir.config_parameter - where messages may go is not the sender's choice
        words = self.env["ir.config_parameter"].sudo().get_param(INSIDE, "")
        return frozenset(word.strip() for word in words.split(",") if word.strip())

    def _hear_webhook(self, request):
        """Read what a provider reports, and keep it to be taken in; harmless to repeat.

        It waits for nobody: see ``clinic.message.heard``.

        :param request: ``lib.webhook.Request``
        :returns: number of statuses and messages, and the words to answer
        :raises Forged: it is not signed as agreed
        :raises NotUnderstood: it is not in the form that was agreed
        """
        self.ensure_one()
        read = getattr(self, f"_webhook_{self.kind}", None)
        heard, words = read(request) if read else ([], "")
        self.env["clinic.message.heard"]._keep(self, list(map(cleaned, heard)))
        return len(heard), words

    def _take_in(self, event):
        """Do what a report says; harmless to repeat.

        :param event: ``Status`` or ``Inbound``
        :returns: the message it is about, perhaps empty
        """
        self.ensure_one()
        messages = self.env["clinic.message"]
        if isinstance(event, Status):
            return messages._hear(
                self,
                event.uid or None,
                event.state,
                moment=event.moment,
                error=event.error,
                detail=event.detail,
                price=event.price,
                uuid=event.uuid,
            )
        if isinstance(event, Inbound):
            return messages._receive(
                self,
                self.channel,
                event.sender,
                event.body,
                event.uid or None,
                received_at=event.moment,
                media=self._fetch_media(event),
                reply_uid=event.reply_uid,
            )
        return None

    def _fetch_media(self, event):
        """Extension point: the files of an inbound message, ``(name, type, bytes)``."""
        return None

    def action_test(self):
        """Send a word to the person who asks, by this provider alone, at once."""
        self.ensure_one()
        self.check_access("write")
        person = self.env.user.partner_id
        by_number = self.channel in ("sms", "whatsapp", "voice")
        address = person.phone_sanitized if by_number else person.email_normalized
        if self.channel == "push":
            address = str(person.id)
        if not address and self.channel != "letter":
            raise UserError(
                self.env._(
                    "Your own contact has no number or e-mail address to send the test "
                    "to. Enter it in your profile."
                )
            )
        item = Item(
            uuid=f"test-{clock.now():%Y%m%d%H%M%S}-{self.env.uid}",
            address=address or "",
            subject=self.env._("Test"),
            body=self.env._(
                "This is a test of %(clinic)s.", clinic=self.env.company.name
            ),
            html="<p>%s</p>" % self.env._("This is a test."),
            lang=self.env.lang or "",
            extra={
                "company_id": self.env.company.id,
                "recipient_id": person.id,
                "message_id": False,
            },
        )
        (outcome,) = self.sudo()._send([item])
        good = outcome.state in ("accepted", "sent")
        if good:
            self.sudo()._note_success()
        else:
            self.sudo()._note_failure(outcome.error or outcome.failure)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if good else "danger",
                "title": self.env._("It was taken") if good else self.env._("Not sent"),
                "message": outcome.error or outcome.failure or address or "",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _as_json(self, text):
        """A dictionary from what an administrator wrote.

        :raises UserError: it is no JSON object
        """
        try:
            data = json.loads(text or "{}")
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise UserError(self.env._("The settings must be one JSON object."))
        return data
