from datetime import date

from .common import ClinicPatientCommon


class PeopleCommon(ClinicPatientCommon):
    """A patient whom one can reach, a doctor and a receptionist."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.tz = "Europe/Rome"
        cls.doctor = cls.user("practitioner")
        cls.desk = cls.user("receptionist")
        cls.anna = cls.patient(
            email="anna@example.com", phone="333 1234567", birth_date=date(1980, 3, 12)
        )
