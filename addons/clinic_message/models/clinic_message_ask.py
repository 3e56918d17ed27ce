from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.clinic_base.lib import clock

BATCH = 200
#: How long providers are asked what became of messages they never told of.
ASK_FOR = timedelta(hours=72)


class ClinicMessage(models.Model):
    """When a provider is silent, ask it."""

    _inherit = "clinic.message"

    asked_at = fields.Datetime(
        readonly=True, help="When the provider was last asked what became of it."
    )

    @api.model
    def _cron_ask(self):
        """Scheduled action: ask providers what became of messages.

        Those asked longest ago come first: no message that stays silent keeps the
        others from being asked.
        """
        providers = self.env["clinic.message.provider"].search([("active", "=", True)])
        for provider in providers.filtered(lambda each: each._can_poll()):
            if provider._is_open():
                continue
            silent = self._silent(provider)
            for uid, state, error in provider._poll(silent):
                message = self._find_of(provider, uid, uid)
                message and message._apart("_hear_of", provider, uid, state, error)
            silent.write({"asked_at": clock.now()})
            if not self.env["ir.cron"]._commit_progress(len(silent)):
                break

    def _hear_of(self, provider, uid, state, error):
        """Take in what a provider answered about this message."""
        self._hear(provider, uid, state, error=error, uuid=uid)

    @api.model
    def _silent(self, provider):
        """The next messages to ask this provider about."""
        now = clock.now()
        return self.search(
            [
                ("provider_id", "=", provider.id),
                ("state", "in", ("unknown", "accepted", "sent")),
                ("queued_at", ">", now - ASK_FOR),
                ("due", "<", now - timedelta(minutes=2)),
            ],
            order="asked_at NULLS FIRST, id",
            limit=BATCH,
        )
