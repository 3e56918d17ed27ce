import logging
import random
import time
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ..lib.port import Outcome

_logger = logging.getLogger(__name__)

#: Tries before a message is given up, and the seconds before the second one.
TRIES = 12
FIRST_PAUSE = 30
LONGEST_PAUSE = 3600
#: Messages a worker claims at once, as a multiple of its calls at once.
CHUNKS_A_CLAIM = 5
CHUNK = 4


class ClinicMessageProvider(models.Model):
    """The work of one sender: claim, commit, send, write down, commit."""

    _inherit = "clinic.message.provider"

    def _cron_send(self):
        """Send what is due through this provider, until there is no more or no time.

        Several workers do this at the same time. A claim is committed before anything
        is sent; each chunk is sent under locks on its rows and committed.
        """
        self.ensure_one()
        # sudo: clinic.message - senders work for the whole clinic
        messages = self.env["clinic.message"].sudo()
        messages._settle_leases(self)
        self.env["ir.cron"]._commit_progress()
        while self.active and not self._is_open():
            claim, claimed = messages._claim_due(self)
            remaining = messages._count_due(self)
            seconds = self.env["ir.cron"]._commit_progress(0, remaining=remaining)
            if not claimed:
                break
            if not seconds:
                # No time left: others need not wait for the lease to end.
                messages._give_back(claim, claimed)
                break
            if not messages._send_claimed(self, claim, claimed):
                break
        self.env["ir.cron"]._commit_progress(remaining=0)


