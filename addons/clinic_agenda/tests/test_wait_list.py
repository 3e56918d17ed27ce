from datetime import timedelta

from freezegun import freeze_time
from lxml import html
from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.common import group_of

from ..models.clinic_appointment_allocation import SlotTaken
from .common import MORNING, NOW, MorningCommon


class WaitCommon(MorningCommon):
    """Two practitioners with hours, and three patients who can be written to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = (
            cls.make_patient("Waiter", name, email=f"{name.lower()}@example.com")
            for name in ("Ada", "Bea", "Cleo")
        )

    def wait(self, patient, **vals):
        return self.env["clinic.wait.list"].create(
            {"patient_id": patient.id, "service_id": self.service.id, **vals}
        )

    def run_offers(self):
        """What the scheduled action does, without its commits."""
        self.env["clinic.wait.list"]._expire()
        self.env["clinic.wait.offer"]._expire()
        for freed in self.env["clinic.wait.freed"].search(
            [("due", "<=", fields.Datetime.now())]
        ):
            freed._offer()

    def free(self, start=None, **vals):
        """A visit of somebody else is cancelled, and its time is offered."""
        visit = self.book(start or self.tuesday(9), **vals)
        visit._cancel("Ill")
        self.env["clinic.wait.freed"].search([]).due = fields.Datetime.now()
        self.run_offers()
        return visit

    def offers(self, *entries):
        return self.env["clinic.wait.offer"].search(
            [("wait_id", "in", [entry.id for entry in entries])], order="id"
        )

    def messages(self, kind_code, patient):
        return self.env["clinic.message"].search(
            [("kind_id.code", "=", kind_code), ("patient_id", "=", patient.id)]
        )


@tagged("post_install", "-at_install")
class TestWaitList(WaitCommon):
    """Times that become free are offered to those who wait for them."""

    def test_freed_time_is_offered_in_turn_and_booked(self):
        """AGD-11: cancelled, offered to the most urgent, then longest waiting; booked
        by one answer; the rest wait on."""
        late, urgent = self.wait(self.first), self.wait(self.second, priority="2")
        self.free()
        self.assertEqual((late | urgent).mapped("state"), ["waiting", "offered"])
        offer = self.offers(urgent)
        self.assertEqual((offer.start, offer.hold_id.state), (self.tuesday(9), "held"))
        message = self.messages("waitlist_offer", self.second)
        self.assertEqual(message.expires_at, offer.expires_at)
        text = message._text()[1]
        self.assertIn(self.rome._speak_time(offer.start, message.lang), text)
        self.assertIn("/clinic/wait/", text)
        with self.assertRaises(SlotTaken):
            self.book(self.tuesday(9))
        visit = offer._accept(self.second)
        self.assertEqual((visit.state, visit.patient_id), ("booked", self.second))
        self.assertEqual((urgent.state, urgent.booked_id), ("booked", visit))
        self.assertEqual(offer._accept(self.second), visit, "a repeat is harmless")
        self.assertEqual(late.state, "waiting")

    def test_next_in_turn_after_no_answer_and_after_no(self):
        """AGD-11: no answer in time, or a no: the next one is asked, nobody twice."""
        entries = [self.wait(each) for each in (self.first, self.second, self.third)]
        self.free()
        with freeze_time(MORNING + timedelta(minutes=31)):
            self.run_offers()
            self.assertEqual(self.offers(entries[0]).state, "expired")
            self.assertEqual(entries[0].state, "waiting")
            self.offers(entries[1])._decline()
            self.run_offers()
            self.assertEqual(entries[2].state, "offered")
            self.offers(entries[2])._decline()
            self.run_offers()
            self.assertEqual(len(self.offers(*entries)), 3)
            self.assertIn(self.tuesday(9), self.starts(), "free for everybody")

    def test_all_at_once_first_has_it(self):
        """AGD-11: everybody is asked; the first to accept has it, the others are told
        kindly and keep their place."""
        self.rome.wait_offer_mode = "all"
        one, two = self.wait(self.first), self.wait(self.second)
        self.free()
        self.assertEqual((one | two).mapped("state"), ["offered"] * 2)
        self.assertEqual(len(self.offers(one, two).hold_id), 1)
        self.offers(two)._accept(self.second)
        self.assertEqual((one.state, self.offers(one).state), ("waiting", "lost"))
        self.assertTrue(self.messages("waitlist_taken", self.first))
        with self.assertRaises(SlotTaken):
            self.offers(one)._accept(self.first)

    def test_earlier_time_moves_the_visit_and_frees_the_old_one(self):
        """AGD-11: who has a visit later is moved, and the old time goes on."""
        visit = self.book(self.tuesday(11), patient_id=self.first.id)
        entry = self.wait(self.first, appointment_id=visit.id)
        other = self.wait(self.second, hour_from=11.5, hour_to=13)
        self.free()
        moved = self.offers(entry)._accept(self.first)
        self.assertEqual((moved, visit.start), (visit, self.tuesday(9)))
        self.assertEqual((visit.state, entry.state), ("rescheduled", "booked"))
        self.env["clinic.wait.freed"].search([]).due = fields.Datetime.now()
        self.run_offers()
        self.assertEqual(self.offers(other).start, self.tuesday(11))

    def test_only_what_suits_is_offered(self):
        """Days, hours, dates, practitioner, place, and the patient's own visits."""
        tuesday = self.tuesday(9).date()
        day = timedelta(days=1)
        busy = self.make_patient("Waiter", "Dora", email="dora@example.com")
        self.book(self.tuesday(9), self.bruno, patient_id=busy.id)
        self.wait(busy)
        for number, wish in enumerate(
            (
                {"tuesday": False},
                {"hour_from": 10.5},
                {"date_from": tuesday + day},
                {"date_until": tuesday - day},
                {"practitioner_ids": [(4, self.bruno.id)]},
                {"location_ids": [(4, self.sao_paulo.id)]},
            )
        ):
            person = self.make_patient("No", f"{number}", email=f"{number}@example.com")
            self.wait(person, **wish)
        self.wait(self.make_patient("Mute", "Eva"))
        entry = self.wait(self.first, hour_from=10, hour_to=10.5, tuesday=True)
        self.free()
        asked = self.env["clinic.wait.offer"].search([("state", "=", "offered")])
        self.assertEqual(asked.wait_id, entry)

    def test_not_at_night_nor_too_late(self):
        """Quiet hours wait; what begins within the notice is not offered."""
        entry = self.wait(self.first)
        with freeze_time(self.tuesday(2)):
            self.free(self.tuesday(9))
            freed = self.env["clinic.wait.freed"].search([])
            self.assertEqual(freed.due, self.tuesday(6), "seven in Rome")
        with freeze_time(self.tuesday(7, 30)):
            self.run_offers()
            self.assertFalse(self.offers(entry))
            self.assertFalse(self.env["clinic.wait.freed"].search([]))

    def test_an_undo_at_the_desk_is_not_offered(self):
        entry = self.wait(self.first)
        visit = self.book(self.tuesday(9))
        visit._cancel("Slip")
        self.run_offers()
        visit.action_back_to_booked()
        self.env["clinic.wait.freed"].search([]).due = fields.Datetime.now()
        self.run_offers()
        self.assertFalse(self.offers(entry))

    def test_nothing_is_written_when_nobody_waits(self):
        self.book(self.tuesday(9))._cancel("Ill")
        self.assertFalse(self.env["clinic.wait.freed"].search([]))

    def test_a_booking_elsewhere_ends_the_waiting(self):
        """Who books another time gives the offered one back to the next."""
        one, two = self.wait(self.first), self.wait(self.second)
        self.free()
        visit = self.book(self.tuesday(10), self.bruno, patient_id=self.first.id)
        self.assertEqual((one.state, one.booked_id), ("booked", visit))
        self.run_offers()
        self.assertEqual(two.state, "offered")

    def test_once_at_a_time(self):
        entry = self.wait(self.first)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            with self.env.cr.savepoint():
                self.wait(self.first)
        entry.action_withdraw()
        self.assertTrue(self.wait(self.first))

    def test_the_hour_across_the_change_of_the_clock(self):
        """Ten o'clock is ten o'clock in Rome before and after the night of the change,
        in the wish and in the message."""
        entry = self.wait(self.first, hour_from=10, hour_to=10.5)
        for moment in ("2026-03-27 09:00:00", "2026-03-30 08:00:00"):
            start = fields.Datetime.to_datetime(moment)
            self.assertTrue(entry._wants(start, self.rome), moment)
            self.assertFalse(entry._wants(start + timedelta(hours=1), self.rome))

    def test_five_languages(self):
        """The texts of the wait list in five languages, each with its link."""
        texts = self.env["clinic.message.text"].search(
            [("template_id.kind_id.code", "=", "waitlist_offer")]
        )
        self.assertEqual(
            set(texts.mapped("lang")), {"en_US", "it_IT", "ru_RU", "tr_TR", "zh_CN"}
        )
        for text in texts:
            self.assertIn("{offer_link}", text.body, text.lang)

    def test_a_merge_keeps_one_waiting(self):
        """Two cards that wait for the same become one that waits once; back again."""
        self.wait(self.first), self.wait(self.second)
        merge = self.env["clinic.merge"]._merge(self.second, self.first)
        waits = self.env["clinic.wait.list"].search(
            [("state", "in", ("waiting", "offered"))]
        )
        self.assertEqual(waits.mapped("patient_id"), self.first)
        self.assertEqual(len(waits), 1)
        merge.action_undo()
        waits = self.env["clinic.wait.list"].search([("state", "=", "waiting")])
        self.assertEqual(waits.patient_id, self.first | self.second)

    def test_roles(self):
        """The desk keeps the list; another practitioner and marketing do not see
        it; the desk of another location sees no wish for this one."""
        entry = self.wait(self.first, location_ids=[(4, self.rome.id)])
        group = "clinic_patient.group_clinic_"
        desk = new_test_user(self.env, "desk", groups=f"{group}receptionist")
        entry.with_user(desk).action_withdraw()
        entry.with_user(desk).action_wait_again()
        desk.clinic_location_ids = self.sao_paulo
        with self.assertRaises(AccessError):
            entry.with_user(desk).read(["state"])
        for role in ("practitioner", "marketing", "cashier"):
            user = new_test_user(self.env, role, groups=group_of(role))
            with self.subTest(role), self.assertRaises(AccessError):
                entry.with_user(user).read(["state"])


