from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_agenda.tests import test_access_matrix as matrix

RECALL = ("clinic_recall",)


class RecallMatrix(matrix.MatrixCommon):
    """The matrix of the agenda over the models and routes of this addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(matrix, "CLINIC_MODULES", RECALL))
        plan = cls.env["clinic.followup.plan"].create(
            {
                "name": f"{matrix.MARKER} plan",
                "step_ids": [(0, 0, {"name": f"{matrix.MARKER} step", "day": 1})],
            }
        )
        cls.followup = cls.env["clinic.followup"].create(
            {"patient_id": cls.victim.id, "plan_id": plan.id}
        )
        step = cls.followup.step_ids
        step.questionnaire_id = cls.env["clinic.followup.questionnaire"].create(
            {
                "name": f"{matrix.MARKER} asks",
                "question_ids": [
                    (0, 0, {"name": "Words", "kind": "text", "required": True})
                ],
            }
        )
        question = step.questionnaire_id.question_ids
        cls.env["clinic.followup.answer"]._record(
            step, {question.id: f"{matrix.MARKER} answers"}, "link"
        )
        journey = cls.env["clinic.journey"].create(
            {"name": f"{matrix.MARKER} trip", "trigger": "birthday"}
        )
        node = journey.insert_node("wait")
        cls.env["clinic.journey.entry"].create(
            {
                "journey_id": journey.id,
                "patient_id": cls.victim.id,
                "cause_key": "test",
                "node_id": node,
            }
        )
        cls.env.flush_all()


@tagged("post_install", "-at_install")
class TestRecallModels(RecallMatrix):
    """Model × persona, generated from the registry."""

    def test_strangers_see_no_record_of_another_patient(self):
        """S1: every model of recalls, follow-ups and journeys."""
        matrix.TestModelMatrix.test_strangers_see_no_record_of_another_patient(self)


@tagged("post_install", "-at_install")
class TestRecallMethods(RecallMatrix):
    """Every public method, called by portal users over RPC."""

    methods_of = matrix.TestMethodMatrix.methods_of
    all_models = matrix.TestMethodMatrix.all_models
    call = matrix.TestMethodMatrix.call
    records_or_victim = matrix.TestMethodMatrix.records_or_victim
    plausible = matrix.TestMethodMatrix.plausible
    fingerprint = matrix.TestMethodMatrix.fingerprint

    def test_portal_users_get_nothing_from_any_public_method(self):
        """S2: the answer holds nothing of the victim and nothing changes."""
        test = matrix.TestMethodMatrix
        test.test_portal_users_get_nothing_from_any_public_method(self)
        self.env.invalidate_all()
        self.assertEqual(self.followup.state, "active")


@tagged("post_install", "-at_install")
class TestRecallRoutes(RecallMatrix, HttpCase):
    """Route × persona, generated from the URL map."""

    clinic_rules = matrix.TestRouteMatrix.clinic_rules
    fill = matrix.TestRouteMatrix.fill

    def test_no_route_shows_the_victim_to_strangers(self):
        """S1: all routes, GET with guessed tokens."""
        matrix.TestRouteMatrix.test_no_route_shows_the_victim_to_strangers(self)
