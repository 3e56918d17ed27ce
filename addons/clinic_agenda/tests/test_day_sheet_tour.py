from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged


class DaySheetTourCommon(HttpCase):
    """The browser has the real clock, so this clinic opens tomorrow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env = cls.env
        cls.env.company.currency_id = env.ref("base.EUR")
        cls.location = env["clinic.location"].create(
            {
                "name": "Rome",
                "tz": "Europe/Rome",
                "sequence": -10,
                "country_id": env.ref("base.it").id,
            }
        )
        cls.zone = ZoneInfo("Europe/Rome")
        now = fields.Datetime.now()
        cls.tomorrow = cls.location._local_time(now).date() + timedelta(days=1)
        specialty = env["clinic.specialty"].create({"name": "Cardiology"})
        service = env["product.template"].create(
            {
                "name": "Cardiology visit",
                "type": "service",
                "is_healthcare_service": True,
                "specialty_id": specialty.id,
                "list_price": 100.0,
            }
        )
        practitioners = env["clinic.practitioner"].create(
            [
                {"name": name, "specialty_ids": [(4, specialty.id)]}
                for name in ("Anna Bianchi", "Bruno Conti")
            ]
        )
        for practitioner in practitioners:
            env["clinic.offer"].create(
                {
                    "practitioner_id": practitioner.id,
                    "service_id": service.id,
                    "location_id": cls.location.id,
                }
            )
            env["clinic.schedule.exception"].create(
                {
                    "name": "Open day",
                    "kind": "extra",
                    "practitioner_id": practitioner.id,
                    "location_id": cls.location.id,
                    "date_from": cls.tomorrow,
                    "date_to": cls.tomorrow,
                    "all_day": False,
                    "hour_from": 9,
                    "hour_to": 13,
                }
            )
        cls.receptionist = new_test_user(
            env,
            login="tour_receptionist",
            groups="clinic_patient.group_clinic_receptionist",
        )

    def utc(self, hour):
        """The instant of an hour of tomorrow at the location."""
        local = datetime.combine(self.tomorrow, time(hour), self.zone)
        return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


@tagged("post_install", "-at_install", "slow")
class TestDaySheetTour(DaySheetTourCommon):
    """The desk at work, in a browser."""

    def test_receptionist_books_drags_undoes_and_checks_in(self):
        """AGD-03 A receptionist books by click with a new card, drags the visit to
        another practitioner, takes that back and checks the patient in."""
        self.start_tour(
            "/odoo/day-sheet", "clinic_day_sheet_tour", login="tour_receptionist"
        )
        visit = self.env["clinic.appointment"].search(
            [("location_id", "=", self.location.id)]
        )
        self.assertEqual(len(visit), 1)
        self.assertEqual(visit.patient_id.name, "Neri Ugo")
        self.assertEqual(visit.practitioner_id.name, "Anna Bianchi")
        self.assertEqual(visit.start, self.utc(10))
        self.assertEqual(visit.state, "confirmed")
        self.assertEqual(
            visit.event_ids.mapped("kind"), ["created", "moved", "moved", "state"]
        )
        self.assertEqual(visit.event_ids.user_id, self.receptionist)
