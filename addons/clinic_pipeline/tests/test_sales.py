from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestSales(ClinicPatientCommon):
    """Odoo's sales beside the pipelines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.user("receptionist")

    def test_a_role_takes_nothing_away(self):
        """A seller who becomes receptionist still makes companies, and leads."""
        seller = new_test_user(
            self.env,
            "seller",
            groups="sales_team.group_sale_salesman,"
            "clinic_patient.group_clinic_receptionist",
        )
        company = self.Partner.with_user(seller).create(
            {"name": "New", "is_company": True}
        )
        company.city = "Roma"
        lead = self.env["crm.lead"].with_user(seller).create({"name": "A sale"})
        lead.description = "Big"
        with self.assertRaises(AccessError):
            self.Partner.with_user(self.desk).create({"name": "N", "is_company": True})

    def test_pipelines_are_not_of_sales(self):
        """A sales manager without a role neither sees nor changes them."""
        manager = new_test_user(
            self.env, "sales_manager", groups="sales_team.group_sale_manager"
        )
        team = self.env["crm.team"].search([("pipeline", "=", "appointments")])
        stage = self.env["crm.stage"].search([("pipeline", "!=", False)], limit=1)
        for record in (team, stage):
            mine = record.with_user(manager)
            self.assertFalse(mine.search([("id", "=", record.id)]))
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models.ir_rule"),
            ):
                mine.write({"name": "Mine"})
            own = mine.create({"name": "Mine"})
            own.write({"name": "Ours"})
            own.unlink()
        team.with_user(self.user("manager")).write({"name": "Visits"})
