from odoo.exceptions import RedirectWarning, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_pipeline.tests.pipeline_common import PipelineCommon
from odoo.addons.clinic_pipeline.tests.test_deal_facts import DESK, FactsCommon

ROLE = "clinic_patient.group_clinic_coordinator"


@tagged("post_install", "-at_install")
class TestDealsAgainstPlans(FactsCommon):
    """What a stage of the coordinators says of a plan has happened."""

    def by_hand(self, deal, key, **vals):
        receptionist = self.env["res.users"].search([("login", "=", "desk")])
        receptionist = receptionist or new_test_user(self.env, "desk", groups=DESK)
        stage = self.stage(key)
        deal.with_user(receptionist).write({"stage_id": stage.id, **vals})

    def test_a_plan_behind_it(self):
        """CRM-06: a plan is drafted, approved and signed, not a card dragged."""
        deal = self.deal("coordinators.taken", user_id=False)
        for key in ("drafted", "approved", "presented", "consent", "contract"):
            with self.assertRaisesRegex(RedirectWarning, "no treatment plan"):
                self.by_hand(deal, f"coordinators.{key}")
        plan = self.env["clinic.care.plan"].create(
            {"title": "Crown", "patient_id": self.patient.id}
        )
        self.by_hand(deal, "coordinators.drafted")
        with self.assertRaisesRegex(RedirectWarning, "no treatment plan"):
            self.by_hand(deal, "coordinators.approved")
        self.assertTrue(plan)


@tagged("post_install", "-at_install")
class TestDealOwnerOfPlans(PipelineCommon):
    """Deals of the coordinators belong to who may read plans."""

    def setUp(self):
        super().setUp()
        self.bob = self.user("coordinator")
        others = self.env.ref(ROLE).all_user_ids - self.bob
        others.group_ids -= self.env.ref(ROLE)

    def coordinator(self, login, **vals):
        return new_test_user(self.env, login, groups=ROLE, **vals)

    def test_never_to_who_cannot_read_plans(self):
        """CRM-06: not by hand either; a plan of who left moves the deal alone."""
        deal = self.deal("coordinators.taken", user_id=self.bob.id)
        for roles in (["marketing"], ["operator"], []):
            with self.assertRaises(ValidationError, msg=roles):
                deal.with_user(self.bob).user_id = self.user(*roles)
        cleo = self.coordinator("cleo")
        plan = self.env["clinic.care.plan"].create(
            {
                "title": "Two crowns",
                "patient_id": deal.patient_id.id,
                "responsible_id": cleo.id,
            }
        )
        cleo.active = False
        self.drain()
        self.assertEqual(deal.stage_id.pipeline_key, "coordinators.drafted")
        self.assertEqual(deal.user_id, self.bob)
        self.assertTrue(plan)

    def test_a_new_patient_of_a_plan_is_made_on_the_card(self):
        """PAT-01: "Create and edit" of a plan's patient opens the card."""
        card = self.env.ref("clinic_patient.res_partner_view_form_patient")
        plans = self.env["clinic.care.plan"].with_user(self.bob)
        fields = plans.get_views([(False, "form")])["models"][plans._name]["fields"]
        partners = self.Partner.with_user(self.bob)
        partners = partners.with_context(**fields["patient_id"]["context"])
        opened = partners.get_views([(False, "form")])["views"]["form"]
        self.assertEqual(opened["id"], card.id)
