import logging
import random
import time
from datetime import timedelta

import psycopg2

from odoo import models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.port import Outcome

_logger = logging.getLogger(__name__)

#: What is known of a message whose worker disappeared during the call.
LEFT = Outcome("ambiguous", failure="lease")
#: Messages a worker claims at once, as a multiple of its calls at once.
CHUNKS_A_CLAIM = 5
CHUNK = 4


class ClinicMessageProvider(models.Model):
    """The work of one sender: claim, commit, send, write down, commit."""

    _inherit = "clinic.message.provider"

    def _cron_send(self):
        """Send what is due through this provider, until there is no more or no time.

        Several workers do this at the same time. A claim is committed before anything
        is sent, and so is each try; no row is locked while the provider is called.
        """
        self.ensure_one()
        # sudo: clinic.message - senders work for the whole clinic
        messages = self.env["clinic.message"].sudo()
        if messages._is_held():
            _logger.warning("Nothing is sent: this database was restored")
            return
        messages._settle_home()
        messages._settle_leases(self)
        self.env["ir.cron"]._commit_progress()
        while self.active and (turn := self._take_turn()):
            # Whoever waits for a code does not wait for a bulk sending.
            size = 1 if turn == "probe" else None
            claim, claimed = messages._claim_due(self, size, at_once=True)
            at_once = bool(claimed)
            if not at_once:
                claim, claimed = messages._claim_due(self, size)
            remaining = messages._count_due(self)
            seconds = self.env["ir.cron"]._commit_progress(0, remaining=remaining)
            if not claimed:
                break
            if not seconds:
                # No time left: others need not wait for the lease to end.
                messages._give_back(claim, claimed)
                break
            alone = at_once or turn == "probe"
            if not messages._send_claimed(self, claim, claimed, turn == "probe", alone):
                break
        self.env["ir.cron"]._commit_progress(remaining=0)


class ClinicMessage(models.Model):
    """The queue that several workers share, without loss and without repeats."""

    _inherit = "clinic.message"

    def _count_due(self, provider):
        rows = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM clinic_message WHERE provider_id = %s"
                " AND state = 'queued' AND NOT is_paused AND due <= %s",
                provider.id,
                clock.now(),
            )
        )
        return rows[0][0]

    def _chunk_size(self, provider):
        """How many messages are sent between two commits.

        One, where a repeat would arrive twice: a worker that is killed then doubles
        one message at most.
        """
        return 1 if provider.lost_reply == "again" else provider.parallel * CHUNK

    def _claim_due(self, provider, size=None, at_once=False):
        """Take messages that are due, others' left alone; to be committed at once.

        :param int size: how many at most, instead of the provider's number
        :param bool at_once: only those that wait for nobody
        :returns: the claim's own word, and the ids it holds in order
        """
        now = clock.now()
        size = size or max(20, self._chunk_size(provider) * CHUNKS_A_CLAIM)
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
                               AND NOT is_paused AND due <= %(now)s AND %(which)s
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
                        which=SQL("is_at_once") if at_once else SQL("TRUE"),
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

    def _send_claimed(self, provider, claim, ids, is_probe=False, alone=False):
        """Send what a claim holds, chunk by chunk.

        :param bool is_probe: the one message by which a provider is tried again
        :param bool alone: let no codes pass between the chunks
        :returns: whether to go on: the provider answers and there is time
        """
        size = self._chunk_size(provider)
        for first in range(0, len(ids), size):
            chunk = ids[first : first + size]
            if first and not alone and not self._send_at_once(provider):
                self._give_back(claim, ids[first:])
                self.env["ir.cron"]._commit_progress()
                return False
            if provider._is_open() and not is_probe:
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
            except Exception as error:  # pylint: disable=broad-except
                # The tries are counted; the lease is the pause before the next ones.
                name = type(error).__name__
                _logger.error("Provider %s: answers not kept: %s", provider.id, name)
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                provider._note_failure(
                    self.env._("What it answered could not be written down: %s", name)
                )
                self.env["ir.cron"]._commit_progress()
                return False
            if not self.env["ir.cron"]._commit_progress(len(chunk)):
                self._give_back(claim, ids[first + size :])
                self.env["ir.cron"]._commit_progress()
                return False
            self._keep_pace(provider, len(chunk), began)
        return True

    def _send_at_once(self, provider):
        """Send the codes that came while a claim is worked off, in a claim of theirs.

        :returns: whether to go on with the rest
        """
        claim, ids = self._claim_due(provider, at_once=True)
        if not ids:
            return True
        self.env["ir.cron"]._commit_progress()
        return self._send_claimed(provider, claim, ids, alone=True)

    def _end_lease(self, claim):
        """Have the next run look at once at what a lost race left half done."""
        self.env.cr.rollback()
        self.env.invalidate_all(flush=False)
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_message SET lease_until = %s WHERE claim = %s"
                " AND state = 'claimed'",
                clock.now() - timedelta(seconds=1),
                claim,
            )
        )
        self.env["ir.cron"]._commit_progress()

    def _keep_pace(self, provider, count, began):
        """Wait as long as the provider's rate asks this sender to."""
        if provider.rate:
            share = provider.rate / provider.senders
            pause = count / share - (time.monotonic() - began)
            if pause > 0:
                time.sleep(min(pause, 30))

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

    def _settle_leases(self, provider):
        """Look at messages whose worker has disappeared.

        What was not tried goes back to the queue; what may have been sent is sent
        again with the same key, asked after, or shown to the staff, as the provider
        allows.
        """
        now = clock.now()
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
        free = {"lease_until": False, "claim": False, "tried_at": False}
        fresh.write({"state": "queued", **free})
        fresh._record_events("queued", "sender", detail="lease", applied=False)
        tried.write(free)
        for message in tried:
            # It was called, whatever came of it: a try like any other.
            message._write_outcome(provider, LEFT)
