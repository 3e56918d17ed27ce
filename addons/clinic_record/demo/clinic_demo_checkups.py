from datetime import timedelta

from odoo import fields, models


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    def _make_check_ups(self):
        """A firm's check-up of spring that is over, and one that begins."""
        firm = self.env["res.partner"].create(
            {
                "name": "Officine Meridiana S.p.A.",
                "is_company": True,
                "is_client_firm": True,
                "city": "Roma",
            }
        )
        today = fields.Date.today()
        old, new = self.env["clinic.checkup.campaign"].create(
            [
                {
                    "name": "Check-up of the workshop",
                    "firm_id": firm.id,
                    "date_start": today - timedelta(days=28),
                    "date_end": today - timedelta(days=20),
                    "state": "done",
                },
                {
                    "name": "Check-up of the office",
                    "firm_id": firm.id,
                    "date_start": today,
                    "state": "running",
                },
            ]
        )
        visits = self.env["clinic.appointment"].search(
            [("state", "in", ("done", "closed")), ("patient_id.clinic_age", ">", 20)],
            order="start desc",
            limit=60,
        )
        # Some come again, some have a visit ahead only, most have not come yet.
        later = self.env["clinic.appointment"].search(
            [("state", "=", "booked"), ("patient_id.clinic_age", ">", 20)],
            order="start desc",
            limit=90,
        )
        patients = visits.patient_id[:12] + (later.patient_id - visits.patient_id)
        people = self.env["clinic.checkup.person"].create(
            [
                {
                    "campaign_id": old.id,
                    "patient_id": patient.id,
                    "examined_on": today - timedelta(days=28 - number % 8),
                }
                for number, patient in enumerate(patients[:32])
            ]
            + [
                {"campaign_id": new.id, "patient_id": patient.id}
                for patient in patients[32:48]
            ]
        )
        found = self.env["clinic.condition"].search(
            [("code", "in", ("I10", "E78", "M54.5", "E66"))]
        )
        self.env["clinic.checkup.finding"].create(
            [
                {
                    "person_id": person.id,
                    "condition_id": found[number % len(found)].id,
                }
                for number, person in enumerate(people[:24])
                if number % 4 != 3 or number < 20
            ]
        )
