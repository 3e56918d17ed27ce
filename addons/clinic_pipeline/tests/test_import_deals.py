from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.import_common import ImportCommon

HEADERS = ("Cognome", "Nome")


@tagged("post_install", "-at_install")
class TestImportDeals(ImportCommon):
    """Patients who came before there were deals."""

    def test_deals_are_opened_when_asked_for(self):
        """A tick puts the new patients into Patient Base; without it there are none."""
        for asked, pipelines in ((1, ["base"]), (0, [])):
            job = self.imported([HEADERS, (f"Rossi{asked}", "Luca")], open_deals=asked)
            deals = self.env["crm.lead"].search(
                [("patient_id", "=", job.row_ids.partner_id.id)]
            )
            self.assertEqual(deals.mapped("pipeline"), pipelines)
