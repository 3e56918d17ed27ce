from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.test_data_rights import (
    BORN,
    FAMILY,
    GIVEN,
    RightsCommon,
)


@tagged("post_install", "-at_install", "slow")
class TestErasePlans(RightsCommon):
    """Treatment plans of a person who is erased, or asks for a copy of the data."""

    def plan(self, patient, title):
        return self.env["clinic.care.plan"].create(
            {"title": title, "patient_id": patient.id}
        )

    def erase(self, patient):
        self.env["clinic.erase"].create(
            {"patient_id": patient.id, "confirmation": patient.family_name}
        ).action_erase()

    def test_the_copy_holds_plans(self):
        """PAT-10, S17: the plan is in the copy that the clinic hands over."""
        zefirina = self.patient(FAMILY, GIVEN)
        self.plan(zefirina, "Zyxwvut")
        kinds, page = self.copy_of(zefirina)
        self.assertIn(("clinic.care.plan", "CarePlan"), kinds)
        self.assertIn("Zyxwvut", page)

    def test_plans_stay_without_the_name(self):
        """PAT-10, S17: the contract stays, and no table knows whose it was."""
        zefirina = self.make_traces()
        plan = self.plan(zefirina, f"Plan for {GIVEN}")
        plan.message_post(body=f"{GIVEN} {FAMILY} thinks about it")
        self.erase(zefirina)
        self.assertEqual(self.places_of(GIVEN, "quaranta"), [])
        self.assertEqual(plan.title, "Plan for [erased]")
        self.assertEqual(plan.patient_id, zefirina)

    def test_short_names_and_numbers(self):
        """A person called Li with card 100 takes no figures or syllables along."""
        patient = self.patient("Li", "Bo", card_number="100", birth_date=BORN)
        plan = self.plan(patient, "Li likes 1000 lilies, card 100")
        self.erase(patient)
        self.assertEqual(plan.title, "[erased] likes 1000 lilies, card [erased]")
