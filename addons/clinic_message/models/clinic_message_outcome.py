import logging
import random
from datetime import timedelta

import psycopg2

from odoo import models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

_logger = logging.getLogger(__name__)

#: Tries before a message is given up, and the seconds before the second one.
TRIES = 12
FIRST_PAUSE = 30
LONGEST_PAUSE = 3600
#: Tries of a message that the provider answers without a word that can be used: it may
#: have arrived each time.
ODD_TRIES = 3
#: States of a message whose try is not over.
OPEN = ("claimed", "unknown")


class ClinicMessage(models.Model):
    """What a provider answered, written down: each answer by itself in the end.

    Whatever one answer holds, the others are kept: they are written by one statement,
    and one by one when that fails.
    """

    _inherit = "clinic.message"

    def _write_outcomes(self, provider, claim, pairs, outcomes):
        """Write down what became of each message.

        Rows that somebody else claimed meanwhile are left to them; a receipt that came
        before the answer stays.
        """
        held = set(self._lock_tried(claim, [message.id for message, _item in pairs]))
        answered, trouble, taken = False, None, []
        for (message, _item), outcome in zip(pairs, outcomes, strict=True):
            if outcome.state in ("accepted", "sent", "refused"):
                answered = True
            elif not outcome.retry_after:
                trouble = outcome.error or outcome.failure or outcome.state
            if message.id not in held:
                continue
            if outcome.state in ("accepted", "sent"):
                taken.append((message, outcome))
            else:
                message._apart("_end_try", provider, outcome)
        self._write_taken(provider, taken)
        if answered:
            provider._note_success()
        elif trouble:
            provider._note_failure(trouble)

    def _end_try(self, provider, outcome):
        """Write down what became of one try, unless a receipt told it already."""
        self.ensure_one()
        if self.state == "claimed":
            self._write_outcome(provider, outcome)
        else:
            self.write({"lease_until": False, "claim": False, "tried_at": False})

    def _apart(self, method, *arguments):
        """Do what concerns this message alone; a fault keeps the others.

        What cannot be written down is left to the end of the lease, where the try
        counts.

        :param str method: of this model
        :returns: whether it was done
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                getattr(self, method)(*arguments)
                self.env.flush_all()
            return True
        except psycopg2.errors.SerializationFailure:
            raise
        except Exception as error:  # pylint: disable=broad-except
            # Of the error only its kind: its text may hold what was answered.
            _logger.warning(
                "Outcome of message %s not kept: %s", self.id, type(error).__name__
            )
            self.env.invalidate_all(flush=False)
            return False

    def _lock_tried(self, claim, ids):
        """The ids of a claim that this worker still holds, locked."""
        self.invalidate_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM clinic_message WHERE id = ANY(%s) AND claim = %s"
                " ORDER BY id FOR NO KEY UPDATE",
                list(ids),
                claim,
            )
        )
        return [row[0] for row in rows]

    def _write_taken(self, provider, taken):
        """Write down what the provider took.

        :param list taken: of ``(message, Outcome)``
        """
        taken, odd = self._own_numbers(provider, taken)
        for state in ("accepted", "sent"):
            rows = [pair for pair in taken if pair[1].state == state]
            if not rows:
                continue
            try:
                with self.env.cr.savepoint():
                    messages = self.browse(message.id for message, _outcome in rows)
                    messages._write_state(provider, state, [each[1] for each in rows])
            except psycopg2.errors.SerializationFailure:
                raise
            except (psycopg2.Error, ValueError):
                for message, outcome in rows:
                    if not message._apart("_write_state", provider, state, [outcome]):
                        bare = outcome._replace(uid=None, price=None, segments=None)
                        message._apart("_write_state", provider, state, [bare])
                        odd |= message
        self._note_odd(provider, odd)
        for message, _outcome in taken:
            message._apart("_after_state", "claimed")

    def _note_odd(self, provider, odd):
        """Say in the history and in red on the provider what could not be used."""
        if not odd:
            return
        for state, messages in odd.exists().grouped("state").items():
            messages._record_events(
                state, "provider", detail="number not usable", applied=False
            )
        provider._note_odd(
            self.env._(
                "It gives numbers of messages that are missing, odd or given twice: "
                "what becomes of those messages is not heard. Ask the provider."
            )
        )

    def _own_numbers(self, provider, taken):
        """Drop the provider's numbers that are odd or belong to another message.

        :returns: ``(list of (message, Outcome), messages whose number was dropped)``
        """
        odd, seen = self.browse(), set()
        known = {
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT provider_uid FROM clinic_message WHERE provider_id = %s"
                    " AND provider_uid = ANY(%s) AND id <> ALL(%s)",
                    provider.id,
                    [outcome.uid for _message, outcome in taken if outcome.uid],
                    [message.id for message, _outcome in taken],
                )
            )
        }
        rows = []
        for message, outcome in taken:
            uid = outcome.uid
            if uid in known or uid in seen or outcome.detail == "odd number":
                odd |= message
                outcome = outcome._replace(uid=None)
            elif uid:
                seen.add(uid)
            rows.append((message, outcome))
        return rows, odd

    def _write_state(self, provider, state, outcomes):
        """One statement for all of these that the provider took in the same way."""
        now = clock.now()
        self.env.flush_all()
        done = self.env.execute_query(
            SQL(
                """
                UPDATE clinic_message m
                   SET state = CASE WHEN m.state IN %(open)s THEN %(state)s
                                    ELSE m.state END,
                       lease_until = NULL, claim = NULL, tried_at = NULL,
                       wait_reason = NULL, sent_at = COALESCE(m.sent_at, %(now)s),
                       provider_uid = COALESCE(m.provider_uid, v.uid),
                       cost = COALESCE(v.cost, m.cost),
                       segments = COALESCE(v.segments, m.segments)
                  FROM unnest(%(ids)s, %(uids)s::text[], %(costs)s::float8[],
                              %(parts)s::int[]) AS v (id, uid, cost, segments)
                 WHERE m.id = v.id
             RETURNING m.id
                """,
                open=OPEN,
                state=state,
                now=now,
                ids=self.ids,
                uids=[outcome.uid for outcome in outcomes],
                costs=[
                    provider.price * (outcome.segments or 1)
                    if outcome.price is None
                    else outcome.price
                    for outcome in outcomes
                ],
                parts=[outcome.segments for outcome in outcomes],
            )
        )
        gone = self.browse(row[0] for row in done)
        gone.invalidate_recordset()
        gone._record_events(state, "sender")

    def _write_outcome(self, provider, outcome):
        """Write down a try that did not take the message; it is counted already."""
        self.ensure_one()
        self.write({"lease_until": False, "claim": False, "tried_at": False})
        lost = outcome.state == "ambiguous"
        again = provider.lost_reply in ("same_key", "again")
        if self.attempts >= {"answer": ODD_TRIES, "lease": TRIES}.get(
            outcome.failure, TRIES + 1
        ):
            again = False
        if outcome.state == "refused":
            self._apply_state(
                "failed",
                source="sender",
                detail=outcome.failure,
                error=outcome.error,
                failure=outcome.failure,
                uid=outcome.uid,
            )
        elif lost and not again:
            self._apply_state(
                "unknown", source="sender", detail=outcome.failure, error=outcome.error
            )
        elif outcome.failure == "lease":
            # At once: the lease was the pause.
            self.write({"state": "queued"})
            self._record_events("queued", "sender", detail="lease", applied=False)
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
        pause = min(FIRST_PAUSE * 2 ** max(self.attempts - 1, 0), LONGEST_PAUSE)
        pause *= random.uniform(0.8, 1.2)
        self.write(
            {
                "state": "queued",
                "due": clock.now() + timedelta(seconds=outcome.retry_after or pause),
                "wait_reason": "rate" if outcome.retry_after else "retry",
                "failure_type": outcome.failure,
            }
        )
