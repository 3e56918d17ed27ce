from odoo.tests import tagged

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestDemoCompany(AgendaCommon):
    """Demo data beside a company that is there already."""

    def settled(self, **vals):
        """What the demo makes of the company; the websites' first name too."""
        self.env.company.write(vals)
        self.env["clinic.demo"]._settle_company()
        website = self.env["website"].search([], order="id", limit=1)
        return self.env.company.name, self.env.company.currency_id.name, website.name

    def test_a_company_in_use_keeps_its_name_and_currency(self):
        """N2: nobody's company is renamed, its money stays its money."""
        website = self.env["website"].search([], order="id", limit=1).name
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.assertEqual(
            self.settled(name="Villa Salus", currency_id=dollar.id),
            ("Villa Salus", "USD", website),
        )

    def test_a_new_company_becomes_the_demo_clinic(self):
        """A database that was just made shows one clinic, in euros."""
        self.assertEqual(
            self.settled(name="My Company"), ("Aurora Clinic", "EUR", "Aurora Clinic")
        )
