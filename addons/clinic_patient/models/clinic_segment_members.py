import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.lock_spaces import wait_for_lock

from ..lib import lock_spaces

_logger = logging.getLogger(__name__)


class ClinicSegment(models.Model):
    """The history of a segment: its size day by day, who entered and who left."""

    _inherit = "clinic.segment"

    def _take_snapshot(self):
        """Compare with the snapshot before, in one statement for all patients.

        :returns: the new ``clinic.segment.snapshot``
        """
        self.ensure_one()
        self._lock_history()
        origin = self.source_id if self.kind == "snapshot" else self
        if not origin:
            raise UserError(
                self.env._("The segment this snapshot was taken from is not known.")
            )
        patients = origin._patients_query()
        # sudo: clinic.segment.snapshot - history is written by this method alone
        snapshot = (
            self.env["clinic.segment.snapshot"]
            .sudo()
            .create({"segment_id": self.id, "user_id": self.env.uid})
        )
        self.env.flush_all()
        [[size, entered, gone]] = self.env.execute_query(
            SQL(
                """
                WITH inside AS MATERIALIZED (%(patients)s),
                     entered AS (
                     INSERT INTO clinic_segment_member (segment_id, partner_id,
                                                        entered_id)
                     SELECT %(segment)s, id, %(snapshot)s FROM inside
                      WHERE NOT EXISTS (SELECT FROM clinic_segment_member m
                                         WHERE m.segment_id = %(segment)s
                                           AND m.partner_id = inside.id
                                           AND m.left_id IS NULL)
                  RETURNING 1),
                     gone AS (
                     UPDATE clinic_segment_member m SET left_id = %(snapshot)s
                      WHERE m.segment_id = %(segment)s AND m.left_id IS NULL
                        AND NOT EXISTS (SELECT FROM inside
                                         WHERE inside.id = m.partner_id)
                  RETURNING 1)
                SELECT (SELECT COUNT(*) FROM inside), (SELECT COUNT(*) FROM entered),
                       (SELECT COUNT(*) FROM gone)
                """,
                patients=patients.select(),
                segment=self.id,
                snapshot=snapshot.id,
            )
        )
        snapshot.write({"size": size, "entered_count": entered, "left_count": gone})
        self.env["clinic.segment.member"].invalidate_model()
        self.invalidate_recordset(["snapshot_ids"])
        # sudo: clinic.segment - what the snapshot holds stays as secret as it was
        self.sudo().write(
            {
                "holds_money": self.holds_money or origin.uses_money,
                "holds_health": self.holds_health or origin.uses_health,
            }
        )
        self._store_size(size)
        return snapshot

    def _lock_history(self):
        """One snapshot of a segment at a time."""
        wait_for_lock(self.env.cr, lock_spaces.SEGMENT_HISTORY, self.id)

    def _recount(self):
        """Count each segment and keep the number, where the user may."""
        for segment in self:
            segment._store_size(segment._count())

    def _store_size(self, size):
        """Keep the number on the segment and in its history of sizes."""
        self.ensure_one()
        now = clock.now()
        # sudo: clinic.segment - whoever may use a segment may count it
        self.sudo().write({"size": size, "counted_at": now})
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_segment_size (segment_id, day, size)
                VALUES (%s, %s, %s)
                    ON CONFLICT (segment_id, day) DO UPDATE SET size = EXCLUDED.size
                """,
                self.id,
                fields.Date.context_today(self),
                size,
            )
        )
        self.invalidate_recordset(["size_ids"])
        self.env["clinic.segment.size"].invalidate_model()

    @api.model
    def _cron_record(self):
        """Scheduled action, nightly: count all segments and compare the tracked ones.

        Each with the rights of its owner; one that its owner may no longer use is left
        out, and the log says so.
        """
        Cron = self.env["ir.cron"]
        today = fields.Date.context_today(self)
        done = self.env["clinic.segment.size"].search([("day", "=", today)]).segment_id
        segments = self.search([("id", "not in", done.ids)])
        segments |= self.search([("track_members", "=", True)]).filtered(
            lambda segment: segment._recorded_on() != today
        )
        for left, segment in zip(
            range(len(segments) - 1, -1, -1), segments, strict=True
        ):
            owner = segment.owner_id
            companies = segment.company_id or owner.company_ids
            mine = segment.with_user(owner).with_context(
                allowed_company_ids=companies.ids
            )
            self.env["clinic.trouble"]._each(
                segment, "Nightly count of segments", mine._record_if_allowed
            )
            if not Cron._commit_progress(1, remaining=left):
                break

    def _record_if_allowed(self, segment):
        """Count a segment with the rights of its owner, who is the present user."""
        try:
            with self.env.cr.savepoint():
                if segment.track_members and segment.kind != "snapshot":
                    self._take_snapshot()
                else:
                    self._recount()
        except UserError:
            _logger.info(
                "Segment %s is not counted: its owner %s may not use it",
                self.id,
                self.env.uid,
            )

    def _recorded_on(self):
        """Return the day of the last snapshot."""
        last = self.snapshot_ids[:1].date
        return last and fields.Datetime.context_timestamp(self, last).date()
