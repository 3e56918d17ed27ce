from datetime import timedelta

from odoo import api, models

from odoo.addons.clinic_base.lib import clock

from ..lib.heard import Status

#: Odoo's word for the state of an SMS, in ours; their «sent» is our delivered.
STATES = {
    "outgoing": "accepted",
    "process": "accepted",
    "pending": "sent",
    "sent": "delivered",
    "error": "failed",
    "canceled": "failed",
}
#: Receipts come within 72 hours.
KEPT = timedelta(days=7)


class SmsTracker(models.Model):
    """Receipts of Odoo's own SMS, and of its Twilio, for messages of the clinic.

    Odoo finds a receipt's SMS by a tracker, which outlives the SMS itself (Odoo deletes
    those daily, before slow receipts come): a message has a tracker and no SMS.
    """

    _inherit = "sms.tracker"

    @api.model
    def _track_messages(self, uuids):
        """Have Odoo find these messages when it hears of them.

        :param list uuids: keys of messages, as Odoo writes them: 32 digits
        """
        # sudo: sms.tracker - technical, of Odoo
        trackers = self.sudo()
        known = trackers.search([("sms_uuid", "in", uuids)]).mapped("sms_uuid")
        trackers.create(
            [{"sms_uuid": uuid} for uuid in uuids if uuid not in set(known)]
        )

    def _action_update_from_sms_state(
        self, sms_state, failure_type=False, failure_reason=False
    ):
        result = super()._action_update_from_sms_state(
            sms_state, failure_type=failure_type, failure_reason=failure_reason
        )
        self._tell_messages(STATES.get(sms_state), failure_type)
        return result

    def _action_update_from_provider_error(self, provider_error):
        result = super()._action_update_from_provider_error(provider_error)
        state = "expired" if provider_error == "expired" else "failed"
        self._tell_messages(state, str(provider_error or "failed"))
        return result

    def _tell_messages(self, state, code=None):
        """Hand a status on to the messages of these trackers."""
        # sudo: clinic.message - the provider tells it, nobody is logged in
        messages = self.env["clinic.message"].sudo()
        found = messages._of_bare_uuid(
            *self.filtered(lambda each: not each.mail_notification_id).mapped(
                "sms_uuid"
            )
        )
        if not state:
            return
        lost = state in ("failed", "expired")
        words = self.env._("The SMS service answered “%s”.", code) if lost else None
        for message in found:
            # sudo: clinic.message.heard - what the service answered, kept for the job:
            # a request waits for no sender
            self.env["clinic.message.heard"].sudo()._keep(
                message.provider_id,
                [
                    Status(
                        "",
                        state,
                        message.uuid,
                        error=words,
                        detail=code if lost else None,
                    )
                ],
            )

    @api.autovacuum
    def _gc_message_trackers(self):
        """Forget trackers of messages after the time in which receipts come."""
        self.search(
            [
                ("mail_notification_id", "=", False),
                ("create_date", "<", clock.now() - KEPT),
                ("sms_uuid", "in", self._undashed_of_messages()),
            ]
        ).unlink()

    def _undashed_of_messages(self):
        since = clock.now() - KEPT * 5
        messages = self.env["clinic.message"].search_fetch(
            [
                ("provider_id.kind", "=", "odoo_sms"),
                ("queued_at", ">", since),
            ],
            ["uuid"],
        )
        return [message.uuid.replace("-", "") for message in messages]
