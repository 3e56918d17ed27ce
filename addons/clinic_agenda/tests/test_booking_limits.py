from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestBookingLimits(AgendaCommon):
    """For whom a service is, who answers for a minor, and which number gets a code."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.typed = {
            "given_name": "Marco",
            "family_name": "Neri",
            "birth_date": "1985-04-12",
            "sex": "male",
            "phone": "+39 333 000 1234",
            "email": "guest@example.com",
            "privacy": "yes",
        }

    def hold(self, hour=8):
        start = fields.Datetime.now().replace(hour=hour, minute=0) + timedelta(days=1)
        visit = self.env["clinic.booking"]._hold(
            self.service.id, start, practitioner_ids=self.anna.ids
        )
        return visit

    def errors(self, visit, **changes):
        booking = self.env["clinic.booking"]
        return booking._check_guest({**self.typed, **changes}, visit)[1]

    def test_sex_and_age_are_asked_before_the_code(self):
        """No man reaches the code of a pregnancy visit, and no child an adult's."""
        visit = self.hold()
        self.service.write({"for_sex": "female", "age_from": 18, "age_to": 50})
        self.assertIn("women only", self.errors(visit)["sex"])
        woman = {"sex": "female", "booker": "Sofia Neri"}
        for born, field in (
            ("1985-04-12", None),
            ("2008-03-04", "birth_date"),
            ("2008-03-03", None),
            ("1975-03-04", None),
            ("1975-03-03", "birth_date"),
        ):
            with self.subTest(born=born):
                found = self.errors(visit, **woman, birth_date=born)
                self.assertEqual([*found], [field] if field else [])

    def test_the_same_limits_hold_at_the_desk_and_on_the_wait_list(self):
        self.service.write({"for_sex": "female", "age_from": 18})
        man = self.make_patient("Neri", "Marco", sex="male", birth_date="1985-04-12")
        child = self.make_patient("Neri", "Lia", sex="female", birth_date="2015-04-12")
        nobody_knows = self.make_patient("Neri", "Luca")
        for patient in (man, child):
            with self.subTest(patient=patient.name):
                with self.assertRaises(ValidationError):
                    self.book(self.tuesday(9), patient_id=patient.id)
                with self.assertRaises(ValidationError):
                    self.env["clinic.wait.list"].create(
                        {"patient_id": patient.id, "service_id": self.service.id}
                    )
        self.book(self.tuesday(9), patient_id=nobody_knows.id)
        visit = self.book(
            self.tuesday(9),
            self.bruno,
            patient_id=man.id,
            overbooked=True,
            overbook_reason="A trans man",
        )
        self.assertEqual(visit.state, "booked")

    def test_limits_hold_for_who_is_put_on_a_held_time(self):
        """Portal and wait list book a hold: the same refusal, and nothing is booked."""
        visit = self.hold()
        self.service.for_sex = "female"
        man = self.make_patient("Neri", "Marco", sex="male")
        with self.assertRaises(ValidationError):
            self.env["clinic.booking"]._book_held(visit, man)
        visit.invalidate_recordset()
        self.assertEqual((visit.state, visit.patient_id.id), ("held", False))

    def test_a_minor_is_booked_by_somebody(self):
        visit = self.hold()
        child = {"birth_date": "2015-04-12"}
        self.assertEqual([*self.errors(visit, **child)], ["booker"])
        booking = self.env["clinic.booking"]
        typed = {**self.typed, **child, "booker": "Sofia Neri"}
        person, errors = booking._check_guest(typed, visit)
        self.assertFalse(errors)
        coverage = self.env["clinic.coverage"].create({"name": "Aurora Assicura"})
        paying = self.hold(9)
        booking._book_guest(
            paying,
            {**person, "card": dict(person["card"], given_name="Ugo")},
            booker="Sofia Neri",
            coverage=coverage.browse(),
            policy_number="AB 12345",
        )
        self.assertFalse(paying.policy_number, "nobody but the patient pays")
        booking._book_guest(
            visit,
            person,
            booker="Sofia Neri",
            coverage=coverage,
            policy_number=" AB 12345 ",
        )
        self.assertEqual(visit.contact_booker, "Sofia Neri")
        self.assertEqual(visit.policy_number, "AB 12345")
        self.assertEqual(visit._contact()["name"], "Sofia Neri")
        self.assertEqual(visit._visitor_name(), "Neri Marco")

    def test_booking_codes_lock_nobody_out(self):
        """S4: whoever asks for booking codes for a number of somebody else uses up
        neither that person's other codes nor everybody's of the day."""
        self.registry_enter_test_mode()
        codes, phone = self.env["clinic.one.time.code"], "+393330001234"
        settings = self.env["ir.config_parameter"]
        settings.set_param("clinic_base.one_time_code_daily_budget", "3")
        for number, purpose in enumerate(("booking:1", "wait:1", "booking:2")):
            self.assertTrue(codes._issue(phone, purpose, f"192.0.2.{number}"))
        self.assertFalse(codes._issue(phone, "booking:3", "192.0.2.9"))
        self.assertFalse(codes._issue("+393330005678", "booking:4", "192.0.2.9"))
        self.assertIn("call us", codes._refusal("+393330005678", "booking:4"))
        for purpose in ("password", "report"):
            self.assertTrue(codes._issue(phone, purpose, "192.0.2.9"))

    def test_numbers_are_read_where_the_visit_is(self):
        """A London mobile stays one, and a landline is refused with words."""
        visit = self.hold()
        booking = self.env["clinic.booking"]
        self.rome.country_id = self.env.ref("base.uk")
        typed = {**self.typed, "phone": "07400 123456"}
        person, errors = booking._check_guest(typed, visit)
        self.assertFalse(errors)
        self.assertEqual(person["phone"], "+447400123456")
        self.assertIn("mobile", self.errors(visit, phone="020 7946 0018")["phone"])
        self.assertIn("mobile", self.errors(visit, phone="+39 06 6982 0000")["phone"])
