from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_base.tests.common import HootCase


@tagged("post_install", "-at_install", "slow")
class TestRecallTours(HootCase):
    """The desk and the drawing in a browser, with the real clock."""

    def patient(self, name):
        return self.env["res.partner"].create(
            {"is_patient": True, "family_name": name, "given_name": "A"}
        )

    def test_desk(self):
        """RCL-05: a list in order, keys, questionnaire, next try."""
        user = new_test_user(
            self.env,
            "follower",
            groups="clinic_patient.group_clinic_operator",
            tz="UTC",
        )
        now = fields.Datetime.now()
        questionnaire = self.env["clinic.followup.questionnaire"].create(
            {
                "name": "How are you?",
                "question_ids": [(0, 0, {"name": "Pain", "kind": "scale"})],
            }
        )
        asked = {}
        for name, due, vals in (
            ("Overdue", now - timedelta(days=2), {}),
            (
                "Asked",
                now.replace(hour=0, minute=0, second=0),
                {"questionnaire_id": questionnaire.id},
            ),
        ):
            followup = self.env["clinic.followup"].create(
                {
                    "patient_id": self.patient(name).id,
                    "name": name,
                    "owner_id": user.id,
                }
            )
            asked[name] = self.env["clinic.followup.step"].create(
                {"followup_id": followup.id, "name": "Call", "due": due, **vals}
            )
        self.env["clinic.followup.step"]._drain()
        # The missing answer is refused on purpose.
        with mute_logger("odoo.http"):
            self.start_tour(
                "/odoo/follower-desk", "clinic_recall_desk", login="follower"
            )
        self.assertEqual(asked["Asked"].result, "answered")
        self.assertEqual(asked["Asked"].note, "All is well")
        self.assertEqual(asked["Asked"].answer_ids.score, 2)
        self.assertEqual(asked["Overdue"].attempts, 1)

    def test_flow(self):
        """RCL-06: steps are added and taken out in the drawing."""
        user = new_test_user(
            self.env, "drawer", groups="clinic_patient.group_clinic_marketing"
        )
        journey = (
            self.env["clinic.journey"]
            .with_user(user)
            .create({"name": "Drawn", "trigger": "birthday"})
        )
        self.start_tour(
            f"/odoo/journeys/{journey.id}", "clinic_recall_flow", login="drawer"
        )
        self.assertEqual(journey.node_ids.mapped("kind"), ["goal"])
        self.assertEqual(journey.first_id, journey.node_ids)

    def test_models(self):
        """RCL-05, RCL-06: the desk's lines and places of the steps, in the browser."""
        self.run_hoot("@clinic_recall")
