from odoo import Command
from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.test_portal_home import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalPlans(PortalCommon):
    """What a plan asks of the family, on the first page."""

    def test_plan_to_sign(self):
        """PRT-01: a plan that waits for a signature is to do; only for who may sign."""
        plan = self.env["clinic.care.plan"].create(
            {"title": "Braces", "patient_id": self.child.id}
        )
        service = self.env["product.template"].create({"name": "X", "type": "service"})
        plan.line_ids = [Command.create({"service_id": service.id})]
        plan.action_submit()
        plan.action_approve()
        plan.action_present()
        url = f"/my/care-plans/{plan.id}"
        self.assertIn(url, self.url_open("/my").text)
        self.relation.can_sign = False
        self.env.flush_all()
        self.assertNotIn(url, self.url_open("/my").text)
