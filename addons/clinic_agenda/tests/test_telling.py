import random
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.clinic_base.lib.ours import Said

from ..lib.change import Facts, packed, unpacked, what_to_tell
from .test_location_message import LocationCommon

#: What a message of each kind says.
SAYS = {
    "visit_booked": "stands",
    "visit_moved": "stands",
    "visit_cancelled": "cancelled",
    "location_booked": "stands",
    "location_moved": "stands",
    "location_cancelled": "cancelled",
}


@tagged("post_install", "-at_install")
class TestTelling(LocationCommon):
    """Everybody hears what is true in the end, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.patient.email = "maria@example.com"

    def setUp(self):
        super().setUp()
        self.listen()

    def listen(self):
        """Nobody has heard anything yet."""
        self.heard = {"patient": [], "location": []}
        self.codes_heard = []

    def tell(self):
        """The scheduled action writes what is due; nothing has left yet."""
        self.env["clinic.appointment.notice"].search([])._tell()

    def leave(self):
        """What waits is sent, as far as it is still true; remember what it said."""
        messages = self.env["clinic.message"].search(
            [("kind_id.code", "in", list(SAYS)), ("state", "=", "queued")], order="id"
        )
        for message in messages:
            if message._is_obsolete():
                message._suppress("obsolete")
                continue
            visit = self.env["clinic.appointment"].browse(message.res_id)
            code = message.kind_id.code
            says = SAYS[code]
            if says == "stands":
                says = (visit.start, visit.practitioner_id.id)
            audience = "patient" if code.startswith("visit") else "location"
            self.heard[audience].append(says)
            self.codes_heard.append(code)
            message._apply_state("accepted", source="sender")

    def all_told(self):
        self.tell()
        self.leave()

    def new_codes(self):
        self.codes_heard.clear()
        self.all_told()
        return sorted(self.codes_heard)

    def test_a_cancellation_taken_back_after_it_was_told(self):
        """Patient and location hear that the visit stands again, in calendars too."""
        visit = self.book(self.tuesday(9))
        self.assertEqual(self.new_codes(), ["location_booked", "visit_booked"])
        before = visit._calendar_sequence()
        visit._cancel("Wrong line")
        cancelled = visit._calendar_sequence()
        self.assertEqual(self.new_codes(), ["location_cancelled", "visit_cancelled"])
        visit.action_back_to_booked()
        self.assertGreater(visit._calendar_sequence(), cancelled)
        self.assertGreater(cancelled, before)
        self.assertEqual(self.new_codes(), ["location_booked", "visit_booked"])
        self.assertFalse(self.new_codes(), "once")

    def test_taken_back_before_anybody_heard(self):
        """Written but not sent, as in quiet hours: nobody hears of it."""
        visit = self.book(self.tuesday(9))
        self.all_told()
        for undone in (
            lambda: (visit._cancel("Wrong line"), self.tell()),
            lambda: (visit._move(self.tuesday(10)), self.tell()),
        ):
            undone()
            if visit.state == "cancelled":
                visit.action_back_to_booked()
            else:
                visit._move(self.tuesday(9))
            self.assertFalse(self.new_codes())

    def test_moved_twice_and_moved_back(self):
        visit = self.book(self.tuesday(9))
        self.all_told()
        visit._move(self.tuesday(10))
        visit._move(self.tuesday(11))
        self.assertEqual(self.new_codes(), ["location_moved", "visit_moved"])
        self.assertEqual(self.heard["patient"][-1], (visit.start, self.anna.id))
        visit._move(self.tuesday(9))
        self.assertEqual(self.new_codes(), ["location_moved", "visit_moved"])
        visit._move(self.tuesday(9), practitioner=self.bruno)
        visit._move(self.tuesday(9), practitioner=self.anna)
        self.assertFalse(self.new_codes())

    def test_moved_cancelled_and_undone_tells_the_move(self):
        """What waits is replaced by what is true compared with what was told."""
        visit = self.book(self.tuesday(9))
        self.all_told()
        visit._move(self.tuesday(10))
        visit._cancel("Wrong line")
        visit.action_back_to_booked()
        moved = self.told()
        self.assertEqual(moved.kind_id.code, "location_moved")
        was = self.rome._speak_time(self.tuesday(9), "en_US")
        self.assertIn(f"from {was}", moved._text()[1])
        self.assertEqual(self.new_codes(), ["location_moved", "visit_moved"])

    def test_any_sequence_ends_with_the_truth(self):
        """Random lives of a visit: the last thing that anybody heard is true, and
        nobody hears the same twice in a row."""
        for seed in range(60):
            chance = random.Random(seed)
            savepoint = self.env.cr.savepoint()
            self.listen()
            channel = chance.choice(["desk", "portal"])
            visit = self.book(self.tuesday(9), channel=channel).with_context(
                clinic_channel=Said(channel)
            )
            story = [channel]
            for _step in range(chance.randint(2, 9)):
                story.append(self.step(chance, visit))
            self.all_told()
            self.all_told()
            self.check(visit, f"{seed}: {story}")
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def step(self, chance, visit):
        word = chance.choice(["move", "move", "cancel", "undo", "tell", "leave"])
        if word == "move" and visit.state != "cancelled":
            hour = chance.choice([8, 9, 10])
            doctor = chance.choice(self.anna | self.bruno)
            visit._move(self.tuesday(hour), practitioner=doctor)
            return f"{hour} {doctor.id}"
        if word == "cancel" and visit.state != "cancelled":
            visit._cancel("Any reason", by="patient")
        elif word == "undo" and visit.state == "cancelled":
            visit.action_back_to_booked()
        elif word == "tell":
            self.tell()
        elif word == "leave":
            self.leave()
        else:
            return "-"
        return word

    def check(self, visit, story):
        truth = (visit.start, visit.practitioner_id.id)
        for audience, heard in self.heard.items():
            told = f"{story} {audience} heard {heard}"
            for one, next_one in zip(heard, heard[1:], strict=False):
                self.assertNotEqual(one, next_one, told)
            if visit.state != "cancelled":
                self.assertEqual(heard[-1:], [truth], told)
            elif heard:
                self.assertEqual(heard[-1], "cancelled", told)

    def test_what_is_told_by_what_is_known(self):
        """The whole table, without a database."""
        start = datetime(2026, 3, 3, 9)
        stands = Facts("booked", start, start + timedelta(minutes=30), 1, 2)
        moved = stands._replace(start=start + timedelta(hours=1), state="rescheduled")
        other = stands._replace(practitioner=7)
        cancelled = stands._replace(state="cancelled")
        held = stands._replace(state="held")
        confirmed = stands._replace(state="confirmed", room=5)
        for known, now, told in (
            (None, stands, "booked"),
            (None, cancelled, None),
            (None, held, None),
            (held, stands, "booked"),
            (held, cancelled, None),
            (stands, confirmed, None),
            (stands, moved, "moved"),
            (stands, other, "moved"),
            (stands, cancelled, "cancelled"),
            (stands, stands._replace(state="no_show"), None),
            (cancelled, cancelled, None),
            (cancelled, stands, "booked"),
            (cancelled, moved, "booked"),
        ):
            with self.subTest(known=known, now=now):
                self.assertEqual(what_to_tell(known, now), told)
                self.assertEqual(what_to_tell(unpacked(packed(known)), now), told)

    def test_what_is_over_is_forgotten(self):
        visit = self.book(self.tuesday(9))
        self.all_told()
        notices = self.env["clinic.appointment.notice"]
        with freeze_time(self.tuesday(20)):
            notices._gc_over()
        self.assertEqual(notices.search([]).appointment_id, visit)
        with freeze_time(self.tuesday(9) + timedelta(days=2)):
            notices._gc_over()
        self.assertFalse(notices.search([]))
