from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import AHEAD, FINISHED


class ClinicFollowup(models.Model):
    """What begins, moves and ends follow-ups by itself."""

    _inherit = "clinic.followup"

    @api.model
    def _begin_after_visits(self, visits):
        """Begin the plans that follow finished visits.

        :param visits: clinic.appointment
        """
        self._assign(
            SQL(
                """
                SELECT plan.id AS plan_id, visit.patient_id,
                       'visit:' || visit.id AS cause_key,
                       visit.local_day AS anchor_date, visit.id AS appointment_id,
                       visit.location_id, visit.practitioner_id, visit.specialty_id,
                       visit.service_id, NULL::int AS condition_id, visit.company_id
                  FROM clinic_appointment visit
                  JOIN product_template service ON service.id = visit.service_id
                  JOIN clinic_followup_plan plan ON plan.active
                   AND (plan.trigger = 'service'
                        OR plan.trigger = 'discharge' AND service.ends_with_discharge)
                   AND %(fits)s
                 WHERE visit.id = ANY(%(ids)s) AND visit.patient_id IS NOT NULL
                   AND visit.state IN %(finished)s
                """,
                fits=SQL(" AND ").join(
                    self._fits_sql(*names)
                    for names in (
                        ("service", SQL("visit.service_id")),
                        ("specialty", SQL("visit.specialty_id")),
                        ("location", SQL("visit.location_id")),
                    )
                ),
                ids=visits.ids,
                finished=FINISHED,
            )
        )

    @api.model
    def _fits_sql(self, word, value):
        """Whether a plan names a value in one of its lists, or has none there."""
        table = SQL.identifier(f"clinic_followup_plan_{word}_rel")
        column = SQL.identifier(f"{word}_id")
        return SQL(
            "(NOT EXISTS (SELECT FROM %(table)s r WHERE r.plan_id = plan.id)"
            " OR EXISTS (SELECT FROM %(table)s r WHERE r.plan_id = plan.id"
            " AND r.%(column)s = %(value)s))",
            table=table,
            column=column,
            value=value,
        )

    @api.model
    def _begin_after_diagnoses(self, encounters):
        """Begin the plans for diagnoses that are certain.

        :param encounters: clinic.encounter, signed
        """
        self._assign(
            SQL(
                """
                SELECT plan.id AS plan_id, encounter.patient_id,
                       'diagnosis:' || wanted.id AS cause_key,
                       (encounter.start AT TIME ZONE 'UTC'
                        AT TIME ZONE COALESCE(place.tz, %(tz)s))::date AS anchor_date,
                       encounter.appointment_id, visit.location_id,
                       visit.practitioner_id, visit.specialty_id, visit.service_id,
                       found.condition_id, encounter.company_id
                  FROM clinic_encounter encounter
                  JOIN clinic_encounter_diagnosis found
                    ON found.encounter_id = encounter.id
                   AND found.certainty = 'confirmed'
                  JOIN clinic_condition fine ON fine.id = found.condition_id
                  JOIN clinic_followup_plan_condition_rel r ON TRUE
                  JOIN clinic_condition wanted ON wanted.id = r.condition_id
                   AND starts_with(fine.code, wanted.code)
                  JOIN clinic_followup_plan plan ON plan.id = r.plan_id
                   AND plan.active AND plan.trigger = 'condition'
                  LEFT JOIN clinic_appointment visit
                    ON visit.id = encounter.appointment_id
                  LEFT JOIN clinic_location place ON place.id = visit.location_id
                 WHERE encounter.id = ANY(%(ids)s)
                   AND NOT EXISTS (
                       SELECT FROM clinic_followup running
                        WHERE running.plan_id = plan.id
                          AND running.patient_id = encounter.patient_id
                          AND running.state IN ('active', 'paused'))
                """,
                tz=self.env["res.partner"]._clinic_tz(),
                ids=encounters.ids,
            )
        )

    @api.model
    def _visits_booked(self, visits):
        """Patients booked: steps that wanted that are over; the visit is noted.

        :param visits: clinic.appointment
        """
        followups = self.search(
            [
                ("patient_id", "in", visits.patient_id.ids),
                ("state", "in", ("active", "paused")),
            ]
        )
        if not followups:
            return
        first = {}
        for visit in visits.sorted("start", reverse=True):
            first[visit.patient_id] = visit
        for followup in followups:
            visit = first[followup.patient_id]
            if not followup.booked_visit_id and visit != followup.appointment_id:
                followup._ours().write(
                    {"booked_visit_id": visit.id, "booked_value": visit.price}
                )
        followups.step_ids.filtered(
            lambda step: step.state in ("planned", "open") and step.skip_when_booked
        )._skip("booked")

    @api.model
    def _visit_moved(self, visit):
        """The steps that are counted from a visit go with it."""
        followups = self.search(
            [
                ("appointment_id", "=", visit.id),
                ("state", "in", ("active", "paused")),
            ]
        )
        if followups:
            followups.anchor_date = visit.local_day

    @api.model
    def _next_step_query(self):
        """The next steps that follow-ups give, for the worklist of next steps.

        :returns: SQL with patient_id, day, owner and id, for the patients in
            ``wanted(id)``
        """
        return SQL(
            """
            SELECT followup.patient_id, MIN(step.due)::date, followup.owner_id,
                   followup.id
              FROM wanted
              JOIN clinic_followup followup ON followup.patient_id = wanted.id
              JOIN clinic_followup_step step ON step.followup_id = followup.id
             WHERE followup.state = 'active' AND step.state IN ('planned', 'open')
             GROUP BY followup.id
            """
        )

    @api.model
    def _patients_event(self, patients, reason):
        """Stop the running follow-ups whose plan says so.

        :param str reason: ``complaint``, ``withdrawal`` or ``reply``
        """
        self.search(
            [
                ("patient_id", "in", patients.ids),
                ("state", "in", ("active", "paused")),
                (f"plan_id.stop_on_{reason}", "=", True),
            ]
        )._stop(reason)


