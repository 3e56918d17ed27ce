from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_care_plan import CarePlanCommon


@tagged("post_install", "-at_install")
class TestUninstallPlans(CarePlanCommon):
    """The app is not removed from under plans, nor is one that it stands on."""

    def test_plans_are_left(self):
        """S17: plans keep their app and the one below, and the words name the app."""
        self.draft()
        self.env.flush_all()
        for name in ("clinic_care_plan", "clinic_pipeline", "payment"):
            app = self.env.ref(f"base.module_{name}")
            with self.subTest(name), self.assertRaises(UserError) as refusal:
                app.with_user(self.env.ref("base.user_admin")).button_uninstall()
            self.assertIn("Clinic: Treatment plans", str(refusal.exception))
            self.assertEqual(app.state, "installed")
