from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.test_data_rights import (
    FAMILY,
    GIVEN,
    RightsCommon,
)


@tagged("post_install", "-at_install", "slow")
class TestEraseDeals(RightsCommon):
    """Deals of a person who is erased, or asks for a copy of the data."""

    def test_the_copy_holds_deals(self):
        """PAT-10, S17: deals and what was written on them; not what waits to move."""
        zefirina = self.patient(FAMILY, GIVEN)
        zefirina._contacted("call", "Zyxwvut")
        self.env["clinic.pipeline.cause"]._drain()
        self.env["crm.lead"]._open_deals(zefirina).message_post(body="Told Zefirina")
        zefirina._contacted("call", "Tsrqpon")
        kinds, page = self.copy_of(zefirina)
        self.assertIn(("crm.lead", "Task"), kinds)
        self.assertNotIn("clinic.pipeline.cause", dict(kinds))
        self.assertIn("Told Zefirina", page)
        self.assertNotIn("Tsrqpon", page)

    def test_deals_stay_without_the_name(self):
        """PAT-10, S17: what was settled stays, and no table knows whose it was."""
        zefirina = self.make_traces()
        deal = self.env["crm.lead"].create(
            {
                "name": f"Deal of {FAMILY}",
                "patient_id": zefirina.id,
                "team_id": self.env["crm.team"].search([("pipeline", "=", "base")]).id,
            }
        )
        deal.message_post(body=f"Told {GIVEN} Quarantotti to come")
        zefirina._contacted("call", f"{GIVEN} wants to come")
        self.assertIn("crm_lead", {table for table, *_rest in self.places_of(FAMILY)})
        self.env["clinic.erase"].create(
            {"patient_id": zefirina.id, "confirmation": FAMILY}
        ).action_erase()
        self.assertEqual(self.places_of(GIVEN, "quaranta"), [])
        self.assertEqual(deal.patient_id, zefirina)
        self.assertFalse(
            self.env["clinic.pipeline.cause"].search([("patient_id", "=", zefirina.id)])
        )
