from odoo import models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock


class ClinicMessage(models.Model):
    """What the staff do with a message of the log: take it back, send it again."""

    _inherit = "clinic.message"

    def action_cancel(self):
        """Take back messages that were not sent yet."""
        self._check_may_talk()
        # sudo: clinic.message - the rights were checked, the fields are read-only
        taken = self.sudo()._cancel_queued(self.env._("by %s", self.env.user.name))
        if len(taken) < len(self):
            raise UserError(
                self.env._("Only messages that still wait can be taken back.")
            )

    def action_send_again(self):
        """Send the same text once more, by the same channel."""
        return self._resend()

    def _resend(self, channel=None):
        """Queue these messages once more; a repeat within a minute changes nothing.

        :param str channel: another channel than the one it went by
        :returns: the new messages
        """
        self._check_may_talk()
        fresh = self.browse()
        for message in self:
            if message.direction != "out" or message.state in ("queued", "claimed"):
                raise UserError(
                    self.env._("It has not been sent yet: there is nothing to repeat.")
                )
            if message.is_at_once:
                raise UserError(
                    self.env._(
                        "A code is not sent twice. Who waits for one asks for a new "
                        "one on the page."
                    )
                )
            minute = clock.now().strftime("%Y%m%d%H%M")
            again = {}
            if message.address_is_given:
                # To an address that no card holds, or does not hold any more.
                again = {
                    "recipient": message.recipient_id,
                    "addresses": {message.channel: message.address},
                }
            # sudo: clinic.message - the right to send was checked above
            fresh |= message.sudo()._queue(
                message.kind_id.code,
                message.patient_id or message.recipient_id,
                origin=message._get_origin(),
                location=message._place_record(),
                zone=message.zone,
                company=message.company_id,
                step=message.step or "",
                attempt=f"#{message.id}@{minute}",
                channel=channel or message.channel,
                template=message.template_id,
                # Texts of the library are filled in anew, their links with them.
                body=None if message.template_id else message.body,
                subject=message.subject,
                **again,
            )
        return fresh
