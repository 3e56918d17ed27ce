from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.clinic_agenda.tests.common import NOW, AgendaCommon
from odoo.addons.clinic_base.lib.ours import OURS
from odoo.addons.clinic_patient.tests.common import group_of

CALLERS = ("administrator", "manager", "receptionist", "coordinator", "operator")


class RecallCommon(AgendaCommon):
    """A clinic with a rule: six months after a cardiology visit, three attempts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.tz = "Europe/Rome"
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.Recall = cls.env["clinic.recall"]
        cls.env["clinic.recall.rule"].search([("trigger", "!=", "hand")]).active = False
        cls.rule = cls.make_rule(service_ids=[Command.set(cls.service.ids)])

    @classmethod
    def make_rule(cls, name="Heart", steps=((0, "call"), (7, "call")), **vals):
        return cls.env["clinic.recall.rule"].create(
            {
                "name": name,
                "delay": 6,
                "delay_unit": "month",
                "step_ids": [
                    Command.create({"offset_days": days, "action": action})
                    for days, action in steps
                ],
                **vals,
            }
        )

    @classmethod
    def role(cls, name):
        return new_test_user(cls.env, f"recall_{name}", groups=group_of(name))

    def past_visit(self, day, state="done", service=None, patient=None, hour=9, **vals):
        """A visit on the agenda of another day, as an import would bring it."""
        start = datetime.combine(fields.Date.to_date(day), time(hour))
        visit = (
            self.env["clinic.appointment"]
            .with_context(clinic_history=OURS)
            .create(
                {
                    "patient_id": (patient or self.patient).id,
                    "practitioner_id": self.anna.id,
                    "service_id": (service or self.service).id,
                    "location_id": self.rome.id,
                    "start": start,
                    "stop": start + timedelta(minutes=30),
                    "state": state,
                    **vals,
                }
            )
        )
        self.work_out()
        return visit

    def work_out(self):
        """What the scheduled actions do, without their commits."""
        causes = self.env["clinic.recall.cause"]
        while causes._drain():
            pass

    def night(self):
        """What the job of a new day does, without its commits."""
        self.work_out()
        self.env["ir.config_parameter"].set_param("clinic_recall.night_of", "")
        return list(self.env["clinic.recall.cause"]._night())

    def on(self, day):
        """Travel to the morning of a day (seven o'clock in Rome's winter)."""
        return freeze_time(datetime.combine(fields.Date.to_date(day), NOW.time()))

    def recalls(self, rule=None, patient=None):
        return self.Recall.search(
            [
                ("rule_id", "=", (rule or self.rule).id),
                ("patient_id", "=", (patient or self.patient).id),
            ],
            order="id",
        )

    def finish(self, visit):
        with self.during(visit):
            visit.action_arrive()
            visit.action_done()
        self.work_out()
