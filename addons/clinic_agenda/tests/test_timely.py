from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_base.lib.ours import OURS
from odoo.addons.clinic_patient.tests.common import group_of

from .common import AgendaCommon

HERE = ("arrived", "in_room", "done", "closed")


@tagged("post_install", "-at_install")
class TestTimely(AgendaCommon):
    """No state before its time, whichever way it is written."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.desk, cls.manager, cls.chief = (
            new_test_user(cls.env, f"timely_{role}", groups=group_of(role))
            for role in ("receptionist", "manager", "chief_doctor")
        )
        cls.friday = cls.book(datetime(2026, 3, 6, 9))
        cls.env.flush_all()

    def ways(self, visit, state, user):
        """Every way in which a user can write a state."""
        visit = visit.with_user(user)
        button = {"no_show": "no_show", "arrived": "arrive", "done": "done"}[state]
        yield "button", visit, f"action_{button}", [visit.ids]
        yield "write", visit, "write", [visit.ids, {"state": state}]
        yield "web_save", visit, "web_save", [visit.ids, {"state": state}, {}]
        sheet = self.env["clinic.day.sheet"].with_user(user)
        yield "sheet", sheet, "set_state", [visit.id, state]

    def attack(self, visit, state, user, error):
        for name, model, method, arguments in self.ways(visit, state, user):
            with self.subTest(name, state=state), self.assertRaises(error):
                call_kw(model, method, arguments, {})
        self.env.invalidate_all()

    def test_nobody_arrives_on_tuesday_for_friday(self):
        self.friday.action_confirm()
        with freeze_time(self.tuesday(10)):
            for state in ("arrived", "no_show"):
                self.attack(self.friday, state, self.desk, UserError)
            with self.assertRaises(UserError):
                self.friday.sudo().state = "arrived"
            self.assertFalse(self.friday.is_day_reached)
        self.assertEqual(self.friday.state, "confirmed")

    def test_a_reason_and_a_right(self):
        """Manager and chief doctor may go ahead, with a reason that stays."""
        for user in (self.manager, self.chief):
            with self.assertRaises(ValidationError):
                self.friday.with_user(user).action_arrive()
        sheet = self.env["clinic.day.sheet"]
        reason = "Came four days early"
        with self.assertRaises(UserError):
            call_kw(
                sheet.with_user(self.desk),
                "set_state",
                [self.friday.id, "arrived", reason],
                {"context": {"clinic_reason": reason}},
            )
        for state in ("arrived", "done"):
            with self.assertRaises(ValidationError):
                sheet.with_user(self.manager).set_state(self.friday.id, state, "  ")
            sheet.with_user(self.manager).set_state(self.friday.id, state, reason)
            event = self.friday.event_ids.sorted("id")[-1]
            self.assertEqual(
                (event.new_state, event.reason, event.user_id),
                (state, reason, self.manager),
            )
        self.friday.with_user(self.desk).action_in_room()
        self.assertEqual(self.friday.state, "in_room", "a step back corrects")

    def test_nobody_is_missing_before_the_hour(self):
        """Not even a manager with a reason says so; from the start on anybody may."""
        with freeze_time(self.friday.start - timedelta(seconds=1)):
            self.attack(self.friday, "no_show", self.manager, UserError)
            self.assertTrue(self.friday.is_day_reached)
            self.assertFalse(self.friday.is_hour_reached)
        with freeze_time(self.friday.start):
            self.friday.invalidate_recordset()
            self.assertTrue(self.friday.is_hour_reached)
            self.friday.with_user(self.desk).action_no_show()
        self.assertEqual(self.friday.state, "no_show")

    def test_the_day_is_that_of_the_location(self):
        """Around both changes of the clock, in zones before and behind UTC."""
        Visit = self.env["clinic.appointment"]
        for location, day, midnight in (
            (self.rome, datetime(2026, 3, 29), datetime(2026, 3, 28, 23)),
            (self.rome, datetime(2026, 3, 30), datetime(2026, 3, 29, 22)),
            (self.rome, datetime(2026, 10, 25), datetime(2026, 10, 24, 22)),
            (self.rome, datetime(2026, 10, 26), datetime(2026, 10, 25, 23)),
            (self.sao_paulo, datetime(2026, 3, 3), datetime(2026, 3, 3, 3)),
        ):
            start = day + timedelta(hours=14)
            with self.subTest(location.name, day=day):
                with freeze_time(midnight - timedelta(seconds=1)):
                    self.assertFalse(Visit._is_timely("arrived", start, location))
                with freeze_time(midnight):
                    self.assertTrue(Visit._is_timely("arrived", start, location))

    def test_a_time_does_not_leave_its_state_behind(self):
        """Who is here is not moved to a later day, nor a new visit begun in the end."""
        with self.during(self.friday):
            self.friday.action_arrive()
            later = datetime(2026, 3, 9, 9)
            with self.assertRaises(UserError):
                self.friday.with_user(self.desk).write(
                    {"start": later, "stop": later + timedelta(minutes=30)}
                )
        for state in (*HERE, "no_show"):
            with self.assertRaises(UserError):
                self.book(self.tuesday(11), state=state)

    def test_history_is_entered_as_it_was(self):
        """With the suite's own mark only; a context over RPC opens nothing."""
        with self.assertRaises(UserError):
            call_kw(
                self.friday.with_user(self.desk),
                "write",
                [self.friday.ids, {"state": "arrived"}],
                {"context": {"clinic_history": True}},
            )
        self.friday.sudo().with_context(clinic_history=OURS).state = "no_show"
        self.assertEqual(self.friday.state, "no_show")
