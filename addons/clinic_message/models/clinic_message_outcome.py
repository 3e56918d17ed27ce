import random
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

#: Tries before a message is given up, and the seconds before the second one.
TRIES = 12
FIRST_PAUSE = 30
LONGEST_PAUSE = 3600


class ClinicMessage(models.Model):
    """What a provider answered, written down."""

    _inherit = "clinic.message"

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
