from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import FINISHED, PLANNED
from odoo.addons.clinic_base.lib import clock

from ..lib.recall_life import FORGOTTEN_DAYS, VISIT_STATES, WORKABLE

#: Recalls worked out in one statement.
BATCH = 5000

#: Columns that follow from the facts.
DERIVED = (
    "state",
    "appointment_id",
    "booked_on",
    "came_on",
    "lost_visit_id",
    "reopened_because",
    "anchor_date",
    "steps_done",
    "declined_on",
    "next_attempt_on",
    "next_action",
    "on_hold",
    "close_reason",
    "closed_on",
)


class ClinicRecall(models.Model):
    """The state of recalls, worked out for any number of them in one statement.

    The one place that says what a recall's state is. It may be repeated: where nothing
    happened and no day passed, it writes nothing.
    """

    _inherit = "clinic.recall"

    def _refresh_these(self):
        self.flush_recordset()
        return self._refresh(SQL("c.id = ANY(%s)", self.ids))

    @api.model
    def _refresh_of_patients(self, patient_ids):
        """Work out the recalls of these patients, those that ended included."""
        return self._refresh(SQL("c.patient_id = ANY(%s)", list(patient_ids)))

    @api.model
    def _refresh_of_rules(self, rules):
        """Work out the open recalls of these rules."""
        return self._refresh(
            SQL("c.rule_id = ANY(%s) AND c.state <> 'closed'", rules.ids)
        )

    @api.model
    def _refresh(self, scope):
        """Work recalls out; write only what is different.

        A recall is, in this order: closed by hand; closed because its cause was
        undone, because the patient came, or because a newer cause replaced it; booked;
        declined; given up; contacted, while the next attempt is not due; and otherwise
        later, due or overdue by its day. When a visit that fulfilled it falls through,
        or the time after a refusal is over, attempts begin anew on that day.

        :param SQL scope: condition on ``clinic_recall c``
        :returns: list of the ids that changed
        """
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL jit = off")
        Rule = self.env["clinic.recall.rule"]
        rows = self.env.execute_query(
            SQL(
                """
                WITH fact AS (%(facts)s),
                     turned AS (%(turned)s),
                     planned AS (%(planned)s),
                     outcome AS (%(outcome)s)
                UPDATE clinic_recall c
                   SET (%(columns)s) = ROW(%(new)s), write_date = %(now)s
                  FROM outcome o
                 WHERE c.id = o.id
                   AND (%(old)s) IS DISTINCT FROM (%(new)s)
             RETURNING c.id
                """,
                facts=self._facts_sql(scope, Rule),
                turned=self._turned_sql(),
                planned=self._planned_sql(),
                outcome=self._outcome_sql(),
                columns=SQL(", ").join(map(SQL.identifier, DERIVED)),
                new=SQL(", ").join(SQL.identifier("o", name) for name in DERIVED),
                old=SQL(", ").join(SQL.identifier("c", name) for name in DERIVED),
                now=clock.now(),
            )
        )
        self.invalidate_model()
        return [row[0] for row in rows]

    @api.model
    def _facts_sql(self, scope, Rule):
        """What is known of each recall: its rule, its day, what fulfils it."""
        match = Rule._match_sql(
            SQL("r.match"),
            SQL("c.rule_id"),
            SQL("c.service_id"),
            SQL("c.specialty_id"),
        )
        return SQL(
            """
            SELECT c.*, r.cooldown_days, r.decline_days, r.give_up_days,
                   r.overdue_days, r.balance_limit, %(today)s AS today,
                   came.id AS came_id, came.local_day AS came_day,
                   COALESCE(came.id, next.id) AS visit_id,
                   COALESCE(came.booked_on, next.booked_on) AS visit_booked_on,
                   lost.state AS lost_state, p.balance_due,
                   %(gone)s AS gone,
                   EXISTS (SELECT FROM clinic_recall n
                            WHERE n.rule_id = c.rule_id
                              AND n.patient_id = c.patient_id
                              AND r.trigger <> 'hand'
                              AND n.close_reason IS DISTINCT FROM 'cause_gone'
                              AND (n.cause_at, n.id) > (c.cause_at, c.id)) AS replaced
              FROM clinic_recall c
              JOIN clinic_recall_rule r ON r.id = c.rule_id
              JOIN res_partner p ON p.id = c.patient_id
              LEFT JOIN clinic_location place ON place.id = c.location_id
              LEFT JOIN clinic_appointment began ON began.id = c.cause_visit_id
              LEFT JOIN clinic_appointment lost ON lost.id = c.appointment_id
              LEFT JOIN LATERAL (
                   SELECT v.id, v.local_day, v.create_date::date AS booked_on
                     FROM clinic_appointment v
                    WHERE v.patient_id = c.patient_id AND v.start > c.cause_at
                      AND v.id IS DISTINCT FROM c.cause_visit_id
                      AND v.state IN %(finished)s AND %(match)s
                    ORDER BY v.start, v.id LIMIT 1) came ON TRUE
              LEFT JOIN LATERAL (
                   SELECT v.id, v.create_date::date AS booked_on
                     FROM clinic_appointment v
                    WHERE v.patient_id = c.patient_id AND v.start > c.cause_at
                      AND v.id IS DISTINCT FROM c.cause_visit_id
                      AND v.state IN %(still)s AND %(match)s
                      AND v.start > %(now)s::timestamp
                          - make_interval(days => %(forgotten)s)
                    ORDER BY v.start, v.id LIMIT 1) next ON TRUE
             WHERE c.close_reason IS DISTINCT FROM 'hand' AND %(scope)s
            """,
            today=Rule._today_sql("place"),
            gone=self._cause_gone_sql(),
            finished=FINISHED,
            still=PLANNED,
            match=match,
            now=clock.now(),
            forgotten=FORGOTTEN_DAYS,
            scope=scope,
        )

    @api.model
    def _cause_gone_sql(self):
        """Condition: the visit that caused it is not what it was any more."""
        return SQL(
            "c.cause LIKE 'visit:%%' AND began.id IS NOT NULL AND ("
            "began.patient_id IS DISTINCT FROM c.patient_id OR %s)",
            SQL(" OR ").join(
                SQL("r.trigger = %s AND began.state NOT IN %s", trigger, states)
                for trigger, states in VISIT_STATES.items()
            ),
        )

    @api.model
    def _turned_sql(self):
        """From which day attempts count, and how many were made since."""
        return SQL(
            """
            SELECT fact.*, lost, forgiven,
                   CASE WHEN lost THEN today
                        WHEN forgiven THEN declined_on + decline_days
                        ELSE anchor_date END AS anchor,
                   CASE WHEN lost OR forgiven THEN 0 ELSE steps_done END AS steps,
                   CASE WHEN forgiven THEN NULL ELSE declined_on END AS declined
              FROM fact
             CROSS JOIN LATERAL (
                   SELECT appointment_id IS NOT NULL AND visit_id IS NULL AS lost,
                          declined_on IS NOT NULL AND decline_days > 0
                          AND today >= declined_on + decline_days AS forgiven) turn
            """
        )

    @api.model
    def _planned_sql(self):
        """When what is to be tried next: what the patient asked for comes first."""
        return SQL(
            """
            SELECT turned.*,
                   CASE WHEN later_on IS NOT NULL OR step.action IS NOT NULL
                        THEN GREATEST(COALESCE(later_on, anchor + step.offset_days),
                                      CASE WHEN later_on IS NULL
                                           THEN last_attempt_on + cooldown_days END,
                                      paused_until) END AS next_on,
                   CASE WHEN later_on IS NOT NULL THEN 'call' ELSE step.action END
                       AS action
              FROM turned
              LEFT JOIN LATERAL (
                   SELECT s.offset_days, s.action FROM clinic_recall_step s
                    WHERE s.rule_id = turned.rule_id
                    ORDER BY s.offset_days, s.id OFFSET turned.steps LIMIT 1) step
                ON TRUE
            """
        )

    @api.model
    def _outcome_sql(self):
        """The state, and what goes with it."""
        return SQL(
            """
            SELECT id, new_state AS state, visit_id AS appointment_id,
                   visit_booked_on AS booked_on, came_day AS came_on,
                   CASE WHEN lost THEN appointment_id ELSE lost_visit_id END
                       AS lost_visit_id,
                   CASE WHEN visit_id IS NOT NULL THEN NULL
                        WHEN lost AND lost_state IN ('no_show', 'cancelled')
                        THEN lost_state ELSE reopened_because END AS reopened_because,
                   anchor AS anchor_date, steps AS steps_done, declined AS declined_on,
                   CASE WHEN tries THEN next_on END AS next_attempt_on,
                   CASE WHEN tries AND next_on IS NOT NULL THEN action END
                       AS next_action,
                   tries AND COALESCE(balance_limit, 0) > 0
                       AND COALESCE(balance_due, 0) > balance_limit AS on_hold,
                   new_reason AS close_reason,
                   CASE WHEN new_reason IS NULL THEN NULL
                        WHEN new_reason = 'came' THEN came_day
                        ELSE COALESCE(closed_on, today) END AS closed_on
              FROM (
                   SELECT planned.*, new_reason, new_state,
                          new_state IN ('later', %(workable)s) AS tries
                     FROM planned
                    CROSS JOIN LATERAL (
                          SELECT CASE WHEN gone THEN 'cause_gone'
                                      WHEN came_id IS NOT NULL THEN 'came'
                                      WHEN replaced THEN 'superseded' END
                                 AS new_reason) closing
                    CROSS JOIN LATERAL (
                          SELECT CASE
                              WHEN new_reason IS NOT NULL THEN 'closed'
                              WHEN visit_id IS NOT NULL THEN 'booked'
                              WHEN declined IS NOT NULL THEN 'declined'
                              WHEN next_on IS NULL AND last_attempt_on IS NOT NULL
                                   AND today >= last_attempt_on + give_up_days
                              THEN 'unreachable'
                              WHEN (steps > 0 OR later_on IS NOT NULL)
                                   AND (next_on IS NULL OR today < next_on)
                              THEN 'contacted'
                              WHEN paused_until > today THEN 'later'
                              WHEN today >= anchor + overdue_days THEN 'overdue'
                              WHEN today >= LEAST(anchor, next_on) THEN 'due'
                              ELSE 'later' END AS new_state) stands) worked
            """,
            workable=SQL(", ").join(SQL("%s", state) for state in WORKABLE),
        )

    # ------------------------------------------------------------
    # Everybody
    # ------------------------------------------------------------

    @api.model
    def _refresh_all(self, after=0, limit=BATCH):
        """Work out a stretch of the recalls that a day may change.

        :param int after: the id after which to begin
        :returns: last id of the stretch; ``None`` behind the last one
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM clinic_recall WHERE id > %s AND state <> 'closed'"
                " ORDER BY id LIMIT %s",
                after,
                limit,
            )
        )
        if not rows:
            return None
        self._refresh(SQL("c.id = ANY(%s)", [row[0] for row in rows]))
        return rows[-1][0]
