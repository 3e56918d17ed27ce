import logging
import math
from datetime import datetime, timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.heard import Inbound, Status

_logger = logging.getLogger(__name__)

BATCH = 200
#: Seconds after which a row is looked at again by itself, when a worker died with it.
LEASE = 300
#: Looks at a report of a message that is not known (yet), and at one that fails.
LOOKS = 8
FIRST_PAUSE = 2
KINDS = {"status": Status, "inbound": Inbound}


class ClinicMessageHeard(models.Model):
    """What providers reported and nobody has taken in yet.

    The request that brings a report only adds a row here: it waits for no lock,
    whatever a sender does with the message at this moment. A scheduled action takes
    it in.
    """

    _name = "clinic.message.heard"
    _description = "Report of a provider"
    _order = "id"
    _rec_name = "kind"
    _log_access = False

    provider_id = fields.Many2one(
        "clinic.message.provider", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    kind = fields.Selection(
        [("status", "What became of a message"), ("inbound", "A message")],
        required=True,
        readonly=True,
    )
    # Nobody reads it here: it may hold what a patient wrote.
    content = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    date = fields.Datetime(string="Reported", required=True, readonly=True)
    due = fields.Datetime(required=True, readonly=True)
    looks = fields.Integer(required=True, default=0, readonly=True)

    _due = models.Index("(due, id)")
    _provider = models.Index("(provider_id)")

    @api.model
    def _keep(self, provider, heard):
        """Add what a provider reported; nothing else is read or waited for.

        :param provider: ``clinic.message.provider``
        :param list heard: of ``Status`` and ``Inbound``, clean
        """
        if not heard:
            return
        now = clock.now()
        company = provider.company_id or self.env.company
        self.create(
            [
                {
                    "provider_id": provider.id,
                    "company_id": company.id,
                    "kind": "status" if isinstance(event, Status) else "inbound",
                    "content": _plain(event),
                    "date": now,
                    "due": now,
                }
                for event in heard
            ]
        )
        self.env["ir.cron"]._set_off("clinic_message.ir_cron_hear")

    @api.model
    def _cron_hear(self):
        """Scheduled action: take in what was reported; several workers share it.

        A claim is committed before anything is done; each row is taken in by itself.
        One that is taken in once more, because a worker died, changes nothing.
        """
        while rows := self._claim():
            done = rows.filtered(lambda row: row._take_in_apart())
            done._forget()
            (rows - done)._look_later()
            remaining = self.search_count([("due", "<=", clock.now())])
            if not self.env["ir.cron"]._commit_progress(len(rows), remaining=remaining):
                break

    @api.model
    def _claim(self):
        """The rows that are due, for this worker; committed."""
        now = clock.now()
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                rows = self.env.execute_query(
                    SQL(
                        """
                        UPDATE clinic_message_heard heard
                           SET due = %(lease)s, looks = heard.looks + 1
                          FROM (SELECT id FROM clinic_message_heard
                                 WHERE due <= %(now)s ORDER BY id LIMIT %(batch)s
                                   FOR NO KEY UPDATE SKIP LOCKED) AS free
                         WHERE heard.id = free.id
                     RETURNING heard.id
                        """,
                        lease=now + timedelta(seconds=LEASE),
                        now=now,
                        batch=BATCH,
                    )
                )
        except psycopg2.errors.SerializationFailure:
            # Another worker took some of them after this transaction began.
            rows = []
        self.env["ir.cron"]._commit_progress()
        self.invalidate_model()
        return self.browse(sorted(row[0] for row in rows))

    def _take_in_apart(self):
        """Take in one report; a fault, or an unknown message, is looked at later.

        :returns: whether nothing more is to be done about it
        """
        self.ensure_one()
        event = self._event()
        if getattr(event, "media_id", None):
            # The file is fetched from the provider: no lock is held meanwhile.
            self.env["ir.cron"]._commit_progress()
        company = self.company_id or self.env.company
        provider = self.provider_id.with_company(company).with_context(
            allowed_company_ids=company.ids
        )
        try:
            with self.env.cr.savepoint():
                done = bool(provider._take_in(event))
                self.env.flush_all()
        except (
            psycopg2.errors.SerializationFailure,
            psycopg2.errors.UniqueViolation,
        ):
            # A sender writes the same message, or another worker takes in the same
            # report, just now: the next transaction sees it.
            self.env.invalidate_all(flush=False)
            self.env["ir.cron"]._commit_progress()
            done = False
        except Exception as error:  # pylint: disable=broad-except
            # Of the error only its kind: its text may hold what somebody wrote.
            _logger.warning(
                "Report for provider %s not taken in: %s",
                self.provider_id.id,
                type(error).__name__,
            )
            self.env.invalidate_all(flush=False)
            done = False
            if self.looks >= LOOKS:
                self.provider_id._note_odd(
                    self.env._("A report could not be taken in: ask the provider.")
                )
        return done or self.looks >= LOOKS

    def _forget(self):
        """Remove what was taken in or given up: one statement, and no line a row."""
        self.env.cr.execute(
            SQL("DELETE FROM clinic_message_heard WHERE id = ANY(%s)", self.ids)
        )
        self.invalidate_recordset()

    def _look_later(self):
        """Look at these again, each time later."""
        if not self:
            return
        now = clock.now()
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_message_heard SET due = %s + %s ^ looks"
                " * interval '1 second' WHERE id = ANY(%s) RETURNING due",
                now,
                FIRST_PAUSE,
                self.ids,
            )
        )
        first = min(row[0] for row in self.env.cr.fetchall())
        self.invalidate_recordset()
        # sudo: ir.cron - of this very job
        job = self.env.ref("clinic_message.ir_cron_hear", raise_if_not_found=False)
        if job:
            job.sudo()._trigger(at=first)

    def _event(self):
        """The report as adapters made it."""
        self.ensure_one()
        # sudo: clinic.message.heard - nobody else reads what was reported
        content = dict(self.sudo().content)
        if content.get("moment"):
            content["moment"] = datetime.fromisoformat(content["moment"])
        return KINDS[self.kind](**content)


def _plain(event):
    """A report as JSON holds it."""
    content = event._asdict()
    if not math.isfinite(content.get("price") or 0):
        content["price"] = None
    if content.get("moment"):
        content["moment"] = content["moment"].isoformat()
    return content
