from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import NOW, AgendaCommon


@tagged("post_install", "-at_install")
class TestNewBookings(AgendaCommon):
    """The list inside, with what each user has not seen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.clerk, cls.colleague = (
            new_test_user(cls.env, login, "clinic_patient.group_clinic_receptionist")
            for login in ("clerk", "colleague")
        )
        (cls.clerk | cls.colleague).clinic_new_bookings = True

    def count(self, user):
        return self.env["clinic.appointment"].with_user(user).new_booking_count()

    def test_unseen_of_each_user(self):
        """AGD-15: counted for each enabled user, until it is marked as seen."""
        with freeze_time(NOW + timedelta(minutes=1)):
            one = self.book(self.tuesday(9), channel="website")
            held = self.book(
                self.tuesday(10),
                state="held",
                hold_expires_at=NOW + timedelta(hours=1),
                patient_id=False,
            )
            self.book(self.tuesday(11), patient_id=self.patient.id)
        self.assertEqual(self.count(self.clerk), 2)
        self.assertEqual(self.count(self.env.user), 0, "no list, no counter")
        action = one.with_user(self.clerk).action_open_new()
        self.assertEqual(action["res_id"], one.id)
        one.with_user(self.clerk).action_mark_seen()
        self.assertEqual((self.count(self.clerk), self.count(self.colleague)), (1, 2))
        with freeze_time(NOW + timedelta(minutes=2)):
            held.write({"state": "booked", "patient_id": self.patient.id})
            self.assertEqual(held.booked_at, NOW + timedelta(minutes=2))
        self.assertEqual((self.count(self.clerk), self.count(self.colleague)), (2, 3))
        with freeze_time(NOW + timedelta(minutes=3)):
            visits = self.env["clinic.appointment"]
            visits.with_user(self.clerk).action_mark_all_seen()
        self.assertEqual((self.count(self.clerk), self.count(self.colleague)), (0, 3))
        held.action_confirm()
        self.assertEqual(held.booked_at, NOW + timedelta(minutes=2), "booked once")

    def test_own_bookings_and_other_locations_are_not_news(self):
        self.colleague.clinic_location_ids = self.sao_paulo
        with freeze_time(NOW + timedelta(minutes=1)):
            own = self.env["clinic.appointment"].with_user(self.clerk)
            own.create(
                {
                    "patient_id": self.patient.id,
                    "practitioner_id": self.anna.id,
                    "service_id": self.service.id,
                    "location_id": self.rome.id,
                    "start": self.tuesday(9),
                }
            )
        self.assertEqual((self.count(self.clerk), self.count(self.colleague)), (0, 0))

    def test_the_switch(self):
        """Staff turn it on and off for themselves, not for others; nobody else can."""
        me = self.clerk.with_user(self.clerk)
        me.clinic_new_bookings = False
        self.assertFalse(
            self.clerk.has_group("clinic_agenda.group_clinic_new_bookings")
        )
        me.clinic_new_bookings = True
        self.assertTrue(self.clerk.has_group("clinic_agenda.group_clinic_new_bookings"))
        with self.assertRaises(AccessError):
            self.colleague.with_user(self.clerk).clinic_new_bookings = False
        stranger = new_test_user(self.env, "stranger", "base.group_user")
        stranger.with_user(stranger).clinic_new_bookings = True
        self.assertFalse(stranger.has_group("clinic_agenda.group_clinic_new_bookings"))
        menus = self.env["ir.ui.menu"]
        menu = self.env.ref("clinic_agenda.menu_clinic_new_booking")
        self.assertIn(menu.id, menus.with_user(self.clerk)._visible_menu_ids())
        self.assertNotIn(menu.id, menus.with_user(stranger)._visible_menu_ids())
