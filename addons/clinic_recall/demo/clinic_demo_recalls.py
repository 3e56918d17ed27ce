from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.tools import SQL

#: (name, service, due after, unit, what else)
RULES = (
    ("Heart: twice a year", "Cardiology visit", 6, "month", {"match": "specialty"}),
    ("Eyes: once a year", "Eye examination", 1, "year", {"match": "specialty"}),
    ("Skin: after three weeks", "Acne consultation", 3, "week", {"match": "specialty"}),
)
#: Days from the due date, and how it is tried.
STEPS = ((0, "call"), (7, "message"), (21, "call"))
#: What came of the calls that were made: result, how many, reason.
CALLS = (
    ("no_answer", 14, None),
    ("later", 9, None),
    ("declined", 6, "reason_price"),
    ("declined", 4, "reason_elsewhere"),
    ("declined", 3, "reason_no_interest"),
)
CALLERS = ("operator", "coordinator", "receptionist")
#: Days for which the next steps were counted.
COUNTED_DAYS = 21


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    @api.model
    def _load_recalls(self):
        """Recalls in all states, one mass recall that is over, the list of those
        without a next step. Called once by the demo data."""
        self = self.with_context(tracking_disable=True, mail_create_nolog=True)
        rules = self.env["clinic.recall.rule"]
        if rules.search_count([("trigger", "in", ("visit", "people"))]):
            return
        self._make_recall_rules()
        for rule in rules.search([("trigger", "!=", "hand")]):
            rule._work_out()
        self._make_calls()
        self._make_mass_recalls()
        self._count_next_steps()

    def _make_recall_rules(self):
        services = self.env["product.template"]
        administrator = self.env.ref("clinic_agenda.demo_user_administrator")
        common = {
            "owner_id": administrator.id,
            "step_ids": [
                Command.create({"offset_days": days, "action": action})
                for days, action in STEPS
            ],
        }
        rules = self.env["clinic.recall.rule"]
        for name, service, delay, unit, more in RULES:
            found = services.search([("name", "=", service)], limit=1)
            rules.create(
                {
                    "name": name,
                    "service_ids": [Command.set(found.ids)],
                    "delay": delay,
                    "delay_unit": unit,
                    "look_back_days": 60,
                    **more,
                    **common,
                }
            )
        check_up = services.search([("name", "=", "Cardiology check-up")], limit=1)
        codes = self.env["clinic.condition"].search([("code", "in", ("I10", "I48"))])
        rules.create(
            {
                "name": "Long-term patients: every three months",
                "trigger": "people",
                "condition_ids": [Command.set(codes.ids)],
                "book_service_id": check_up.id,
                "delay": 3,
                **common,
            }
        )
        rules.create(
            {
                "name": "Fifty: talk about prevention",
                "trigger": "birthday",
                "birthday_age": 50,
                "delay": 0,
                "match": "any",
                **common,
            }
        )
        for name, days in (("rule_no_show", 12), ("rule_cancelled", 5)):
            self.env.ref(f"clinic_recall.{name}").look_back_days = days

    def _make_calls(self):
        """Who called whom, and what came of it."""
        users = [self.env.ref(f"clinic_agenda.demo_user_{name}") for name in CALLERS]
        recalls = self.env["clinic.recall"].search(
            [("state", "in", ("due", "overdue"))], order="patient_id, id"
        )
        for number, user in enumerate(users):
            recalls[number :: len(users)].responsible_id = user
        position = 0
        for result, count, reason in CALLS:
            called = recalls[position : position + count]
            position += count
            for number, user in enumerate(users):
                mine = called[number :: len(users)].with_user(user)
                later = fields.Date.today() + timedelta(days=3 + number)
                mine._attempted(
                    result,
                    later_on=later if result == "later" else False,
                    reason=reason and self.env.ref(f"clinic_recall.{reason}"),
                )
        self._give_up(recalls[position : position + 6])
        missed = self.env["clinic.recall"].search(
            [("rule_id", "=", self.env.ref("clinic_recall.rule_no_show").id)], limit=40
        )
        reasons = self.env["clinic.recall.reason"].search([("kind", "=", "missed")])
        for number, recall in enumerate(missed[::2]):
            recall.reason_id = reasons[number % len(reasons)]

    def _give_up(self, recalls):
        """Patients who were called three times weeks ago and never answered."""
        for _attempt in STEPS:
            recalls._attempted("no_answer")
        recalls.write({"last_attempt_on": fields.Date.today() - timedelta(days=25)})
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_recall_attempt SET date = date - interval '25 days'"
                " - (id %% 3) * interval '8 days' WHERE recall_id = ANY(%s)",
                recalls.ids,
            )
        )

    def _make_mass_recalls(self):
        """One that is over and brought visits, one that is being prepared."""
        marketing = self.env.ref("clinic_agenda.demo_user_marketing")
        segments = self.env["clinic.segment"]
        smear = self.env["product.template"].search(
            [("name", "=", "Cervical smear")], limit=1
        )
        women = segments.search([("name", "=", "Women from 45 to 69")], limit=1)
        due = segments.search([("name", "=", "Check-up due by age")], limit=1)
        (women | due).sharing = "shared"
        campaigns = self.env["clinic.recall.campaign"].with_user(marketing)
        today = fields.Date.today()
        over = campaigns.create(
            {
                "name": "Smear test: invitation",
                "segment_id": women.id,
                "kind_id": self.env.ref("clinic_recall.kind_recall").id,
                "template_id": self.env.ref("clinic_recall.template_recall").id,
                "service_id": smear.id,
                "skip_booked": False,
                "per_hour": 20,
            }
        )
        over.action_start()
        self._end_mass_recall(over.sudo(), today - timedelta(days=26))
        campaigns.create(
            {
                "name": "Check-up: invitation",
                "segment_id": due.id,
                "domain": "[('birth_date', '<', '1986-01-01')]",
                "kind_id": self.env.ref("clinic_recall.kind_recall").id,
                "template_id": self.env.ref("clinic_recall.template_recall").id,
                "skip_contacted_days": 30,
                "date_start": today + timedelta(days=3),
            }
        )._preview()

    def _end_mass_recall(self, campaign, day):
        """As if it had been sent then: delivered to most, read by some, a few lost."""
        campaign.date_start = day
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE clinic_message
                   SET state = CASE WHEN id %% 17 = 0 THEN 'bounced'
                                    WHEN id %% 11 = 0 THEN 'replied'
                                    WHEN id %% 5 = 0 THEN 'read'
                                    ELSE 'delivered' END,
                       due = %(start)s::timestamp + (id %% 300) * interval '3 minutes',
                       queued_at = %(start)s,
                       expires_at = %(start)s::timestamp + interval '3 days',
                       sent_at = %(start)s::timestamp + (id %% 300) * interval '3 min',
                       delivered_at = %(start)s::timestamp + interval '6 hours'
                 WHERE campaign_id = %(bulk)s AND state = 'queued'
                """,
                start=fields.Datetime.to_datetime(day) + timedelta(hours=9),
                bulk=campaign.bulk_id.id,
            )
        )
        self.env.invalidate_all()
        campaign._finish_sent()

    def _count_next_steps(self):
        """Three weeks in which the list of those without a next step got shorter."""
        after = 0
        while after is not None:
            after = self.env["clinic.next.step"]._work_out_stretch(after)
        users = [self.env.ref(f"clinic_agenda.demo_user_{name}").id for name in CALLERS]
        self.env.cr.execute(
            SQL(
                """
                UPDATE clinic_next_step
                   SET since = GREATEST(%s::date - id %% 19, last_visit_on),
                       owner_id = CASE WHEN id %% 4 < 3
                                       THEN (%s::int[])[id %% 4 + 1] END
                 WHERE kind = 'none'
                """,
                fields.Date.today(),
                users,
            )
        )
        self.env["clinic.next.step"].invalidate_model()
        days = self.env["clinic.next.step.day"]
        days._record(fields.Date.today())
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_next_step_day (date, kind, company_id, patient_count)
                SELECT today.date - back, today.kind, today.company_id,
                       GREATEST(0, today.patient_count + CASE today.kind
                           WHEN 'none' THEN back * 9 + (back * 37) %% 11
                           WHEN 'recall' THEN -back * 5 - (back * 17) %% 7
                           ELSE 0 END)
                  FROM clinic_next_step_day today,
                       generate_series(1, %s) AS back
                 WHERE today.date = %s
                """,
                COUNTED_DAYS,
                fields.Date.today(),
            )
        )
        days.invalidate_model()