@tagged("post_install", "-at_install")
class TestWaitAnswer(WaitCommon):
    """Answers by message."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sms = cls.env["clinic.message.provider"].create(
            {"name": "SMS", "channel": "sms", "kind": "odoo_mail"}
        )
        cls.number = "+393331234567"
        cls.env["clinic.phone"].create(
            {"partner_id": cls.third.id, "number": cls.number}
        )
        cls.third.email = False

    def asked(self):
        """The third patient is asked by SMS."""
        entry = self.wait(self.third)
        self.free()
        [message] = self.messages("waitlist_offer", self.third)
        self.assertEqual(message.channel, "sms")
        message.write({"state": "claimed", "claim": "test"})
        message._let_through(self.sms)._items()
        message._apply_state("sent", source="sender")
        return entry

    def other_visit(self):
        """A visit of the third patient that no wait list is about."""
        service = self.make_service("Other visit", duration=30)
        self.env["clinic.offer"].create(
            {
                "practitioner_id": self.bruno.id,
                "service_id": service.id,
                "location_id": self.rome.id,
            }
        )
        return self.book(
            self.tuesday(10),
            self.bruno,
            patient_id=self.third.id,
            service_id=service.id,
        )

    def answer(self, body, uid="1"):
        return self.env["clinic.message"]._receive(
            self.sms, "sms", self.number, body, uid
        )

    def test_yes_books_the_offer_and_confirms_nothing_else(self):
        """AGD-11, MSG-05: YES to an offer books it; the visit next week is untouched;
        a second YES changes nothing."""
        booked = self.other_visit()
        entry = self.asked()
        answer = self.answer("Yes!")
        self.assertEqual((entry.state, entry.booked_id.state), ("booked", "booked"))
        self.assertEqual(entry.booked_id.start, self.tuesday(9))
        self.assertEqual((booked.state, answer.inbox_state), ("booked", "done"))
        self.assertEqual(self.answer("Yes!"), answer)
        self.answer("yes", "2")
        self.assertEqual(booked.state, "booked")

    def test_two_sorts_of_questions(self):
        """MSG-05: asked about a visit and about a free time, a YES is read by a
        person; so is one that nothing asked for on this telephone."""
        entry = self.asked()
        visit = self.other_visit()
        kind = self.env.ref("clinic_agenda.kind_visit_reminder_24h")
        visit._remind(kind)
        [reminder] = self.messages(kind.code, self.third)
        reminder._apply_state("sent", source="sender")
        answer = self.answer("yes")
        self.assertEqual((visit.state, answer.inbox_state), ("booked", "new"))
        self.assertFalse(entry.booked_id)
        [offered] = self.messages("waitlist_offer", self.third)
        reminder._cancel_queued()
        (reminder | offered).write({"address": "+393330000000"})
        self.answer("yes", "2")
        self.assertFalse(entry.booked_id)

    def test_thanks_for_help_book_nothing(self):
        """MSG-05: "OK, thanks" for the answer to HELP takes no offered time."""
        entry = self.asked()
        asked = self.answer("help")
        reply = self.env["clinic.message"].search([("reply_to_id", "=", asked.id)])
        reply._apply_state("sent", source="sender")
        thanks = self.answer("ok thanks", "2")
        self.assertEqual((entry.state, thanks.inbox_state), ("offered", "done"))
        self.assertFalse(entry.booked_id)

    def test_no_declines(self):
        entry = self.asked()
        self.assertEqual(self.answer("NO").inbox_state, "done")
        self.assertEqual(entry.state, "waiting")
        self.assertEqual(self.offers(entry).state, "declined")

    def test_yes_too_late_is_told(self):
        entry = self.asked()
        with freeze_time(MORNING + timedelta(minutes=40)):
            answer = self.answer("yes")
            reply = self.env["clinic.message"].search([("reply_to_id", "=", answer.id)])
        self.assertIn("stay on the wait list", reply.body)
        self.assertFalse(entry.booked_id)


@tagged("post_install", "-at_install")
class TestWaitLink(WaitCommon, HttpCase):
    """The link in an offer: looking changes nothing, odd links show nothing."""

    def setUp(self):
        super().setUp()
        self.entry = self.wait(self.first)
        self.free()
        self.offer = self.offers(self.entry)
        self.path = self.offer._link_path(self.first)

    def post(self, path):
        """Send the form as a page of the website would, with its token."""
        page = html.fromstring(self.url_open(self.path).content)
        token = page.xpath("//input[@name='csrf_token']/@value")[0]
        return self.url_open(path, data={"csrf_token": token})

    def test_see_then_take(self):
        """AGD-11: GET shows and changes nothing, POST books, a repeat is harmless."""
        page = self.url_open(self.path)
        self.assertIn("Take this time", page.text)
        self.assertEqual(self.offer.state, "offered")
        answer = self.post(f"{self.path}/accept")
        self.assertIn("Booked for you", answer.text)
        self.assertEqual(self.entry.state, "booked")

    def test_decline(self):
        answer = self.post(f"{self.path}/decline")
        self.assertIn("stay on the wait list", answer.text)
        self.assertEqual(self.offer.state, "declined")

    def test_attacks(self):
        """A forged, an expired and a former guardian's link show nothing."""
        forged = self.path[:-4] + ("AAAA" if self.path[-4:] != "AAAA" else "BBBB")
        stranger = self.offer._link_path(self.second)
        former = self.make_patient("Waiter", "Fred")
        self.env["clinic.relationship"].create(
            {
                "patient_id": self.first.id,
                "guardian_id": former.id,
                "kind": "parent",
                "can_book": True,
                "date_start": NOW.date() - timedelta(days=30),
                "date_end": NOW.date() - timedelta(days=1),
            }
        )
        for path in (forged, stranger, self.offer._link_path(former)):
            for end in ("", "/accept", "/decline"):
                answer = self.url_open(path) if not end else self.post(f"{path}{end}")
                self.assertEqual(answer.status_code, 404, end)
        with freeze_time(MORNING + timedelta(days=8)):
            self.assertFalse(
                self.env["clinic.wait.offer"]._by_token(self.path.rpartition("/")[2])[0]
            )
        self.assertEqual(self.offer.state, "offered")

    def test_over(self):
        """What is booked is not declined by an old page."""
        self.offer._accept(self.first)
        with self.assertRaises(UserError):
            self.offer._decline()
        self.assertIn("Booked for you", self.url_open(self.path).text)
