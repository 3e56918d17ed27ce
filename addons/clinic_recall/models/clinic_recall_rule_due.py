import logging

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import FINISHED, PLANNED
from odoo.addons.clinic_base.lib import clock

from ..lib.recall_life import AHEAD_DAYS, FORGOTTEN_DAYS

_logger = logging.getLogger(__name__)


class ClinicRecallRule(models.Model):
    """A rule makes its recalls: one INSERT for all patients, harmless to repeat.

    A cause (a visit, a birthday, …) makes one recall of a rule, ever: the unique index
    on rule, patient and cause says so. Only the latest cause of each patient is looked
    at, so that a new rule makes one recall for somebody who came ten times.
    """

    _inherit = "clinic.recall.rule"

    @api.model
    def _today_sql(self, location):
        """SQL of the day it is at a location; at the clinic where there is none.

        :param str location: alias of ``clinic_location`` in the query
        """
        return SQL(
            "(%s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(%s, %s))::date",
            clock.now(),
            SQL.identifier(location, "tz"),
            self.env["res.partner"]._clinic_tz(),
        )

    def _work_out(self, patient_ids=None):
        """Make the recalls that are missing; a rule that fails says so on its form.

        :param list patient_ids: only of these patients; all if ``None``
        :returns: number of new recalls
        """
        self.ensure_one()
        error = False
        made = 0
        try:
            with self.env.cr.savepoint():
                made = self._generate(patient_ids)
        except AccessError:
            error = self.env._(
                "The owner of this rule may not read what its segment asks for."
            )
        except UserError as refusal:
            error = str(refusal)
        vals = {} if patient_ids is not None else {"worked_at": clock.now()}
        if error != self.error:
            vals["error"] = error
            if error:
                _logger.warning("Recall rule %s makes no recalls", self.id)
        if vals:
            # sudo: clinic.recall.rule - what the job found out
            self.sudo().write(vals)
        return made

    def _generate(self, patient_ids=None):
        """Insert the recalls of this rule that are missing.

        :param list patient_ids: only of these patients; all if ``None``
        :returns: number of new recalls
        :raises AccessError: the owner may not read what the segment asks for
        """
        self.ensure_one()
        # sudo: clinic.recall.rule - conditions decide, whoever starts the job
        rule = self.sudo()
        if not rule.active or rule.trigger == "hand":
            return 0
        self.env.flush_all()
        # The plans are for few rows: compiling them takes longer than running them.
        self.env.cr.execute("SET LOCAL jit = off")
        query = SQL(
            """
            WITH cause AS (%(cause)s),
                 fresh AS (
                 SELECT cause.*, p.responsible_id,
                        COALESCE(%(book)s, cause.service_id) AS target_id,
                        %(today)s AS today,
                        %(due)s AS due_date
                   FROM cause
                   JOIN res_partner p ON p.id = cause.patient_id
                   LEFT JOIN clinic_location place ON place.id = cause.location_id
                  WHERE %(people)s
                    AND NOT EXISTS (SELECT FROM clinic_recall c
                                     WHERE c.rule_id = %(rule)s
                                       AND c.patient_id = cause.patient_id
                                       AND c.cause = cause.cause))
            INSERT INTO clinic_recall AS c (
                   rule_id, patient_id, cause, cause_at, cause_date, cause_visit_id,
                   service_id, specialty_id, practitioner_id, location_id, company_id,
                   responsible_id, due_date, anchor_date, steps_done, attempt_count,
                   state, on_hold, create_uid, create_date, write_uid, write_date)
            SELECT %(rule)s, patient_id, cause, cause_at, cause_date, visit_id,
                   fresh.target_id,
                   COALESCE(target.specialty_id, fresh.specialty_id),
                   practitioner_id, location_id,
                   COALESCE(fresh.company_id, %(company)s),
                   COALESCE(%(responsible)s, fresh.responsible_id), due_date,
                   due_date, 0, 0,
                   'later', FALSE, %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM fresh
              LEFT JOIN product_template target ON target.id = fresh.target_id
             WHERE due_date >= today - %(look_back)s
               AND %(ahead)s
               AND %(ages)s
               AND %(unmet)s
                ON CONFLICT (rule_id, patient_id, cause) DO NOTHING
         RETURNING c.id
            """,
            cause=rule._cause_query(patient_ids),
            book=SQL("%s::int", rule._target_service().id or None),
            today=self._today_sql("place"),
            due=rule._due_sql(),
            # People and birthdays were chosen by these conditions already.
            people=SQL("TRUE")
            if rule.trigger in ("people", "birthday")
            else rule._people_sql(patient_ids),
            rule=rule.id,
            responsible=SQL("%s::int", rule.responsible_id.id or None),
            company=SQL("%s::int", rule.company_id.id or None),
            uid=self.env.uid,
            now=clock.now(),
            look_back=rule.look_back_days,
            ahead=SQL("due_date <= today + %s", AHEAD_DAYS)
            if rule.trigger in ("people", "birthday")
            else SQL("TRUE"),
            ages=rule._ages_sql(),
            unmet=rule._unmet_sql(),
        )
        made = [row[0] for row in self.env.execute_query(query)]
        self.env["clinic.recall"].invalidate_model()
        if made:
            self.env["clinic.recall"]._refresh(SQL("c.id = ANY(%s)", made))
        return len(made)

    def _unmet_sql(self):
        """Condition on ``fresh``: no visit fulfils it already.

        After a visit the recall is made in any case: that the next visit is booked is
        what the board shows then.
        """
        if self.trigger == "visit":
            return SQL("TRUE")
        return SQL(
            """
            NOT EXISTS (
                SELECT FROM clinic_appointment v
                 WHERE v.patient_id = fresh.patient_id AND v.start > fresh.cause_at
                   AND v.id IS DISTINCT FROM fresh.visit_id
                   AND (v.state IN %(finished)s
                        OR (v.state IN %(planned)s AND v.start > %(now)s::timestamp
                            - make_interval(days => %(forgotten)s)))
                   AND %(match)s)
            """,
            finished=FINISHED,
            planned=PLANNED,
            now=clock.now(),
            forgotten=FORGOTTEN_DAYS,
            match=self._match_sql(
                SQL("%s", self.match),
                SQL("%s", self.id),
                SQL("fresh.target_id"),
                SQL("COALESCE(target.specialty_id, fresh.specialty_id)"),
            ),
        )

    @api.model
    def _match_sql(self, match, rule, service, specialty):
        """Condition on the visit ``v``: it is of the kind that fulfils a recall.

        The one place that says so. Where neither the recall nor its rule names a
        service, or the service has no specialty, any visit fulfils it.
        """
        return SQL(
            """
            CASE %(match)s
                WHEN 'service' THEN v.service_id = %(service)s
                     OR EXISTS (SELECT FROM clinic_recall_rule_service_rel rel
                                 WHERE rel.rule_id = %(rule)s
                                   AND rel.service_id = v.service_id)
                     OR (%(service)s IS NULL
                         AND NOT EXISTS (SELECT FROM clinic_recall_rule_service_rel rel
                                          WHERE rel.rule_id = %(rule)s))
                WHEN 'specialty' THEN %(specialty)s IS NULL
                     OR v.specialty_id = %(specialty)s
                ELSE TRUE END
            """,
            match=match,
            rule=rule,
            service=service,
            specialty=specialty,
        )
