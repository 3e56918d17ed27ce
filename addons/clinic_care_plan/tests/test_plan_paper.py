from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.test_papers import PapersCommon


@tagged("post_install", "-at_install")
class TestPlanPaper(PapersCommon):
    """The paper of a treatment plan."""

    def test_treatment_plan(self):
        """A plan of sixty services."""
        service = self.env["product.template"].create(
            {"name": "Зубной имплантат", "type": "service", "list_price": 900}
        )
        plan = self.env["clinic.care.plan"].create(
            {
                "title": "Implant",
                "patient_id": self.anna.id,
                "line_ids": [(0, 0, {"service_id": service.id})] * 60,
            }
        )
        pages = self.pages("clinic_care_plan.report_care_plan", plan)
        self.check(pages, "Çağlar", "Анна", "Зубной имплантат")
        self.assertEqual("".join(pages).count("Total"), 1)
