from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import FINISHED

from ..lib.recall_life import VISIT_STATES


class ClinicRecallRule(models.Model):
    """What causes the recalls of a rule, and whom they are for.

    A query of causes gives the latest one of each patient: ``patient_id, cause,
    cause_at, cause_date, visit_id, service_id, specialty_id, practitioner_id,
    location_id, company_id``, in any order. One is called for each trigger.
    """

    _inherit = "clinic.recall.rule"

    def _cause_query(self, patient_ids):
        """The latest cause of each patient."""
        if self.trigger in VISIT_STATES:
            return self._visit_query(patient_ids)
        return getattr(self, f"_{self.trigger}_query")(patient_ids)

    def _among(self, column, patient_ids):
        if patient_ids is None:
            return SQL("TRUE")
        return SQL("%s = ANY(%s)", column, list(patient_ids))

    def _target_service(self):
        """The service to be booked, where the rule alone says which."""
        return self.book_service_id or (
            self.service_ids if len(self.service_ids) == 1 else self.book_service_id
        )

    def _visits_sql(self, states, services):
        """Condition on ``clinic_appointment a``: a visit that this rule is about."""
        conditions = [SQL("a.state IN %s", states)]
        if services:
            conditions.append(SQL("a.service_id = ANY(%s)", services.ids))
        if self.specialty_ids:
            conditions.append(SQL("a.specialty_id = ANY(%s)", self.specialty_ids.ids))
        if self.company_id:
            conditions.append(SQL("a.company_id = %s", self.company_id.id))
        return SQL(" AND ").join(conditions)

    def _visit_query(self, patient_ids):
        moment = SQL("a.start")
        join = SQL()
        if self.trigger == "cancelled":
            # Booked anew after the cancellation counts, whenever the visit was to be.
            # An import of old visits is no cancellation of today.
            # Later events of a visit that stays cancelled cancel nothing.
            moment = SQL("LEAST(event.date, a.start)")
            join = SQL(
                "LEFT JOIN LATERAL (SELECT MAX(e.date) AS date"
                " FROM clinic_appointment_event e WHERE e.appointment_id = a.id"
                " AND e.new_state = 'cancelled'"
                " AND e.old_state IS DISTINCT FROM 'cancelled') event ON TRUE"
            )
        return SQL(
            """
            SELECT DISTINCT ON (a.patient_id)
                   a.patient_id, 'visit:' || a.id AS cause, %(moment)s AS cause_at,
                   %(day)s AS cause_date, a.id AS visit_id, a.service_id,
                   a.specialty_id, a.practitioner_id, a.location_id, a.company_id
              FROM clinic_appointment a %(join)s
             WHERE a.patient_id IS NOT NULL AND %(visits)s AND %(among)s
             ORDER BY a.patient_id, a.start DESC, a.id DESC
            """,
            moment=moment,
            day=SQL("%s::date", moment)
            if self.trigger == "cancelled"
            else SQL("a.local_day"),
            join=join,
            visits=self._visits_sql(VISIT_STATES[self.trigger], self.service_ids),
            among=self._among(SQL("a.patient_id"), patient_ids),
        )

    def _people_query(self, patient_ids):
        """Everybody who fits; counted from the last visit of these services."""
        return SQL(
            """
            SELECT p.id AS patient_id,
                   'people:' || COALESCE(last.id, 0) AS cause,
                   COALESCE(last.start, '1900-01-01') AS cause_at,
                   last.local_day AS cause_date, last.id AS visit_id,
                   last.service_id, last.specialty_id, last.practitioner_id,
                   last.location_id, COALESCE(last.company_id, p.company_id)
                   AS company_id
              FROM res_partner p
              LEFT JOIN LATERAL (
                   SELECT a.id, a.start, a.local_day, a.service_id, a.specialty_id,
                          a.practitioner_id, a.location_id, a.company_id
                     FROM clinic_appointment a
                    WHERE a.patient_id = p.id AND %(visits)s
                    ORDER BY a.start DESC, a.id DESC LIMIT 1) last ON TRUE
             WHERE %(people)s
            """,
            visits=self._visits_sql(FINISHED, self.service_ids or self.book_service_id),
            people=self._people_sql(patient_ids),
        )

    def _birthday_query(self, patient_ids):
        day = SQL(
            "(p.birth_date + make_interval(years => %s))::date", self.birthday_age
        )
        return SQL(
            """
            SELECT p.id AS patient_id, 'birthday:' || %(age)s AS cause,
                   %(day)s::timestamp AS cause_at, %(day)s AS cause_date,
                   NULL::int AS visit_id, NULL::int AS service_id,
                   NULL::int AS specialty_id, NULL::int AS practitioner_id,
                   NULL::int AS location_id, p.company_id
              FROM res_partner p WHERE p.birth_date IS NOT NULL AND %(people)s
            """,
            age=self.birthday_age,
            day=day,
            people=self._people_sql(patient_ids),
        )

    def _treatment_end_query(self, patient_ids):
        return SQL(
            """
            SELECT DISTINCT ON (plan.patient_id)
                   plan.patient_id, 'plan:' || plan.id AS cause,
                   plan.finished_at AS cause_at, plan.finished_at::date AS cause_date,
                   NULL::int AS visit_id, NULL::int AS service_id,
                   NULL::int AS specialty_id, NULL::int AS practitioner_id,
                   NULL::int AS location_id, plan.company_id
              FROM clinic_care_plan plan
             WHERE plan.state = 'done' AND plan.finished_at IS NOT NULL AND %(among)s
             ORDER BY plan.patient_id, plan.finished_at DESC, plan.id DESC
            """,
            among=self._among(SQL("plan.patient_id"), patient_ids),
        )

    def _enquiry_query(self, patient_ids):
        return SQL(
            """
            SELECT DISTINCT ON (e.patient_id)
                   e.patient_id, 'enquiry:' || e.id AS cause, e.date AS cause_at,
                   e.date::date AS cause_date, NULL::int AS visit_id,
                   NULL::int AS service_id, NULL::int AS specialty_id,
                   NULL::int AS practitioner_id, NULL::int AS location_id, e.company_id
              FROM clinic_enquiry e
             WHERE e.patient_id IS NOT NULL AND e.state IN ('new', 'answered')
               AND e.intention IS DISTINCT FROM 'none' AND %(among)s
             ORDER BY e.patient_id, e.date DESC, e.id DESC
            """,
            among=self._among(SQL("e.patient_id"), patient_ids),
        )

    # ------------------------------------------------------------
    # For whom
    # ------------------------------------------------------------

    def _due_sql(self):
        """When it is due.

        People who fit are due at once when they never had the visit that counts, and
        when they have been due for long: the rule found them today.
        """
        due = SQL(
            "(cause.cause_date + make_interval(%s => %s))::date",
            SQL(f"{self.delay_unit}s"),
            self.delay,
        )
        if self.trigger != "people":
            return due
        return SQL("GREATEST(%s, %s)", due, self._today_sql("place"))

    def _people_sql(self, patient_ids=None):
        """Condition on ``res_partner p``: who the rule is for, ages left out."""
        conditions = [
            SQL("p.is_patient AND p.active"),
            self._among(SQL("p.id"), patient_ids),
        ]
        if self.sex:
            conditions.append(SQL("p.sex = %s", self.sex))
        if self.company_id:
            conditions.append(
                SQL("COALESCE(p.company_id, %(id)s) = %(id)s", id=self.company_id.id)
            )
        if self.condition_ids:
            finer = self.env["clinic.condition"].search(
                [("id", "child_of", self.condition_ids.ids)]
            )
            conditions.append(
                SQL(
                    "p.id IN (SELECT res_partner_id FROM"
                    " clinic_condition_res_partner_rel WHERE clinic_condition_id"
                    " = ANY(%s))",
                    finer.ids,
                )
            )
        if self.active_months:
            conditions.append(
                SQL(
                    "EXISTS (SELECT FROM clinic_patient_facts f WHERE f.id = p.id AND"
                    " f.last_visit_date >= %s::date - make_interval(months => %s))",
                    fields.Date.context_today(self),
                    self.active_months,
                )
            )
        if self.segment_id:
            patients = self.segment_id.with_user(self.owner_id)._patients_query()
            conditions.append(SQL("p.id IN %s", patients.subselect()))
        return SQL(" AND ").join(SQL("(%s)", condition) for condition in conditions)

    def _ages_sql(self):
        """Condition on ``fresh``: the age on the day it is due."""
        if not (self.age_from or self.age_to):
            return SQL("TRUE")
        born = SQL(
            "(SELECT b.birth_date FROM res_partner b WHERE b.id = fresh.patient_id)"
        )
        conditions = [
            SQL(
                "%s + make_interval(years => %s) <= fresh.due_date",
                born,
                self.age_from,
            )
        ]
        if self.age_to:
            conditions.append(
                SQL(
                    "%s + make_interval(years => %s) > fresh.due_date",
                    born,
                    self.age_to + 1,
                )
            )
        return SQL(" AND ").join(conditions)
