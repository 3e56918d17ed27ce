from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.states import GONE, RANK, follows

#: The column in which the moment of a state is kept.
MOMENTS = {"sent": "sent_at", "delivered": "delivered_at", "read": "read_at"}


class ClinicMessage(models.Model):
    """What providers tell of messages, in whatever order and however often."""

    _inherit = "clinic.message"

    @api.model
    def _hear(
        self,
        provider,
        provider_uid,
        state,
        moment=None,
        error=None,
        detail=None,
        price=None,
        uuid=None,
    ):
        """Take in one status from a provider; harmless to repeat, in any order.

        The message is found among those of this provider only: what another company's
        provider says changes nothing here.

        :param provider: ``clinic.message.provider``
        :param str provider_uid: its number of the message
        :param str state: see ``lib/states.py``
        :param datetime moment: naive UTC, when it happened
        :param str error: words for the staff
        :param str detail: code of the provider
        :param float price: what it cost
        :param str uuid: our key, when the provider gives it back
        :returns: the message, empty when nothing is known of it
        """
        message = self._find_of(provider, provider_uid, uuid)
        if not message:
            return message
        message._lock(provider)
        message._apply_state(
            state,
            source="provider",
            moment=moment,
            error=error,
            detail=detail,
            price=price,
            uid=provider_uid,
        )
        return message

    def _lock(self, provider):
        """One status of a message after another."""
        self.env.cr.execute(
            "SELECT id FROM clinic_message WHERE id = ANY(%s) FOR NO KEY UPDATE",
            [self.ids],
        )
        self.invalidate_recordset()

    @api.model
    def _find_of(self, provider, provider_uid=None, uuid=None):
        """The message of a provider by its number or by ours; perhaps empty."""
        self.flush_model(["provider_uid", "provider_id", "uuid"])
        for column, value in (("provider_uid", provider_uid), ("uuid", uuid)):
            if not value:
                continue
            rows = self.env.execute_query(
                SQL(
                    "SELECT id FROM clinic_message WHERE provider_id = %s AND %s = %s",
                    provider.id,
                    SQL.identifier(column),
                    value,
                )
            )
            if rows:
                return self.browse(rows[0])
        return self.browse()

    def _apply_state(
        self,
        state,
        source,
        moment=None,
        error=None,
        detail=None,
        price=None,
        uid=None,
        segments=None,
        failure=None,
    ):
        """Lift a message to a state, if it follows; note it in the history anyway.

        The same status heard again is not written twice.

        :returns: whether it changed the message
        """
        self.ensure_one()
        old = self.state
        applied = follows(old, state)
        if not applied and self._has_heard(state, detail):
            return False
        now = clock.now()
        vals = {}
        if applied:
            vals["state"] = state
            vals["wait_reason"] = False
            if state in MOMENTS and not self[MOMENTS[state]]:
                vals[MOMENTS[state]] = moment or now
            if state in GONE and not self.sent_at and state != "unknown":
                vals["sent_at"] = vals.get("sent_at") or moment or now
            if state in ("failed", "bounced", "expired"):
                vals["failure_type"] = (failure or detail or state)[:64]
                vals["error"] = (error or "")[:300] or False
            elif RANK[state] >= RANK["delivered"]:
                vals.update(failure_type=False, error=False, patience_until=False)
        if price is not None and price != self.cost:
            vals["cost"] = price
        if segments:
            vals["segments"] = segments
        if uid and not self.provider_uid:
            vals["provider_uid"] = uid
        if vals:
            self.write(vals)
        self._record_events(state, source, moment, detail, applied)
        if applied:
            self._after_state(old)
        return applied

    def _has_heard(self, state, detail):
        rows = self.env.execute_query(
            SQL(
                "SELECT 1 FROM clinic_message_event"
                " WHERE message_id = %s AND state = %s"
                " AND detail IS NOT DISTINCT FROM %s LIMIT 1",
                self.id,
                state,
                (detail or "")[:200] or None,
            )
        )
        return bool(rows)

    def _after_state(self, old_state):
        """Extension point: this message has just got another state.

        :param str old_state: the one before
        """
        self.ensure_one()
