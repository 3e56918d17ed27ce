import logging
from datetime import timedelta

import psycopg2

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.models.claiming import claim, claim_these

from .journey_domain import read_domain

_logger = logging.getLogger(__name__)

BATCH = 500
MAX_ATTEMPTS = 5


class ClinicJourneyEntry(models.Model):
    """The clock of the journeys.

    A batch is one transaction: what steps did, the passages that say so and the
    messages written are kept together or not at all, so a worker killed in the middle
    leaves nothing half done and nothing done twice.
    """

    _inherit = "clinic.journey.entry"

    @api.model
    def _cron_run(self):
        """Let patients enter and move everybody who is due, batch by batch."""
        commit = self.env["ir.cron"]._commit_progress
        self.env["clinic.journey"]._enter_all()
        self._leave_early()
        commit(0)
        while True:
            done, left = self._drain()
            seconds = commit(done, remaining=left)
            if not (done and left and seconds):
                break

    @api.model
    def _drain(self, limit=BATCH):
        """Move the entries that are due longest, in this transaction.

        :returns: how many were moved, and how many are due still
        """
        entries = self._claim(limit)
        entries._leave_early()
        entries = entries.filtered(lambda entry: entry.state == "active")
        done = len(entries)
        moving = entries
        while moving:
            moving = moving._advance()
        if not done:
            return 0, 0
        return done, self.search_count(
            [
                ("state", "=", "active"),
                ("due", "<=", clock.now()),
                ("journey_id.state", "=", "running"),
            ]
        )

    @api.model
    def _claim(self, limit):
        """Lock entries that are due and that no other worker has."""
        return claim(
            self,
            SQL(
                """
                SELECT entry.id
                  FROM clinic_journey_entry entry
                  JOIN clinic_journey journey ON journey.id = entry.journey_id
                 WHERE entry.state = 'active' AND entry.due <= %s
                   AND journey.state = 'running'
                 ORDER BY entry.due, entry.id LIMIT %s
                   FOR NO KEY UPDATE OF entry SKIP LOCKED
                """,
                clock.now(),
                limit,
            ),
        )

    def _advance(self):
        """Do the step at which each entry is, and put it at the next one.

        :returns: those that go on at once
        """
        moving = self.browse()
        for node, entries in self.grouped("node_id").items():
            if not node:
                entries._leave("done")
                continue
            try:
                with self.env.cr.savepoint():
                    moving |= entries._pass(node)
            except psycopg2.OperationalError:
                raise
            except Exception as error:
                entries._fail(node, error)
        return moving

    def _pass(self, node):
        """Do one step for entries that are at it.

        :returns: those that go on at once
        """
        now = clock.now()
        ready = self
        if node.kind == "wait":
            # From this moment on, also for those who come late because no worker ran:
            # two messages never catch up with each other.
            arriving = self.filtered(lambda entry: entry.waiting_id != node)
            until = node._wait_until(now, node.journey_id._zone())
            arriving.write({"waiting_id": node.id, "due": until})
            ready = self.filtered(lambda entry: entry.due <= now)
        if not ready:
            return ready
        going = node._run(ready)
        ready._note(node, going, now)
        for way, entries in (("next_id", going), ("else_id", ready - going)):
            entries = entries.filtered(lambda entry: entry.state == "active")
            target = node[way]
            if target:
                entries.write(
                    {"node_id": target.id, "waiting_id": False, "attempts": 0}
                )
            else:
                entries._leave("done")
        return ready.filtered(lambda entry: entry.state == "active")

    def _note(self, node, going, now):
        """Write down that the step was passed; the database refuses a second time."""
        if not self:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_journey_passage (entry_id, node_id, date, way)
                SELECT id, %s, %s, CASE WHEN id = ANY(%s) THEN 'next' ELSE 'else' END
                  FROM unnest(%s) id
                """,
                node.id,
                now,
                going.ids,
                self.ids,
            )
        )
        self.invalidate_recordset(["passage_ids"])

    def _fail(self, node, error):
        """A step went wrong: try again later, at last give up. Nobody is named."""
        _logger.warning(
            "Journey step %s failed for %s entries: %s",
            node.id,
            len(self),
            type(error).__name__,
        )
        for entry in self:
            attempts = entry.attempts + 1
            entry.write(
                {
                    "attempts": attempts,
                    "failure": type(error).__name__,
                    "due": clock.now() + timedelta(minutes=15 * attempts),
                }
            )
        self.filtered(lambda entry: entry.attempts >= MAX_ATTEMPTS)._leave("failed")

    # ------------------------------------------------------------
    # Goal and leaving, for all at once
    # ------------------------------------------------------------

    def _leave_early(self):
        """Who reached the goal, fits the rule to leave or is archived, leaves.

        Called on entries, or on the model for all of the running journeys.
        """
        scope = Domain("id", "in", self.ids) if self else Domain.TRUE
        groups = self._read_group(
            scope
            & Domain("state", "=", "active")
            & Domain("journey_id.state", "in", ("running", "paused")),
            ["journey_id"],
            ["id:recordset"],
        )
        for journey, entries in groups:
            entries = entries if self else entries._that_may_leave(journey)
            reached = journey._that_reached(entries)
            reached._leave("goal")
            rest = entries - reached
            archived = rest.filtered(lambda entry: not entry.patient_id.active)
            archived._leave("exited", "archived")
            journey._that_exit(rest - archived)._leave("exited", "rule")

    def _that_may_leave(self, journey):
        """Lock those that have a reason to leave and that no other worker moves."""
        leaving = (
            journey._that_reached(self)
            | journey._that_exit(self)
            | self.filtered(lambda entry: not entry.patient_id.active)
        )
        if not leaving:
            return leaving
        return claim_these(leaving)


class ClinicJourney(models.Model):
    """Goals and rules to leave."""

    _inherit = "clinic.journey"

    def _that_reached(self, entries):
        """Those of the entries that reached the goal since they entered."""
        self.ensure_one()
        if self.goal == "none":
            return entries.browse()
        if self.goal == "domain":
            return self._that_fit(entries, self.goal_domain)
        tests = {
            "visit_booked": SQL(
                "EXISTS (SELECT FROM clinic_appointment visit"
                " WHERE visit.patient_id = entry.patient_id"
                " AND visit.create_date >= entry.entered_at"
                " AND visit.state NOT IN ('held', 'cancelled', 'expired')"
                " AND entry.cause_key <> 'visit:' || visit.id)"
            ),
            "replied": SQL(
                "EXISTS (SELECT FROM clinic_message m"
                " WHERE m.patient_id = entry.patient_id AND m.direction = 'in'"
                " AND m.queued_at >= entry.entered_at"
                " AND entry.cause_key <> 'message:' || m.id)"
            ),
            "visit_done": SQL(
                "EXISTS (SELECT FROM clinic_appointment_event event"
                " JOIN clinic_appointment visit ON visit.id = event.appointment_id"
                " WHERE visit.patient_id = entry.patient_id"
                " AND event.date >= entry.entered_at"
                " AND event.new_state IN ('done', 'closed')"
                " AND visit.state IN ('done', 'closed')"
                " AND entry.cause_key <> 'visit:' || visit.id)"
            ),
            "plan_accepted": SQL(
                "EXISTS (SELECT FROM clinic_care_plan plan"
                " WHERE plan.patient_id = entry.patient_id"
                " AND plan.signed_on >= entry.entered_at"
                " AND entry.cause_key <> 'plan:' || plan.id)"
            ),
        }
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT entry.id FROM clinic_journey_entry entry"
                " WHERE entry.id = ANY(%s) AND %s",
                entries.ids,
                tests[self.goal],
            )
        )
        return entries.browse(row[0] for row in rows)

    def _that_exit(self, entries):
        """Those for whom the rule to leave holds; nobody without a rule."""
        if not self.has_exit_rule:
            return entries.browse()
        return self._that_fit(entries, self.exit_domain)

    def _that_fit(self, entries, domain):
        """Those whose card fits a condition, with the rights of the owner."""
        condition = read_domain(self, domain)
        if not condition or not entries:
            return entries.browse()
        Partner = self.env["res.partner"].with_user(self.owner_id)
        fitting = Partner.search(
            Domain(condition) & Domain("id", "in", entries.patient_id.ids)
        )
        return entries.filtered(lambda entry: entry.patient_id.id in fitting._ids)