class ClinicMessage(models.Model):
    """From the queue to the provider, without loss and without repeats."""

    _inherit = "clinic.message"

    @api.model
    def _count_due(self, provider):
        rows = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM clinic_message WHERE provider_id = %s"
                " AND state = 'queued' AND NOT is_paused AND due <= %s",
                provider.id,
                fields.Datetime.now(),
            )
        )
        return rows[0][0]

    @api.model
    def _chunk_size(self, provider):
        """How many messages are sent between two commits.

        One, where a repeat would arrive twice: a worker that is killed then doubles
        one message at most.
        """
        return 1 if provider.lost_reply == "again" else provider.parallel * CHUNK

    @api.model
    def _claim_due(self, provider):
        """Take messages that are due, others' left alone; to be committed at once.

        :returns: the claim's own word, and the ids it holds in order
        """
        now = fields.Datetime.now()
        size = max(20, self._chunk_size(provider) * CHUNKS_A_CLAIM)
        claim = f"{random.getrandbits(64):016x}"
        self.flush_model()
        try:
            with self.env.cr.savepoint():
                rows = self.env.execute_query(
                    SQL(
                        """
                        WITH due AS (
                            SELECT id FROM clinic_message
                             WHERE provider_id = %(provider)s AND state = 'queued'
                               AND NOT is_paused AND due <= %(now)s
                             ORDER BY due, id LIMIT %(size)s
                               FOR NO KEY UPDATE SKIP LOCKED)
                        UPDATE clinic_message m
                           SET state = 'claimed', claim = %(claim)s,
                               lease_until = %(lease)s, wait_reason = NULL
                          FROM due WHERE m.id = due.id
                     RETURNING m.id, m.due
                        """,
                        provider=provider.id,
                        now=now,
                        size=size,
                        claim=claim,
                        lease=now + timedelta(seconds=provider.lease_seconds),
                    )
                )
        except psycopg2.errors.SerializationFailure:
            # Another sender took some of them after this transaction began.
            return claim, []
        self.invalidate_model()
        return claim, [row[0] for row in sorted(rows, key=lambda row: (row[1], row[0]))]

    @api.model
    def _send_claimed(self, provider, claim, ids):
        """Send what a claim holds, chunk by chunk.

        :returns: whether to go on: the provider answers and there is time
        """
        size = self._chunk_size(provider)
        for first in range(0, len(ids), size):
            chunk = ids[first : first + size]
            if provider._is_open():
                self._give_back(claim, ids[first:], "provider")
                self.env["ir.cron"]._commit_progress()
                return False
            began = time.monotonic()
            try:
                self._send_chunk(provider, claim, chunk)
                self.env.flush_all()
            except psycopg2.errors.SerializationFailure:
                self._end_lease(claim)
                return False
            if not self.env["ir.cron"]._commit_progress(len(chunk)):
                self._give_back(claim, ids[first + size :])
                self.env["ir.cron"]._commit_progress()
                return False
            self._keep_pace(provider, len(chunk), began)
        return True

    @api.model
    def _end_lease(self, claim):
        """Have the next run look at once at what a lost race left half done."""
        self.env.cr.rollback()
        self.env.invalidate_all(flush=False)
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_message SET lease_until = %s WHERE claim = %s"
                " AND state = 'claimed'",
                fields.Datetime.now() - timedelta(seconds=1),
                claim,
            )
        )
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _keep_pace(self, provider, count, began):
        """Wait as long as the provider's rate asks this sender to."""
        if provider.rate:
            share = provider.rate / provider.senders
            pause = count / share - (time.monotonic() - began)
            if pause > 0:
                time.sleep(min(pause, 30))

    @api.model
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

    @api.model
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

    @api.model
    def _lock_claimed(self, claim, ids):
        self.invalidate_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM clinic_message WHERE id = ANY(%s) AND claim = %s"
                " AND state = 'claimed' ORDER BY id FOR NO KEY UPDATE",
                ids,
                claim,
            )
        )
        held = {row[0] for row in rows}
        return self.browse(id_ for id_ in ids if id_ in held)

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

    @api.model
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

    @api.model
    def _write_outcomes(self, provider, pairs, outcomes):
        """Write down what became of each message."""
        answered = False
        trouble = None
        taken = []
        for (message, _item), outcome in zip(pairs, outcomes, strict=True):
            if outcome.state in ("accepted", "sent", "refused"):
                answered = True
            elif not outcome.retry_after:
                trouble = outcome.error or outcome.failure or outcome.state
            if outcome.state in ("accepted", "sent"):
                taken.append((message, outcome))
            else:
                message._write_outcome(provider, outcome)
        self._write_taken(provider, taken)
        if answered:
            provider._note_success()
        elif trouble:
            provider._note_failure(trouble)

    @api.model
    def _write_taken(self, provider, taken):
        """Write down what the provider took, all in one statement.

        The rows are locked by this transaction: a receipt that comes before the answer
        waits for it.

        :param list taken: of ``(message, Outcome)``
        """
        if not taken:
            return
        now = fields.Datetime.now()
        messages = self.browse(message.id for message, _outcome in taken)
        messages.flush_recordset()
        for state in ("accepted", "sent"):
            rows = [pair for pair in taken if pair[1].state == state]
            if not rows:
                continue
            done = self.env.execute_query(
                SQL(
                    """
                    UPDATE clinic_message m
                       SET state = %(state)s, attempts = m.attempts + 1,
                           lease_until = NULL, claim = NULL, tried_at = NULL,
                           wait_reason = NULL, sent_at = COALESCE(m.sent_at, %(now)s),
                           provider_uid = COALESCE(m.provider_uid, v.uid),
                           cost = v.cost, segments = v.segments
                      FROM unnest(%(ids)s, %(uids)s::text[], %(costs)s::float8[],
                                  %(parts)s::int[]) AS v (id, uid, cost, segments)
                     WHERE m.id = v.id
                 RETURNING m.id
                    """,
                    state=state,
                    now=now,
                    ids=[message.id for message, _outcome in rows],
                    uids=[outcome.uid for _message, outcome in rows],
                    costs=[
                        provider.price * (outcome.segments or 1)
                        if outcome.price is None
                        else outcome.price
                        for _message, outcome in rows
                    ],
                    parts=[outcome.segments for _message, outcome in rows],
                )
            )
            gone = self.browse(row[0] for row in done)
            gone.invalidate_recordset()
            gone._record_events(state, "sender")
        for message in messages:
            message._after_state("claimed")

    def _write_outcome(self, provider, outcome):
        self.ensure_one()
        self.write(
            {
                "attempts": self.attempts + 1,
                "lease_until": False,
                "claim": False,
                "tried_at": False,
            }
        )
        if outcome.state == "refused":
            self._apply_state(
                "failed",
                source="sender",
                detail=outcome.failure,
                error=outcome.error,
                failure=outcome.failure,
                uid=outcome.uid,
            )
        elif outcome.state == "ambiguous" and provider.lost_reply in ("poll", "leave"):
            self._apply_state(
                "unknown", source="sender", detail=outcome.failure, error=outcome.error
            )
        else:
            self._try_later(outcome)

    def _try_later(self, outcome):
        """Wait longer after each try; then give up."""
        self.ensure_one()
        if self.attempts >= TRIES:
            self._apply_state(
                "failed",
                source="sender",
                detail=outcome.failure or "tries",
                failure=outcome.failure or "tries",
                error=outcome.error,
            )
            return
        pause = min(FIRST_PAUSE * 2 ** (self.attempts - 1), LONGEST_PAUSE)
        pause *= random.uniform(0.8, 1.2)
        self.write(
            {
                "state": "queued",
                "due": fields.Datetime.now()
                + timedelta(seconds=outcome.retry_after or pause),
                "wait_reason": "rate" if outcome.retry_after else "retry",
                "failure_type": outcome.failure,
            }
        )

    @api.model
    def _give_back(self, claim, ids, reason=None):
        """Return claimed messages to the queue as they were."""
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_message SET state = 'queued', lease_until = NULL,"
                " claim = NULL, wait_reason = %s WHERE id = ANY(%s) AND claim = %s"
                " AND state = 'claimed' AND tried_at IS NULL",
                reason,
                list(ids),
                claim,
            )
        )
        self.invalidate_model()

    @api.model
    def _settle_leases(self, provider):
        """Look at messages whose worker has disappeared.

        What was not tried goes back to the queue; what may have been sent is sent
        again with the same key, asked after, or shown to the staff, as the provider
        allows.
        """
        now = fields.Datetime.now()
        try:
            with self.env.cr.savepoint():
                rows = self.env.execute_query(
                    SQL(
                        "SELECT id, tried_at IS NOT NULL FROM clinic_message"
                        " WHERE provider_id = %s AND state = 'claimed'"
                        " AND lease_until < %s FOR NO KEY UPDATE SKIP LOCKED",
                        provider.id,
                        now,
                    )
                )
        except psycopg2.errors.SerializationFailure:
            return
        self.invalidate_model()
        tried = self.browse(id_ for id_, was_tried in rows if was_tried)
        fresh = self.browse(id_ for id_, was_tried in rows if not was_tried)
        if provider.lost_reply in ("same_key", "again"):
            fresh, tried = fresh | tried, self.browse()
        fresh.write(
            {"state": "queued", "lease_until": False, "claim": False, "tried_at": False}
        )
        fresh._record_events("queued", "sender", detail="lease", applied=False)
        tried.write({"lease_until": False, "claim": False, "tried_at": False})
        for message in tried:
            message._apply_state("unknown", source="sender", detail="lease")
