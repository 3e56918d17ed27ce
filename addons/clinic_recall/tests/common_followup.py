from datetime import timedelta

from odoo import fields

from odoo.addons.clinic_agenda.tests.common import AgendaCommon


class FollowupCommon(AgendaCommon):
    """A plan of three steps, and a clinic whose clock the tests move."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Followup = cls.env["clinic.followup"]
        cls.Step = cls.env["clinic.followup.step"]
        cls.open_week(cls.anna)
        cls.questionnaire = cls.env["clinic.followup.questionnaire"].create(
            {
                "name": "How are you?",
                "question_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Pain",
                            "kind": "scale",
                            "alert_when": "at_least",
                            "alert_at": 7,
                        },
                    ),
                    (
                        0,
                        0,
                        {
                            "name": "Wound",
                            "kind": "choice",
                            "choice_ids": [
                                (0, 0, {"name": "Dry"}),
                                (0, 0, {"name": "Open", "score": 5, "is_alert": True}),
                            ],
                        },
                    ),
                    (0, 0, {"name": "Words", "kind": "text", "required": False}),
                ],
            }
        )
        cls.plan = cls.make_plan("After the operation", days=(1, 10, 28))

    @classmethod
    def make_plan(cls, name, days, **vals):
        """A plan with a call on each of the days, at ten."""
        return cls.env["clinic.followup.plan"].create(
            {
                "name": name,
                "step_ids": [
                    (0, 0, {"name": f"Call on day {day}", "day": day, "kind": "call"})
                    for day in days
                ],
                **vals,
            }
        )

    @classmethod
    def follow(cls, patient=None, plan=None, **vals):
        """Begin a follow-up by hand."""
        return cls.Followup.create(
            {
                "patient_id": (patient or cls.patient).id,
                "plan_id": (plan or cls.plan).id,
                "location_id": cls.rome.id,
                **vals,
            }
        )

    def run_steps(self):
        """What the scheduled action does, without its commits."""
        while self.Step._drain(limit=50)[0]:
            pass

    def later(self, **delta):
        """Now and a while."""
        return fields.Datetime.now() + timedelta(**delta)
