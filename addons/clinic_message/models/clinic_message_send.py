import logging

import psycopg2

from odoo import fields, models
from odoo.tools import SQL

from ..lib.port import Outcome

_logger = logging.getLogger(__name__)


class ClinicMessage(models.Model):
    """One chunk of claimed messages: asked again whether it may go, and sent."""

    _inherit = "clinic.message"

    def _send_chunk(self, provider, claim, ids):
        """Send some messages while their rows are locked.

        Who puts an address on the list of those who want no messages, or takes a
        message back, waits for this transaction, or is seen by it.
        """
        try:
            with self.env.cr.savepoint():
                messages = self._lock_claimed(claim, ids)
        except psycopg2.errors.SerializationFailure:
            self._give_back(claim, ids)
            return
        messages = messages._let_through(provider)
        pairs = messages._items()
        if not pairs:
            return
        messages = self.browse(message.id for message, _item in pairs)
        if provider.lost_reply != "same_key":
            # Committed before the call: a worker that dies leaves a trace of it.
            self._mark_tried(messages, claim)
            messages = self._lock_claimed(claim, messages.ids)
            kept = set(messages.ids)
            pairs = [pair for pair in pairs if pair[0].id in kept]
        outcomes = self._call(provider, [item for _message, item in pairs])
        self._write_outcomes(provider, pairs, outcomes)

    def _mark_tried(self, messages, claim):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_message SET tried_at = %s WHERE id = ANY(%s)"
                " AND claim = %s",
                fields.Datetime.now(),
                messages.ids,
                claim,
            )
        )
        self.invalidate_model(["tried_at"])
        self.env["ir.cron"]._commit_progress()

    def _let_through(self, provider):
        """Hold back or put off what may not be sent now; the rest is returned."""
        if not self:
            return self
        now = fields.Datetime.now()
        late = self.filtered(lambda each: each.expires_at and each.expires_at < now)
        late._end("expired", "late")
        untrue = (self - late).filtered(lambda each: each._is_obsolete())
        untrue._suppress("obsolete")
        rest = self - late - untrue
        reasons = {}
        for (company, kind), group in rest.grouped(
            lambda each: (each.company_id, each.kind_id)
        ).items():
            reasons |= group._reasons(company, kind)
        for reason, group in rest.grouped(lambda each: reasons.get(each.id)).items():
            if reason:
                group._suppress(reason)
                rest -= group
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

    def _reasons(self, company, kind):
        """``{id: reason}`` of those that may not be sent, asked again just now."""
        # What a colleague wrote by hand in a conversation is his to answer for.
        if not kind:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id, %(reason)s FROM (
                       SELECT m.id, m.patient_id, m.recipient_id, m.channel, m.address,
                              TRUE AS allowed, FALSE AS is_minor,
                              person.active AND person.erased_at IS NULL
                              AND COALESCE(patient.active, TRUE)
                              AND patient.erased_at IS NULL AS is_active
                         FROM clinic_message m
                         JOIN res_partner person ON person.id = m.recipient_id
                    LEFT JOIN res_partner patient ON patient.id = m.patient_id
                        WHERE m.id = ANY(%(ids)s)) AS r
                """,
                reason=self._restraint_sql(company, kind.purpose, kind.is_urgent, "r"),
                ids=self.ids,
            )
        )
        return {id_: reason for id_, reason in rows if reason}

    def _is_obsolete(self):
        """Whether what the message says is not true any more, as its origin tells."""
        self.ensure_one()
        if not self.res_model or not self.res_id:
            return False
        origin = self._get_origin()
        if origin is None:
            return True
        ask = getattr(origin, "_message_is_obsolete", None)
        return bool(ask and ask(self))

    def _suppress(self, reason):
        """Hold these messages back for good."""
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
        if not items:
            return []
        self.env.flush_all()
        try:
            return provider._send(items)
        except psycopg2.Error:
            raise
        except Exception as error:  # pylint: disable=broad-except
            _logger.exception("Provider %s failed", provider.id)
            lost = Outcome("ambiguous", failure=type(error).__name__)
            return [lost] * len(items)
