import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import AHEAD, HERE, STATES
from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.models.claiming import claim

_logger = logging.getLogger(__name__)


BATCH = 200
MAX_ATTEMPTS = 8


class ClinicPipelineCause(models.Model):
    """Something happened that may move deals: an outbox, written with its cause.

    Who books a visit writes one row here and waits for nothing else; a scheduled
    action, started at once, moves the deals. A row disappears in the same transaction
    in which its effects are written, so each cause works exactly once. What one
    patient caused is worked off in order.
    """

    _name = "clinic.pipeline.cause"
    _description = "Cause of automatic moves"
    _inherit = ["clinic.gate"]
    _order = "id"
    _rec_name = "kind"
    _log_access = False

    kind = fields.Selection(
        [
            ("contact", "The patient got in touch"),
            ("treatment", "Treatment flag"),
            ("visit", "Visit"),
        ],
        required=True,
        readonly=True,
    )
    patient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, readonly=True)
    channel = fields.Char(readonly=True)
    summary = fields.Char(readonly=True)
    appointment_id = fields.Many2one(
        "clinic.appointment", readonly=True, ondelete="cascade"
    )
    old_state = fields.Selection(STATES, readonly=True)
    new_state = fields.Selection(STATES, readonly=True)
    attempts = fields.Integer(readonly=True, default=0)
    error = fields.Char(readonly=True, help="The kind of error; no patient data.")

    @api.model
    def _record(self, rows):
        """Write causes down and wake the scheduled action.

        One statement, no rights needed: the row is a consequence of what the user was
        allowed to do.

        :param rows: dicts of column values, each with ``kind`` and ``patient_id``
        """
        rows = [row for row in rows if row.get("patient_id")]
        if not rows:
            return
        now = clock.now()
        columns = [
            "date",
            "attempts",
            *dict.fromkeys(key for row in rows for key in row),
        ]
        self.env.cr.execute(
            SQL(
                "INSERT INTO clinic_pipeline_cause (%s) VALUES %s",
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(
                    SQL(
                        "%s",
                        tuple(
                            {"date": now, "attempts": 0, **row}.get(name)
                            for name in columns
                        ),
                    )
                    for row in rows
                ),
            )
        )
        self._wake()

    @api.model
    def _wake(self):
        self.env["ir.cron"]._set_off("clinic_pipeline.ir_cron_apply_pipeline_causes")

    @api.model
    def _cron_apply(self):
        """Work off everything, a batch to a transaction."""
        while True:
            done, left = self._drain()
            seconds = self.env["ir.cron"]._commit_progress(done, remaining=left)
            if not (done and left and seconds):
                break

    @api.model
    def _drain(self, limit=BATCH):
        """Apply the oldest causes and remove them, in this transaction.

        :returns: how many were applied, and how many are left to try
        """
        language = self.env.company.partner_id.lang
        causes = self._claim(limit).with_context(lang=language)
        done = self.browse()
        blocked = set()
        for cause in causes:
            patient = cause.patient_id.id
            if patient in blocked:
                continue
            if cause._apply_alone():
                done |= cause
            else:
                blocked.add(patient)
        count = len(done)
        if done:
            self.env.cr.execute(
                SQL("DELETE FROM clinic_pipeline_cause WHERE id = ANY(%s)", done.ids)
            )
            done.invalidate_recordset(flush=False)
        return count, self.search_count([("attempts", "<", MAX_ATTEMPTS)])

    @api.model
    def _claim(self, limit):
        """Lock the oldest causes, leaving those of which another worker has an older
        one of the same patient."""
        ids = claim(
            self,
            SQL(
                "SELECT id FROM clinic_pipeline_cause WHERE attempts < %s"
                " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
                MAX_ATTEMPTS,
                limit,
            ),
        ).ids
        early = self.env.execute_query(
            SQL(
                "SELECT DISTINCT cause.id FROM clinic_pipeline_cause cause"
                " JOIN clinic_pipeline_cause older USING (patient_id)"
                " WHERE cause.id = ANY(%(ids)s) AND older.id < cause.id"
                " AND older.attempts < %(most)s AND older.id <> ALL(%(ids)s)",
                ids=ids,
                most=MAX_ATTEMPTS,
            )
        )
        return self.browse(ids) - self.browse(row[0] for row in early)

    def _apply_alone(self):
        """Apply one cause, whole or not at all.

        :returns: whether it is done; if not, it is tried again with the next batch
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._apply()
                self.env.flush_all()
            return True
        except (psycopg2.OperationalError, psycopg2.IntegrityError) as error:
            reason = error
        except ConcurrencyError as error:
            reason = error
        except Exception as error:
            reason = error
            # The kind of error only: its text may hold what a patient said.
            _logger.warning(
                "Cause %s of automatic moves failed: %s", self.id, type(error).__name__
            )
        self.env.invalidate_all(flush=False)
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_pipeline_cause SET attempts = attempts + 1, error = %s"
                " WHERE id = %s",
                type(reason).__name__,
                self.id,
            )
        )
        return False

    def _apply(self):
        """Move the deals this cause speaks of; addons add kinds."""
        self.ensure_one()
        if self.kind == "contact":
            self._apply_contact()
        elif self.kind == "treatment":
            self._apply_treatment()
        elif self.kind == "visit":
            self._apply_visit()

    def _apply_contact(self):
        Deal = self.env["crm.lead"]
        patient = self.patient_id
        why = self._contact_words()
        moved = Deal.browse()
        for key in ("contact_base", "contact_reanimation"):
            moved |= Deal._apply_rule(key, patient, why)
        if not Deal._open_deals(patient):
            moved |= Deal._apply_rule("contact_request", patient, why)
        rest = Deal._open_deals(patient, "appointments") - moved
        for deal in rest:
            deal._message_log(body=why)
        (moved | rest)._tell_responsible(why)

    def _contact_words(self):
        names = {
            "call": self.env._("The patient called"),
            "message": self.env._("The patient wrote a message"),
            "email": self.env._("The patient wrote an e-mail"),
            "website": self.env._("The patient wrote on the website"),
        }
        words = names.get(self.channel) or self.env._("The patient got in touch")
        return f"{words}: {self.summary}" if self.summary else words

    def _apply_treatment(self):
        patient = self.patient_id
        # sudo: res.partner - a field for the staff, read by the scheduled action
        if patient.sudo().on_treatment:
            key, why = "treatment_begun", self.env._("The treatment has begun")
        else:
            key, why = "treatment_ended", self.env._("The treatment has ended")
        self.env["crm.lead"]._apply_rule(key, patient, why)

    def _apply_visit(self):
        """Move the deals of the patient as this change of the visit says."""
        visit, old, new = self.appointment_id, self.old_state, self.new_state
        patient = visit.patient_id
        if patient != self.patient_id:
            self._apply_lost_visit()
            return
        Deal = self.env["crm.lead"]
        why = self._visit_words()
        if (old in HERE and new not in HERE) or (old == "no_show" and new != old):
            Deal._undo_visit(visit, why)
        if new == "arrived":
            self._close_deal("visit_arrived", visit, why, {})
        elif new == "no_show":
            reason = self.env.ref("clinic_pipeline.lost_reason_missed")
            self._close_deal("visit_missed", visit, why, {"lost_reason_id": reason.id})
        elif new == "cancelled" and not Deal._next_visit(patient):
            deal = Deal._open_deals(patient, "appointments")
            if deal.appointment_id == visit:
                no_visit = {"appointment_id": False, "appointment_start": False}
                Deal._apply_rule("visit_cancelled", patient, why, no_visit)
        Deal._follow_next_visit(patient, why, began=old not in AHEAD)

    def _apply_lost_visit(self):
        """The visit is another patient's: this one's deals go on without it."""
        visit, patient = self.appointment_id, self.patient_id
        deals = self.env["crm.lead"]
        held = deals._open_deals(patient).filtered(
            lambda deal: deal.appointment_id == visit
        )
        if not held:
            return
        why = self.env._(
            "The visit of %(when)s is another patient's", when=visit.local_start
        )
        no_visit = {"appointment_id": False, "appointment_start": False}
        if deals._next_visit(patient):
            deals._follow_next_visit(patient, why)
        else:
            deals._apply_rule("visit_cancelled", patient, why, no_visit)
        left = held.filtered(lambda deal: deal.appointment_id == visit)
        if left:
            # Those that no move touched, such as one that is switched off.
            left.with_context(tracking_disable=True).write(no_visit)
            for deal in left:
                deal._message_log(body=why)

    def _close_deal(self, key, visit, why, vals):
        """Close the deal of this visit, unless it is closed that way already."""
        Deal = self.env["crm.lead"]
        rule = self.env["clinic.pipeline.rule"]._enabled(key)
        # sudo: crm.lead - whether it is done, whoever may see the deal
        done = Deal.sudo().search_count(
            [
                ("appointment_id", "=", visit.id),
                ("stage_id", "=", rule.to_stage_id.id),
                ("patient_id", "=", visit.patient_id.id),
            ],
            limit=1,
        )
        if rule and not done:
            Deal._apply_rule(key, visit.patient_id, why, visit._deal_facts() | vals)

    def _visit_words(self):
        """What happened to the visit, in words, with the location's time."""
        visit = self.appointment_id
        when = visit.local_start
        sentences = {
            "booked": self.env._("The visit of %(when)s was booked", when=when),
            "rescheduled": self.env._("The visit was moved to %(when)s", when=when),
            "confirmed": self.env._("The visit of %(when)s was confirmed", when=when),
            "arrived": self.env._(
                "The patient arrived for the visit of %(when)s", when=when
            ),
            "no_show": self.env._(
                "The patient did not come to the visit of %(when)s", when=when
            ),
            "cancelled": self._cancelled_words(when),
        }
        if self.old_state in HERE and self.new_state not in HERE:
            return self.env._("The arrival of %(when)s was taken back", when=when)
        if self.old_state == "no_show":
            return self.env._("“Did not come” of %(when)s was taken back", when=when)
        return sentences[self.new_state]

    def _cancelled_words(self, when):
        by = self.appointment_id.cancelled_by
        if not by:
            # It stands again by now.
            return self.env._("The visit of %(when)s was cancelled", when=when)
        return self.env._(
            "The visit of %(when)s was cancelled by the %(who)s",
            when=when,
            who=self.env._("patient") if by == "patient" else self.env._("clinic"),
        )

    def action_try_again(self):
        """Try causes that were given up once more."""
        self._ours().write({"attempts": 0})
        self._wake()
