from unittest.mock import patch

from odoo import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_agenda.tests import test_access_matrix as matrix

PLAN = ("clinic_pipeline", "clinic_care_plan")


class PlanMatrix(matrix.MatrixCommon):
    """The matrix of the agenda over the models and routes of pipelines and plans."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(matrix, "CLINIC_MODULES", PLAN))
        cls.plan = cls.env["clinic.care.plan"].create(
            {
                "title": f"{matrix.MARKER} crowns",
                "patient_id": cls.victim.id,
                "stage_ids": [Command.create({"name": f"{matrix.MARKER} first"})],
            }
        )
        cls.plan.line_ids = [
            Command.create(
                {"service_id": cls.service.id, "stage_id": cls.plan.stage_ids.id}
            )
        ]
        cls.plan.instalment_ids = [
            Command.create({"amount": cls.plan.amount_total, "due_date": "2026-03-10"})
        ]
        cls.plan.action_submit()
        cls.plan.action_approve()
        cls.plan.action_present()
        cls.victim._contacted("call", f"{matrix.MARKER} asks")
        cls.env["clinic.pipeline.cause"]._drain()
        cls.deal = cls.plan.patient_id.deal_ids.filtered("care_plan_id")
        assert cls.deal.care_plan_id == cls.plan, "its deal"
        # What waits to move deals is somebody's, too.
        cls.victim._contacted("call", f"{matrix.MARKER} asks again")
        cls.roots |= {"clinic.care.plan": cls.plan, "crm.lead": cls.deal}
        cls.numbers |= {
            "plan_id": cls.plan,
            "instalment_id": cls.plan.instalment_ids,
        }
        cls.env.flush_all()


@tagged("post_install", "-at_install")
class TestPlanModels(PlanMatrix):
    """Model × persona, generated from the registry."""

    def test_strangers_see_no_record_of_another_patient(self):
        """S1: every model of pipelines and plans."""
        matrix.TestModelMatrix.test_strangers_see_no_record_of_another_patient(self)
        for name in (
            "clinic.care.plan.line",
            "clinic.care.plan.instalment",
            "clinic.pipeline.entry",
            "clinic.pipeline.cause",
        ):
            self.assertTrue(self.records_of_victim(name), name)

    def test_strangers_see_no_deal(self):
        """S1: deals are kept in Odoo's model, which belongs to no clinic addon."""
        for persona in (*matrix.STRANGERS, "no_role"):
            with self.subTest(persona):
                deals = self.env["crm.lead"].with_user(self.personas[persona])
                self.assertFalse(
                    deals.has_access("read")
                    and deals.search([("id", "=", self.deal.id)])
                )


@tagged("post_install", "-at_install")
class TestPlanMethods(PlanMatrix):
    """Every public method, called by portal users over RPC."""

    methods_of = matrix.TestMethodMatrix.methods_of
    all_models = matrix.TestMethodMatrix.all_models
    call = matrix.TestMethodMatrix.call
    records_or_victim = matrix.TestMethodMatrix.records_or_victim
    plausible = matrix.TestMethodMatrix.plausible
    fingerprint = matrix.TestMethodMatrix.fingerprint

    def facts(self):
        """What strangers might have changed of the plan and the deal."""
        self.env.invalidate_all()
        return (
            self.plan.read(["state", "amount_total", "write_date"]),
            self.plan.instalment_ids.read(["paid_on", "amount"]),
            self.deal.read(["stage_id", "active", "user_id", "write_date"]),
        )

    def test_portal_users_get_nothing_from_any_public_method(self):
        """S2: the answer holds nothing of the victim and nothing changes."""
        before = self.facts()
        test = matrix.TestMethodMatrix
        test.test_portal_users_get_nothing_from_any_public_method(self)
        self.assertEqual(self.facts(), before)


@tagged("post_install", "-at_install")
class TestPlanRoutes(PlanMatrix, HttpCase):
    """Route × persona, generated from the URL map."""

    clinic_rules = matrix.TestRouteMatrix.clinic_rules
    fill = matrix.TestRouteMatrix.fill

    def test_no_route_shows_the_victim_to_strangers(self):
        """S1: all routes, GET with the victim's ids."""
        matrix.TestRouteMatrix.test_no_route_shows_the_victim_to_strangers(self)
