import logging
from datetime import timedelta

import psycopg2

from odoo import models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.port import Outcome
from ..lib.states import ANSWERS

_logger = logging.getLogger(__name__)

#: How often answers are written down while receipts of the same messages come in.
WRITES = 8
#: Reasons for which another channel may still reach the person.
BY_THIS_WAY = ("no_address", "permission")


class ClinicMessage(models.Model):
    """One chunk of claimed messages: asked again whether it may go, and sent."""

    _inherit = "clinic.message"

    def _send_chunk(self, provider, claim, ids):
        """Send some claimed messages; no row is locked while the provider is called.

        What is about to be tried is committed before the call, the attempt included:
        whatever happens then, a worker that dies or an answer that cannot be written
        down, the try was counted and leaves a trace. Who puts an address on the list
        of those who want no messages, or takes a message back, is seen until then.
        """
        pairs = self._begin_chunk(provider, claim, ids)
        if not pairs:
            return
        outcomes = self._call(provider, [item for _message, item in pairs])
        # What the adapter wrote stays, and what is written now sees what was reported
        # meanwhile.
        self.env.flush_all()
        self.env["ir.cron"]._commit_progress()
        for turn in range(WRITES):
            try:
                self._write_outcomes(provider, claim, pairs, outcomes)
                self.env.flush_all()
                return
            except psycopg2.errors.SerializationFailure:
                # A receipt came at this very moment: read again, write again.
                if turn == WRITES - 1:
                    raise
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)

    def _begin_chunk(self, provider, claim, ids):
        """Look once more whether these may go, fill them in, and commit the try.

        :returns: list of ``(message, Item)``
        """
        try:
            with self.env.cr.savepoint():
                messages = self._lock_claimed(claim, ids)
        except psycopg2.errors.SerializationFailure:
            self._give_back(claim, ids)
            return []
        pairs = messages._let_through(provider)._items()
        if pairs:
            tried = self.browse(message.id for message, _item in pairs)
            tried._mark_tried(provider, claim)
        self.env.flush_all()
        self.env["ir.cron"]._commit_progress()
        self.invalidate_model()
        return pairs

    def _mark_tried(self, provider, claim):
        """Count the attempt; the lease lasts as long as the call may."""
        now = clock.now()
        longest = provider.lease_seconds + len(self) * provider.timeout
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_message SET tried_at = %s, lease_until = %s,"
                " attempts = COALESCE(attempts, 0) + 1"
                " WHERE id = ANY(%s) AND claim = %s",
                now,
                now + timedelta(seconds=longest),
                self.ids,
                claim,
            )
        )

    def _let_through(self, provider):
        """Hold back or put off what may not be sent now; the rest is returned."""
        if not self:
            return self
        now = clock.now()
        late = self.filtered(lambda each: each.expires_at and each.expires_at < now)
        late._end("expired", "late")
        untrue = (self - late).filtered(lambda each: each._is_obsolete())
        untrue._suppress("obsolete")
        rest = self - late - untrue
        reasons = {}
        for (company, kind), group in rest.grouped(
            lambda each: (each.company_id, each.kind_id)
        ).items():
            reasons |= group._as_of_now(company, kind)
        for reason, group in rest.grouped(lambda each: reasons.get(each.id)).items():
            if reason:
                group._suppress(reason)
                rest -= group
        # Others carry to the addresses of now.
        rest = rest.filtered(lambda each: each.state == "claimed")
        for (company, kind, zone), group in rest.grouped(
            lambda each: (each.company_id, each.kind_id, each.zone)
        ).items():
            until = not kind.is_urgent and self._quiet_until(
                company, kind.purpose, zone
            )
            if until:
                group._put_off(until)
                rest -= group
        return rest._gather_digests()

    def _is_obsolete(self):
        """Whether what the message says is not true any more, as its origin tells."""
        self.ensure_one()
        if not self.res_model or not self.res_id or self.kind_id.code in ANSWERS:
            return False
        origin = self._get_origin()
        if origin is None:
            return True
        ask = getattr(origin, "_message_is_obsolete", None)
        return bool(ask and ask(self))

    def _suppress(self, reason):
        """Hold these messages back for good; where a channel is shut, the next one is
        tried."""
        before = {message: message.state for message in self}
        self.write(
            {
                "state": "suppressed",
                "suppress_reason": reason,
                "lease_until": False,
                "claim": False,
                "patience_until": False,
            }
        )
        self._record_events("suppressed", "sender", detail=reason)
        for message, state in before.items():
            if reason in BY_THIS_WAY:
                message._apart("_fall_back")
            message._apart("_after_state", state)

    def _end(self, state, failure, error=None):
        for message in self:
            message._apply_state(
                state, source="sender", detail=failure, error=error, failure=failure
            )

    def _put_off(self, until):
        """Send these later; what is not worth it then is held back."""
        late = self.filtered(lambda each: each.expires_at and each.expires_at < until)
        late._suppress("quiet")
        (self - late).write(
            {
                "state": "queued",
                "due": until,
                "wait_reason": "quiet",
                "lease_until": False,
                "claim": False,
            }
        )

    def _items(self):
        """Fill in the texts; what cannot be filled in fails alone.

        :returns: list of ``(message, Item)``
        """
        pairs = []
        for message in self:
            try:
                with self.env.cr.savepoint(flush=False):
                    item = message._item()
            except Exception as error:  # pylint: disable=broad-except
                # Of the error only its kind: its text may hold what was to be said.
                _logger.warning(
                    "Message %s has no text: %s", message.id, type(error).__name__
                )
                item = None
            if item is None:
                # Tried again later: the text may be mended meanwhile.
                message.write(
                    {
                        "attempts": message.attempts + 1,
                        "lease_until": False,
                        "claim": False,
                    }
                )
                words = self.env._("There is no text to send.")
                message._try_later(Outcome("retry", failure="text", error=words))
            else:
                pairs.append((message, item))
        return pairs

    def _call(self, provider, items):
        """Hand items to the provider; a fault of the adapter leaves them ambiguous."""
        try:
            return provider._send(items)
        except psycopg2.Error:
            raise
        except Exception as error:  # pylint: disable=broad-except
            # Of the error only its kind: its text may hold what was to be said.
            name = type(error).__name__
            _logger.error("Provider %s failed: %s", provider.id, name)
            lost = Outcome("ambiguous", failure=name, error=name)
            return [lost] * len(items)
