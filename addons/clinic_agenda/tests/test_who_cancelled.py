from odoo.exceptions import ValidationError
from odoo.service.model import call_kw
from odoo.tests import Form, new_test_user, tagged

from .common import MorningCommon

REASONS = {
    "Patient called": "patient",
    "Patient is ill": "patient",
    "Practitioner is absent": "clinic",
    "Booked by mistake": "clinic",
}


@tagged("post_install", "-at_install")
class TestWhoCancelled(MorningCommon):
    """What the patient did is not written down as the clinic's doing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = new_test_user(
            cls.env, "who_desk", groups="clinic_patient.group_clinic_receptionist"
        )
        cls.visit = cls.book(cls.tuesday(9))

    def by(self):
        """Who cancelled; then the visit stands again."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.visit.state, "cancelled")
        by = self.visit.cancelled_by
        self.visit.action_back_to_booked()
        return by

    def on_sheet(self, reason, **options):
        sheet = self.env["clinic.day.sheet"].with_user(self.desk)
        arguments = [self.visit.id, "cancelled", reason]
        return call_kw(sheet, "set_state", arguments, options)

    def test_on_the_day_sheet(self):
        """The usual reasons know it, whoever calls; what is said counts more."""
        day = self.env["clinic.day.sheet"].get_day("2026-03-03", self.rome.id)
        self.assertEqual(
            {each["words"]: each["by"] for each in day["cancel_reasons"]}, REASONS
        )
        for reason, by in REASONS.items():
            with self.subTest(reason):
                self.on_sheet(reason)
                self.assertEqual(self.by(), by)
        self.on_sheet("Has a cold", by="patient")
        self.assertEqual(self.by(), "patient")
        self.on_sheet("Patient called", by="clinic")
        self.assertEqual(self.by(), "clinic")
        self.on_sheet("Rain in the archive")
        self.assertEqual(self.by(), "clinic")
        with self.assertRaises(ValidationError):
            self.on_sheet("Has a cold", by="nobody")
        self.assertEqual(self.visit.state, "booked")

    def test_on_the_form(self):
        """The wizard asks; the reason answers; nothing is taken for granted."""
        wizards = self.env["clinic.appointment.cancel"].with_user(self.desk)
        wizards = wizards.with_context(default_appointment_id=self.visit.id)
        codes = dict(wizards._list_reasons())
        for code, words in codes.items():
            with self.subTest(code), Form(wizards) as form:
                self.assertFalse(form.cancelled_by)
                form.usual_reason = code
            form.record.action_cancel()
            self.assertEqual(self.visit.cancel_reason, words)
            self.assertEqual(self.by(), REASONS[words])

    def test_a_practitioner_who_is_away(self):
        """From the worklist of visits to settle, it is the clinic who cancels."""
        away = self.env["clinic.disruption"].create(
            {
                "practitioner_id": self.anna.id,
                "date_from": "2026-03-03",
                "date_to": "2026-03-03",
            }
        )
        away.action_begin()
        [action] = [line.action_cancel_visit() for line in away.line_ids]
        wizard = self.env[action["res_model"]].with_context(**action["context"])
        with Form(wizard) as form:
            self.assertEqual(form.cancelled_by, "clinic")
        form.record.action_cancel()
        self.assertEqual(self.by(), "clinic")

    def test_patients_themselves(self):
        self.env["clinic.booking"]._cancel(self.visit, "Travelling")
        self.assertEqual(self.by(), "patient")
        self.visit.write({"state": "cancelled"})
        self.assertEqual(self.by(), "clinic", "who says nothing is the clinic")

    def test_a_visit_that_stands_again_was_cancelled_by_nobody(self):
        """The history knows why; the next cancellation starts from nothing."""
        self.visit._cancel("Patient called")
        self.visit.action_back_to_booked()
        self.assertFalse(self.visit.cancelled_by or self.visit.cancel_reason)
        self.assertIn("Patient called", self.visit.event_ids.mapped("reason"))
        self.visit.write({"state": "cancelled"})
        self.assertFalse(self.visit.cancel_reason)
        self.assertEqual(self.by(), "clinic")
