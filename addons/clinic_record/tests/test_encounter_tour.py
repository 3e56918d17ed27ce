from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_agenda.tests.test_day_sheet_tour import DaySheetTourCommon


@tagged("post_install", "-at_install", "slow")
class TestEncounterTour(DaySheetTourCommon):
    """The encounter of a visit, from the day sheet."""

    def test_from_the_day_sheet(self):
        """PAT-16: a practitioner opens the encounter of a visit in two clicks."""
        doctor = new_test_user(
            self.env,
            login="tour_doctor",
            groups="clinic_patient.group_clinic_practitioner",
        )
        offer = self.env["clinic.offer"].search(
            [("location_id", "=", self.location.id)], limit=1
        )
        offer.practitioner_id.user_id = doctor
        patient = self.env["res.partner"].create(
            {"family_name": "Neri", "given_name": "Ugo", "is_patient": True}
        )
        visit = self.env["clinic.appointment"].create(
            {
                "patient_id": patient.id,
                "practitioner_id": offer.practitioner_id.id,
                "service_id": offer.service_id.id,
                "location_id": self.location.id,
                "start": self.utc(10),
                "patient_note": "My heart stumbles",
            }
        )
        self.start_tour("/odoo/day-sheet", "clinic_encounter_tour", login="tour_doctor")
        encounter = self.env["clinic.encounter"].search(
            [("appointment_id", "=", visit.id)]
        )
        self.assertEqual(encounter.practitioner_id, doctor)
