from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import NOW
from .test_wait_list import WaitCommon


@tagged("post_install", "-at_install")
class TestWaitListSeen(WaitCommon):
    """Where the wait list is looked at: day sheet, card, the practitioner's view."""

    def sheet(self, user=None):
        sheet = self.env["clinic.day.sheet"].with_user(user or self.env.user)
        return sheet.get_day("2026-03-03", self.rome.id)

    def test_day_sheet_counts_who_fits(self):
        """The day sheet says how many wait for a time that the day could give."""
        fits = self.wait(self.first, location_ids=[(6, 0, self.rome.ids)])
        self.wait(self.second, tuesday=False)
        self.wait(self.third, location_ids=[(6, 0, self.sao_paulo.ids)])
        soon = self.make_patient("Waiter", "Eva")
        visit = self.book(NOW + timedelta(hours=4), patient_id=soon.id)
        self.wait(soon, appointment_id=visit.id)
        self.assertEqual(self.sheet()["waiting"], 1)
        action = self.env["clinic.day.sheet"].action_waiting("2026-03-03", self.rome.id)
        self.assertEqual(self.env["clinic.wait.list"].search(action["domain"]), fits)

    def test_practitioner_sees_the_own_and_changes_nothing(self):
        user = new_test_user(
            self.env, "doctor", "clinic_patient.group_clinic_practitioner"
        )
        self.anna.user_id = user
        own = self.wait(self.first, practitioner_ids=[(6, 0, self.anna.ids)])
        self.wait(self.second, practitioner_ids=[(6, 0, self.bruno.ids)])
        self.wait(self.third)
        entries = self.env["clinic.wait.list"].with_user(user)
        self.assertEqual(entries.search([]), own)
        for change in (
            lambda: own.with_user(user).write({"note": "x"}),
            lambda: entries.create(
                {"patient_id": self.third.id, "service_id": self.service.id}
            ),
            lambda: own.with_user(user).unlink(),
        ):
            with self.assertRaises(AccessError):
                change()
        with self.assertRaises(AccessError):
            own.with_user(user).action_withdraw()
        self.assertEqual(own.state, "waiting")

    def test_on_the_timeline(self):
        entry = self.wait(self.first, hour_to=13)
        kinds = {kind.name: kind for kind in self.first._timeline_kinds()}
        [described] = self.first._describe_wait_list(entry.ids).values()
        self.assertIn("in the morning", described["text"])
        self.assertIn("wait_list", kinds)
