import json

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

#: What the deals of the demo are called, by pipeline.
TITLES = {
    "appointments": "Visit",
    "base": "Patient Base",
    "coordinators": "Treatment plan",
    "reanimation": "Win back",
}
#: How people hear of a clinic.
SOURCES = (
    "Recommended by a patient",
    "Search engine",
    "Recommended by a doctor",
    "Local newspaper",
    "Sign on the street",
)
HERE = "('arrived', 'in_room', 'done', 'closed')"
AHEAD = "('booked', 'rescheduled', 'confirmed')"
SPREAD = {
    "coordinators": (
        "to_work_up",
        "taken",
        "drafted",
        "approved",
        "presented",
        "consent",
        "contract",
        "refused",
    ),
    "requests": ("new", "new", "taken", "searching"),
}


class ClinicDemo(models.AbstractModel):
    """The demo clinic: deals in the four pipelines that follow from its visits."""

    _inherit = "clinic.demo"

    @api.model
    def _load_deals(self):
        """Deals of those who came, stayed away or asked."""
        self = self.with_context(tracking_disable=True, mail_notrack=True)
        if self.env["crm.lead"].search_count([("pipeline", "!=", False)], limit=1):
            return
        if not self.env["clinic.appointment"].search_count([], limit=1):
            return
        self._make_deals()

    @api.model
    def _make_deals(self):
        """Open the deals that two months of work would have left, set by set."""
        manager = self.env.ref("clinic_agenda.demo_user_manager")
        teams = self.env["crm.team"].search([("pipeline", "!=", False)])
        teams.user_id = manager
        self._tell_sources()
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE res_partner SET on_treatment = TRUE
             WHERE is_patient AND id % 9 = 0 AND id IN (
                   SELECT patient_id FROM clinic_appointment
                    WHERE state IN ('arrived', 'in_room', 'done', 'closed'))
            """
        )
        for rows in (
            self._past_visits(),
            self._next_visits(),
            self._came(),
            self._to_work_up(),
            self._stayed_away(),
            self._requests(),
        ):
            self._insert_deals(rows)
        self._insert_entries()
        self.env.invalidate_all()
        self._plan_steps()

    def _tell_sources(self):
        """Where the patients had heard of the clinic."""
        sources = self.env["utm.source"].create([{"name": name} for name in SOURCES])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET source_id = (%s::int[])[1 + (id * 7 / 3) %% %s]"
            " WHERE is_patient AND id %% 6 > 0",
            [sources.ids, len(sources)],
        )

    def _past_visits(self):
        return SQL(
            f"""
            SELECT patient_id, CASE WHEN state = 'no_show' THEN 'appointments.missed'
                   ELSE 'appointments.came' END, start, id, start - interval '5 days'
              FROM clinic_appointment
             WHERE patient_id IS NOT NULL AND state IN {HERE[:-1]}, 'no_show')
               AND start > %s
            """,
            fields.Datetime.subtract(clock.now(), days=31),
        )

    def _next_visits(self):
        return SQL(
            f"""
            SELECT DISTINCT ON (patient_id) patient_id,
                   CASE WHEN state = 'confirmed' THEN 'appointments.confirmed'
                        ELSE 'appointments.booked' END,
                   %s - (patient_id %% 50) * interval '1 hour', id,
                   %s - (patient_id %% 50 + 24) * interval '1 hour'
              FROM clinic_appointment
             WHERE patient_id IS NOT NULL AND state IN {AHEAD} AND start > %s
             ORDER BY patient_id, start
            """,
            *[clock.now()] * 3,
        )

    def _came(self):
        """Everybody who came; a few of them have just got in touch again."""
        return SQL(
            f"""
            SELECT patient_id, CASE
                       WHEN on_treatment THEN 'base.on_treatment'
                       WHEN patient_id %% 23 = 0 THEN 'base.needs_handling'
                       WHEN patient_id %% 47 = 0 THEN 'base.taken'
                       ELSE 'base.base' END,
                   CASE WHEN patient_id %% 23 = 0 OR patient_id %% 47 = 0
                        THEN %s - (patient_id %% 30) * interval '1 hour'
                        ELSE MAX(start) END,
                   NULL::int, MIN(start)
              FROM clinic_appointment visit JOIN res_partner ON patient_id =
                   res_partner.id
             WHERE state IN {HERE} GROUP BY patient_id, on_treatment
            """,
            clock.now(),
        )

    def _to_work_up(self):
        """Some first visits led to a plan of treatment."""
        return self._spread(
            "coordinators",
            f"""
            SELECT patient_id, MIN(start) AS since, MIN(id) AS visit_id
              FROM clinic_appointment
             WHERE state IN {HERE} AND visit_type = 'first' AND patient_id %% 7 = 0
             GROUP BY patient_id
            """,
        )

    def _stayed_away(self):
        """No visit ahead, and the last one was missed."""
        return SQL(
            f"""
            SELECT patient_id, CASE WHEN patient_id %% 11 = 0 THEN
                       'reanimation.interested'
                       WHEN patient_id %% 13 = 0 THEN 'reanimation.taken'
                       WHEN BOOL_OR(state IN {HERE}) THEN 'reanimation.used_to_come'
                       ELSE 'reanimation.never_came' END,
                   MAX(start), NULL::int, MAX(start)
              FROM clinic_appointment
             WHERE patient_id IS NOT NULL GROUP BY patient_id
            HAVING (ARRAY_AGG(state ORDER BY start DESC))[1] = 'no_show'
            """
        )

    def _requests(self):
        """People who asked for a visit and have none yet."""
        return self._spread(
            "requests",
            f"""
            SELECT id AS patient_id,
                   NOW() AT TIME ZONE 'UTC' - (id %% 60) * interval '1 hour' AS since,
                   NULL::int AS visit_id
              FROM res_partner
             WHERE is_patient AND active AND id NOT IN (
                   SELECT patient_id FROM clinic_appointment
                    WHERE patient_id IS NOT NULL AND state IN {AHEAD})
               AND id %% 17 = 0
             ORDER BY id LIMIT 40
            """,
            "appointments",
        )

    def _spread(self, name, rows, pipeline=None):
        """Deal rows over the stages of a pipeline."""
        keys = [f"{pipeline or name}.{key}" for key in SPREAD[name]]
        return SQL(
            f"""
            SELECT patient_id, (%s::text[])[1 + (patient_id / 7) %% %s], since,
                   visit_id, since FROM ({rows}) AS row
            """,
            keys,
            len(keys),
        )

    def _insert_deals(self, rows):
        people = [
            self.env.ref(f"clinic_agenda.demo_user_{role}").id
            for role in ("coordinator", "receptionist", "operator")
        ]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_lead (name, patient_id, team_id, pipeline, stage_id,
                    type, active, is_open, priority, won_status, probability,
                    automated_probability, user_id, company_id,
                    date_last_stage_update, date_open, date_closed, create_date,
                    write_date, create_uid, write_uid, appointment_id,
                    appointment_start, location_id, service_id, practitioner_id,
                    visit_type, lost_reason_id, expected_revenue, amount, day_close,
                    source_id)
                SELECT COALESCE(product.name ->> 'en_US', %(titles)s::jsonb ->>
                           stage.pipeline),
                    deal.patient_id, team.id, stage.pipeline, stage.id, 'opportunity',
                    TRUE, NOT (COALESCE(stage.is_won, FALSE)
                               OR COALESCE(stage.is_lost, FALSE)),
                    '0', CASE WHEN stage.is_won THEN 'won' WHEN stage.is_lost THEN
                        'lost' ELSE 'pending' END,
                    CASE WHEN stage.is_won THEN 100 ELSE 0 END,
                    CASE WHEN stage.is_won THEN 100 ELSE 0 END,
                    CASE WHEN deal.patient_id %% 10 > 0 THEN
                        (%(people)s::int[])[1 + deal.patient_id %% 3] END,
                    card.company_id, deal.since, deal.opened,
                    CASE WHEN stage.is_won OR stage.is_lost THEN deal.since END,
                    deal.opened, deal.since, 1, 1, visit.id, visit.start,
                    visit.location_id, visit.service_id, visit.practitioner_id,
                    visit.visit_type,
                    CASE WHEN stage.pipeline_key = 'appointments.missed' THEN %(missed)s
                         WHEN stage.is_lost THEN %(price)s END,
                    CASE WHEN stage.pipeline = 'coordinators'
                         THEN 400 + deal.patient_id %% 37 * 100 ELSE visit.price END,
                    CASE WHEN stage.pipeline = 'coordinators'
                         THEN 400 + deal.patient_id %% 37 * 100 ELSE visit.price END,
                    CASE WHEN stage.is_won OR stage.is_lost
                         THEN EXTRACT(DAY FROM deal.since - deal.opened) END,
                    card.source_id
                  FROM (%(rows)s) AS deal (patient_id, key, since, visit_id, opened)
                  JOIN crm_stage stage ON stage.pipeline_key = deal.key
                  JOIN crm_team team ON team.pipeline = stage.pipeline
                  JOIN res_partner card ON card.id = deal.patient_id
             LEFT JOIN clinic_appointment visit ON visit.id = deal.visit_id
             LEFT JOIN product_template product ON product.id = visit.service_id
                ON CONFLICT DO NOTHING
                """,
                titles=json.dumps(TITLES),
                people=people,
                missed=self.env.ref("clinic_pipeline.lost_reason_missed").id,
                price=self.env.ref("clinic_pipeline.lost_reason_price").id,
                rows=rows,
            )
        )

    def _insert_entries(self):
        """The way each deal went through its pipeline, half a day to two a stage."""
        self.env.cr.execute(
            """
            WITH way AS (
                SELECT deal.id AS lead_id, step.id AS stage_id, deal.team_id,
                       deal.company_id, deal.user_id, step.sequence,
                       deal.date_last_stage_update - CASE WHEN step.id = deal.stage_id
                           THEN interval '0' ELSE
                           (stage.sequence - step.sequence) / 10
                           * (10 + deal.id * 7 % 30)
                           * interval '1 hour' END AS entered_at
                  FROM crm_lead deal
                  JOIN crm_stage stage ON stage.id = deal.stage_id
                  JOIN crm_stage step ON step.pipeline = deal.pipeline
                   AND (step.id = stage.id OR (step.sequence < stage.sequence
                        AND deal.pipeline IN ('appointments', 'coordinators')
                        AND NOT COALESCE(step.is_won, FALSE)
                        AND (deal.id + step.id) % 4 > 0))
                 WHERE deal.pipeline IS NOT NULL
            ), timed AS (
                SELECT *, LEAD(entered_at) OVER (PARTITION BY lead_id
                                                 ORDER BY sequence) AS left_at
                  FROM way
            )
            INSERT INTO clinic_pipeline_entry (lead_id, stage_id, team_id, company_id,
                   entered_at, left_at, hours, responsible_id)
            SELECT lead_id, stage_id, team_id, company_id, entered_at, left_at,
                   EXTRACT(EPOCH FROM left_at - entered_at) / 3600, user_id
              FROM timed
            """
        )

    def _plan_steps(self):
        """Next steps of the open deals: some overdue, some forgotten."""
        deals = self.env["crm.lead"].search(
            [("is_open", "=", True), ("stage_id.next_step", "!=", False)]
        )
        deals.filtered(lambda deal: deal.id % 12)._plan_next_step()
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE mail_activity SET date_deadline = date_deadline - 2
             WHERE deal_stage_id IS NOT NULL AND id % 5 = 0
            """
        )
        self.env.cr.execute(
            """
            UPDATE crm_lead SET next_step_date = due.date
              FROM (SELECT res_id, MIN(date_deadline) AS date FROM mail_activity
                     WHERE res_model = 'crm.lead' AND active GROUP BY res_id) AS due
             WHERE due.res_id = crm_lead.id
            """
        )
        self.env.invalidate_all()