class ClinicAppointment(models.Model):
    """Visits begin follow-ups, move them, and are what they were for."""

    _inherit = "clinic.appointment"

    def _after_changes(self, changes):
        result = super()._after_changes(changes)
        # sudo: clinic.followup - follows from the visit, whoever changes it
        followups = self.env["clinic.followup"].sudo()
        visits = self.sudo()
        finished = visits.browse(change.visit for change in changes if change.finished)
        if finished:
            followups._begin_after_visits(finished)
        booked = visits.browse(
            change.visit
            for change in changes
            if change.booked and change.after.state in AHEAD
        )
        if booked:
            followups._visits_booked(booked)
        for change in changes:
            if change.moved:
                followups._visit_moved(visits.browse(change.visit))
        return result


class ClinicEncounter(models.Model):
    """Signed diagnoses begin follow-ups."""

    _inherit = "clinic.encounter"

    def _after_signed(self):
        result = super()._after_signed()
        # sudo: clinic.followup - follows from the signature
        self.env["clinic.followup"].sudo()._begin_after_diagnoses(self)
        return result


class ClinicComplaint(models.Model):
    """Who complains is not asked how well things go."""

    _inherit = "clinic.complaint"

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        # sudo: clinic.followup - follows from the complaint, whoever takes it
        self.env["clinic.followup"].sudo()._patients_event(
            complaints.sudo().patient_id, "complaint"
        )
        return complaints


class ClinicConsent(models.Model):
    """A withdrawn consent ends what was built on it."""

    _inherit = "clinic.consent"

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(vals_list)
        withdrawn = consents.sudo().filtered(
            lambda consent: consent.decision == "withdrawn"
        )
        if withdrawn:
            # sudo: clinic.followup - follows from the decision of the patient
            self.env["clinic.followup"].sudo()._patients_event(
                withdrawn.patient_id, "withdrawal"
            )
        return consents
