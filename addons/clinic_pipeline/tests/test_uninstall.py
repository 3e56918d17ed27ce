from odoo.exceptions import UserError
from odoo.tests import tagged

from .pipeline_common import PipelineCommon


@tagged("post_install", "-at_install")
class TestUninstallDeals(PipelineCommon):
    """The app is not removed from under deals."""

    def test_deals_are_left(self):
        """S17: no uninstalling while there are deals; without, it begins."""
        app = self.env.ref("base.module_clinic_pipeline")
        app = app.with_user(self.env.ref("base.user_admin"))
        deal = self.deal("appointments.new")
        self.env.flush_all()
        with self.assertRaises(UserError) as refusal:
            app.button_uninstall()
        self.assertIn(app.shortdesc, str(refusal.exception))
        self.assertIn("Deals (1)", str(refusal.exception))
        self.assertEqual(app.state, "installed")
        deal.unlink()
        app.button_uninstall()
        self.assertEqual(app.state, "to remove")
