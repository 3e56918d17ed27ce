from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

#: Days a step may lie back when a plan begins; older ones are passed over.
GRACE_DAYS = 2
OVER_SQL = SQL("('done', 'skipped', 'cancelled')")


class ClinicFollowup(models.Model):
    """The life of a follow-up: beginning, moving, pausing, ending.

    Everything is one statement for any number of patients.
    """

    _inherit = "clinic.followup"

    @api.model
    def _moment_sql(self, day, hour):
        """The moment of a step as SQL: a local day and hour to naive UTC.

        The one place where days become moments; ``zone`` must be in scope. An hour
        that the clock leaves out comes with the next one.
        """
        return SQL(
            "(((%s + make_interval(mins => round(%s * 60)::int)) AT TIME ZONE zone)"
            " AT TIME ZONE 'UTC')",
            day,
            hour,
        )

    @api.model
    def _assign(self, query):
        """Begin follow-ups for what a query gives; a repeat changes nothing.

        :param SQL query: gives plan_id, patient_id, cause_key, anchor_date,
            appointment_id, location_id, practitioner_id, specialty_id, service_id,
            condition_id, company_id
        :returns: the follow-ups that began
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO clinic_followup (plan_id, patient_id, cause_key,
                       anchor_date, appointment_id, location_id, practitioner_id,
                       specialty_id, service_id, condition_id, company_id, name,
                       owner_id, state, started_on, create_uid, create_date,
                       write_uid, write_date)
                SELECT DISTINCT ON (cause.plan_id, cause.patient_id, cause.cause_key)
                       cause.plan_id, cause.patient_id, cause.cause_key,
                       cause.anchor_date, cause.appointment_id, cause.location_id,
                       cause.practitioner_id, cause.specialty_id, cause.service_id,
                       cause.condition_id, cause.company_id,
                       COALESCE(plan.name->>%(lang)s, plan.name->>'en_US'),
                       COALESCE(plan.owner_id, card.responsible_id), 'active',
                       %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (%(query)s) cause
                  JOIN clinic_followup_plan plan ON plan.id = cause.plan_id
                  JOIN res_partner card ON card.id = cause.patient_id
                       AND card.is_patient AND card.active
                 WHERE plan.company_id IS NULL OR plan.company_id = cause.company_id
                    ON CONFLICT DO NOTHING
             RETURNING id
                """,
                query=query,
                lang=self.env.lang or "en_US",
                now=clock.now(),
                uid=self.env.uid,
            )
        )
        followups = self.browse(row[0] for row in rows)
        followups._lay_out()
        return followups

    def _lay_out(self):
        """Write the steps of the plans; those that are there stay as they are."""
        if not self:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_followup_step (followup_id, plan_step_id,
                       patient_id, company_id, name, kind, due, planned_due, state,
                       skip_reason, owner_id, questionnaire_id, skip_when_booked,
                       max_attempts, attempts, template_id, channel, create_uid,
                       create_date, write_uid, write_date)
                SELECT followup_id, plan_step_id, patient_id, company_id, name, kind,
                       due, due,
                       CASE WHEN late THEN 'skipped' ELSE 'planned' END,
                       CASE WHEN late THEN 'late' END,
                       owner_id, questionnaire_id, skip_when_booked, max_attempts, 0,
                       template_id, channel, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (
                    SELECT laid.*, due < started_on - %(grace)s AS late
                      FROM (
                        SELECT followup.id AS followup_id, step.id AS plan_step_id,
                               followup.patient_id, followup.company_id,
                               COALESCE(step.name->>%(lang)s, step.name->>'en_US')
                                   AS name,
                               step.kind, step.questionnaire_id, followup.owner_id,
                               step.skip_when_booked, step.max_attempts,
                               step.template_id, step.channel,
                               followup.started_on, %(due)s AS due
                          FROM clinic_followup followup
                          JOIN clinic_followup_plan_step step USING (plan_id)
                          LEFT JOIN clinic_location place
                            ON place.id = followup.location_id
                         CROSS JOIN LATERAL
                               (SELECT COALESCE(place.tz, %(tz)s) AS zone) clock
                         WHERE followup.id = ANY(%(ids)s)) laid) step
                    ON CONFLICT DO NOTHING
                """,
                due=self._moment_sql(
                    SQL("(followup.anchor_date + step.day)"), SQL("step.hour")
                ),
                tz=self.env["res.partner"]._clinic_tz(),
                lang=self.env.lang or "en_US",
                grace=timedelta(days=GRACE_DAYS),
                now=clock.now(),
                uid=self.env.uid,
                ids=self.ids,
            )
        )
        self.env["clinic.followup.step"].invalidate_model()
        self.invalidate_recordset()
        self.filtered("plan_id")._finish_if_over()

    def _replan(self):
        """Give the planned steps of plans their moments anew, after day 0 changed."""
        if not self:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE clinic_followup_step target
                   SET due = fresh.due, planned_due = fresh.due
                  FROM (
                    SELECT planned.id, %(due)s AS due
                      FROM clinic_followup_step planned
                      JOIN clinic_followup followup
                        ON followup.id = planned.followup_id
                      JOIN clinic_followup_plan_step step
                        ON step.id = planned.plan_step_id
                      LEFT JOIN clinic_location place
                        ON place.id = followup.location_id
                     CROSS JOIN LATERAL
                           (SELECT COALESCE(place.tz, %(tz)s) AS zone) clock
                     WHERE followup.id = ANY(%(ids)s)
                       AND planned.state = 'planned') fresh
                 WHERE fresh.id = target.id AND target.due <> fresh.due
                """,
                due=self._moment_sql(
                    SQL("(followup.anchor_date + step.day)"), SQL("step.hour")
                ),
                tz=self.env["res.partner"]._clinic_tz(),
                ids=self.ids,
            )
        )
        self.env["clinic.followup.step"].invalidate_model(["due", "planned_due"])

    def _finish_if_over(self):
        """Those that have no step left are finished, unless they were stopped."""
        if not self:
            return
        self.env["clinic.followup.step"].flush_model(["state", "followup_id"])
        self.flush_model(["state", "plan_id"])
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE clinic_followup followup
                   SET state = 'done', ended_on = %s
                 WHERE id = ANY(%s) AND state = 'active'
                   AND EXISTS (SELECT FROM clinic_followup_step step
                                WHERE step.followup_id = followup.id)
                   AND NOT EXISTS (SELECT FROM clinic_followup_step step
                                    WHERE step.followup_id = followup.id
                                      AND step.state NOT IN %s)
             RETURNING id
                """,
                clock.now(),
                self.ids,
                OVER_SQL,
            )
        )
        if rows:
            self.invalidate_model(["state", "ended_on"])

    def _stop(self, reason, note=None):
        """End them now: what was not done is taken back; a repeat changes nothing.

        :param str reason: of ``STOP_REASONS``
        :param str note: in the words of who stops it
        """
        running = self.filtered(lambda one: one.state in ("active", "paused"))
        running._ours().write(
            {
                "state": "stopped",
                "stop_reason": reason,
                "stop_note": note or False,
                "ended_on": clock.now(),
            }
        )
        running._take_back(running.step_ids)

    def _take_back(self, steps):
        """Steps that were not done are not to do any more."""
        steps.filtered(lambda step: step.state in ("planned", "open"))._ours().write(
            {"state": "cancelled"}
        )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_pause(self):
        """Nothing is due until it goes on."""
        for followup in self:
            if followup.state != "active":
                raise UserError(self.env._("Only a running follow-up can be paused."))
        self._ours().write(
            {"state": "paused", "paused_on": fields.Date.context_today(self)}
        )

    def action_resume(self):
        """Go on where it was: what is to come moves by the days of the pause."""
        today = fields.Date.context_today(self)
        for followup in self:
            if followup.state != "paused":
                raise UserError(self.env._("Only a paused follow-up can go on."))
            days = (today - followup.paused_on).days
            followup._ours().write(
                {
                    "state": "active",
                    "paused_on": False,
                    "anchor_date": followup.anchor_date + timedelta(days=days),
                }
            )
            for step in followup.step_ids.filtered(
                lambda one: one.state == "planned" and not one.plan_step_id
            ):
                step.due += timedelta(days=days)

    def action_stop(self):
        """Ask for the reason, then stop."""
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_followup_stop_action"
            ),
            context={"default_followup_ids": self.ids},
        )
