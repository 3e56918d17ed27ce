import random
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

SEED = 20261124
#: specialty: plans of the library that follow its visits
PLANS = {
    "Cardiology": ("hypertension", "chronic"),
    "Dermatology": ("aesthetic", "day_surgery"),
    "Gynaecology": ("gyn_treatment", "gyn_surgery"),
    "Orthopaedics": ("orthopaedic", "day_surgery"),
    "Ophthalmology": ("day_surgery", "diabetes"),
}
NOTES = (
    "All is well, thankful for the call",
    "Still some pain in the evening, getting less",
    "Asked when sport is allowed again",
    "Will book after the holidays",
    "Spoke to the daughter, patient asleep",
)


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    @api.model
    def _load_followups(self):
        """Follow-ups at every step, a day's work on the desk, and three journeys."""
        self = self.with_context(tracking_disable=True, mail_notrack=True)
        if self.env["clinic.followup"].search_count([], limit=1):
            return
        if not self.env["clinic.appointment"].search_count([], limit=1):
            return
        chance = random.Random(SEED)
        followups = self._make_followups()
        self._tell_followups_past(followups)
        self._fill_the_desk(followups, chance)
        self._make_followup_answers(followups, chance)
        self._make_journeys()

    def _make_followups(self):
        """After the finished visits of the last month, three a day for each field."""
        queries = []
        for specialty, plans in PLANS.items():
            for number, plan in enumerate(plans):
                queries.append(
                    SQL(
                        """
                        (SELECT %(plan)s::int AS plan_id, visit.patient_id,
                                'visit:' || visit.id AS cause_key,
                                visit.local_day AS anchor_date,
                                visit.id AS appointment_id, visit.location_id,
                                visit.practitioner_id, visit.specialty_id,
                                visit.service_id, NULL::int AS condition_id,
                                visit.company_id
                           FROM clinic_appointment visit
                           JOIN clinic_specialty s ON s.id = visit.specialty_id
                          WHERE visit.state IN ('done', 'closed')
                            AND s.name->>'en_US' = %(specialty)s
                            AND visit.id %% 2 = %(number)s
                            AND visit.local_day > %(since)s
                          ORDER BY md5(visit.id::text) LIMIT 14)
                        """,
                        plan=self.env.ref(f"clinic_recall.followup_plan_{plan}").id,
                        specialty=specialty,
                        number=number,
                        since=fields.Date.today() - timedelta(days=200),
                    )
                )
        return self.env["clinic.followup"]._assign(SQL(" UNION ALL ").join(queries))

    def _tell_followups_past(self, followups):
        """What was due before today was done, mostly."""
        coordinator = self.env.ref("clinic_agenda.demo_user_coordinator").id
        operator = self.env.ref("clinic_agenda.demo_user_operator").id
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE clinic_followup
                   SET owner_id = CASE WHEN id %% 3 = 0 THEN %(op)s ELSE %(co)s END,
                       started_on = anchor_date + interval '14 hours'
                 WHERE id = ANY(%(ids)s);
                UPDATE clinic_followup_step step
                   SET owner_id = followup.owner_id
                  FROM clinic_followup followup
                 WHERE followup.id = step.followup_id AND followup.id = ANY(%(ids)s);
                UPDATE clinic_followup_step step
                   SET state = 'done', skip_reason = NULL,
                       done_on = due + interval '35 minutes',
                       done_by_id = CASE WHEN kind = 'message' THEN NULL
                                         ELSE owner_id END,
                       result = CASE WHEN kind = 'message' THEN 'sent'
                                     WHEN kind = 'questionnaire' THEN 'answered'
                                     WHEN id %% 6 = 0 THEN 'unreachable'
                                     ELSE 'reached' END,
                       note = CASE WHEN kind = 'call' AND id %% 2 = 0
                                   THEN (%(notes)s)[1 + id %% 5] END
                 WHERE followup_id = ANY(%(ids)s)
                   AND due < %(now)s AND state IN ('planned', 'skipped');
                UPDATE clinic_followup followup
                   SET booked_visit_id = visit.id, booked_value = visit.price
                  FROM (SELECT DISTINCT ON (patient_id) patient_id, id, price
                          FROM clinic_appointment
                         WHERE start > %(now)s AND state IN ('booked', 'confirmed')
                         ORDER BY patient_id, start) visit
                 WHERE visit.patient_id = followup.patient_id
                   AND followup.id = ANY(%(ids)s)
                """,
                op=operator,
                co=coordinator,
                ids=followups.ids,
                notes=list(NOTES),
                now=clock.now(),
            )
        )
        self.env.invalidate_all()

    def _fill_the_desk(self, followups, chance):
        """Today's work: some overdue, most of today, one with attempts."""
        zone = self.env["res.partner"]._clinic_tz()
        day = fields.Date.context_today(self.with_context(tz=zone))
        today = datetime.combine(day, time(8))
        coming = followups.step_ids.filtered(
            lambda step: step.state == "planned" and step.kind != "message"
        ).sorted(lambda step: (step.due, step.id))
        first = {}
        for step in coming:
            first.setdefault(step.followup_id, step)
        steps = list(first.values())[:30]
        for number, step in enumerate(steps):
            moment = today + timedelta(minutes=20 * number)
            if number < 5:
                moment -= timedelta(days=1 + number % 3, hours=2)
            step.write(
                {
                    "due": moment,
                    "state": "open",
                    "attempts": chance.choice((0, 0, 0, 1)) if number > 2 else 2,
                }
            )
        paused = followups.filtered(lambda one: one.state == "active")[-6:]
        paused[:2].action_pause()
        for followup, reason in zip(
            paused[2:], ("request", "booked", "complaint", "reply"), strict=False
        ):
            followup._stop(reason)

    def _make_followup_answers(self, followups, chance):
        """Answers by link; two pass a limit and wait to be seen."""
        Answer = self.env["clinic.followup.answer"]
        asked = followups.step_ids.filtered(
            lambda step: (
                step.state == "done"
                and step.result != "unreachable"
                and step.questionnaire_id
            )
        )
        for number, step in enumerate(asked[:14]):
            values = {}
            for question in step.questionnaire_id.question_ids:
                values[question.id] = self._demo_answer(
                    question, number in (3, 8), chance
                )
            answer = Answer._record(step, values, "link" if number % 2 else "call")
            answer.date = step.done_on
        old = Answer.search([("is_alert", "=", True)], order="date")
        old[:-2].action_seen()

    def _demo_answer(self, question, is_bad, chance):
        if question.kind == "choice":
            choices = question.choice_ids
            return str((choices[-1] if is_bad else choices[0]).id)
        if question.kind == "scale":
            high = question.alert_when == "at_most"
            return str(chance.randint(7, 9) if high else chance.randint(0, 3))
        return str(chance.randint(70, 95)) if question.kind == "number" else ""

    def _make_journeys(self):
        """One that has run for weeks, one for missed visits, one still a draft."""
        manager = self.env.ref("clinic_agenda.demo_user_manager")
        Journey = self.env["clinic.journey"].with_user(manager)
        segment = self.env.ref("clinic_patient.clinic_segment_lapsed")
        back = Journey.create(
            {
                "name": "Back to us",
                "segment_id": segment.id,
                "description": "Patients who have not come for a while.",
                "reentry": "after",
                "cap_per_day": 50,
            }
        )
        nodes = self._chain_nodes(
            back,
            (
                "message",
                "We miss you",
                {
                    "template_id": self.env.ref(
                        "clinic_recall.journey_template_welcome"
                    ).id
                },
            ),
            ("wait", "A week", {"wait_amount": 7}),
            ("condition", "Booked?", {"condition": "booked"}),
        )
        goal = back.insert_node("goal", nodes[2].id, "next")
        self.env["clinic.journey.node"].browse(goal).name = "Came back"
        fork = nodes.browse(back.insert_node("condition", nodes[2].id, "else"))
        fork.write({"name": "Did they read it?", "condition": "read"})
        call = nodes.browse(back.insert_node("task", fork.id, "next"))
        call.write({"name": "A call", "task_summary": "Call: would like to come back?"})
        letter = nodes.browse(back.insert_node("wait", fork.id, "else"))
        letter.write({"name": "A month", "wait_amount": 30})
        again = nodes.browse(back.insert_node("message", letter.id))
        again.write(
            {
                "name": "Once more",
                "template_id": nodes[0].template_id.id,
                "channel": "email",
            }
        )
        self._fill_journey(back, nodes, fork, letter)
        missed = Journey.create(
            {
                "name": "After a missed visit",
                "trigger": "no_show",
                "purpose": "care",
                "reentry": "always",
            }
        )
        self._chain_nodes(
            missed,
            ("wait", "Two hours", {"wait_amount": 2, "wait_unit": "hours"}),
            (
                "message",
                "Choose another time",
                {
                    "template_id": self.env.ref(
                        "clinic_recall.journey_template_missed"
                    ).id
                },
            ),
            ("wait", "Two days", {"wait_amount": 2}),
            ("condition", "Booked?", {"condition": "booked"}),
        )
        missed.action_start()
        birthday = Journey.create(
            {
                "name": "Happy birthday",
                "trigger": "birthday",
                "reentry": "always",
                "goal": "none",
            }
        )
        self._chain_nodes(
            birthday,
            ("wait", "Until ten", {"wait_kind": "hour"}),
            (
                "message",
                "Wishes",
                {
                    "template_id": self.env.ref(
                        "clinic_recall.journey_template_birthday"
                    ).id
                },
            ),
        )

    def _chain_nodes(self, journey, *steps):
        nodes = self.env["clinic.journey.node"]
        for kind, name, vals in steps:
            node = nodes.browse(journey.insert_node(kind, nodes[-1:].id))
            node.write({"name": name, **vals})
            nodes |= node
        return nodes

    def _fill_journey(self, journey, nodes, fork, letter):
        """A hundred and forty patients at all places, as weeks would have left them."""
        journey.sudo().write(
            {
                "state": "paused",
                "started_at": fields.Datetime.subtract(clock.now(), days=24),
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH entered AS (
                INSERT INTO clinic_journey_entry (journey_id, company_id, patient_id,
                       cause_key, state, node_id, waiting_id, due, entered_at,
                       ended_at, attempts)
                SELECT %(journey)s, %(company)s, id, 'segment:0',
                       CASE WHEN n %% 5 = 0 THEN 'goal' WHEN n %% 7 = 0 THEN 'done'
                            ELSE 'active' END,
                       CASE WHEN n %% 3 = 0 THEN %(wait)s ELSE %(letter)s END,
                       CASE WHEN n %% 3 = 0 THEN %(wait)s ELSE %(letter)s END,
                       %(now)s::timestamp + n * interval '5 hours',
                       %(now)s::timestamp - interval '23 days' + n * interval '2 hours',
                       CASE WHEN n %% 5 = 0 OR n %% 7 = 0
                            THEN %(now)s::timestamp - n * interval '1 hour' END, 0
                  FROM (SELECT id, row_number() OVER (ORDER BY md5(id::text)) AS n
                          FROM res_partner
                         WHERE is_patient AND active AND NOT EXISTS (
                               SELECT FROM clinic_appointment visit
                                WHERE visit.patient_id = res_partner.id
                                  AND visit.create_date > %(now)s::timestamp
                                      - interval '24 days'
                                  AND visit.state NOT IN
                                      ('held', 'cancelled', 'expired'))
                         LIMIT 140) card
             RETURNING id, state, node_id, entered_at)
                INSERT INTO clinic_journey_passage (entry_id, node_id, date, way)
                SELECT entered.id, step.node, entered.entered_at + step.later,
                       step.way
                  FROM entered JOIN (VALUES
                       (%(message)s, interval '1 minute', 'next', TRUE),
                       (%(wait)s, interval '7 days', 'next', FALSE),
                       (%(booked)s, interval '7 days', 'else', FALSE),
                       (%(fork)s, interval '7 days', 'else', FALSE)
                       ) AS step (node, later, way, all_of_them)
                    ON step.all_of_them OR entered.node_id <> %(wait)s
                """,
                journey=journey.id,
                company=journey.company_id.id,
                now=clock.now(),
                message=nodes[0].id,
                wait=nodes[1].id,
                booked=nodes[2].id,
                fork=fork.id,
                letter=letter.id,
            )
        )
        self.env.invalidate_all()
