from datetime import date, datetime, timedelta

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_base.lib.ours import OURS, Said

from .common import MorningCommon


class LocationCommon(MorningCommon):
    """A location whose front desk is told by e-mail and by WhatsApp."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail = cls.contact("desk@example.com")
        cls.sms, cls.whatsapp = cls.env["clinic.message.provider"].create(
            [
                {"name": channel, "channel": channel, "kind": "odoo_mail"}
                for channel in ("sms", "whatsapp")
            ]
        )

    @classmethod
    def contact(cls, address, **vals):
        return cls.env["clinic.location.contact"].create(
            {"location_id": cls.rome.id, "address": address, "lang": "en_US", **vals}
        )

    def told(self, *states, kind="location_%"):
        """What was written to locations, oldest first."""
        return self.env["clinic.message"].search(
            [("kind_id.code", "=like", kind), ("state", "in", states or ("queued",))],
            order="id",
        )

    def codes(self, *states):
        return [message.kind_id.code for message in self.told(*states)]

    def leave(self):
        """What waits is sent, as far as it is still true."""
        for message in self.told():
            if message._is_obsolete():
                message._suppress("obsolete")
            else:
                message._apply_state("accepted", source="sender")


@tagged("post_install", "-at_install")
class TestLocationMessage(LocationCommon):
    """The people of a location hear of what happens in its agenda."""

    def test_new_moved_cancelled(self):
        """AGD-15: each is told once to each address, with no more than allowed."""
        self.contact("+39 333 123 4567", channel="whatsapp", name="Mobile")
        visit = self.book(self.tuesday(9), channel="website")
        messages = self.told()
        self.assertEqual(
            messages.mapped(lambda each: (each.channel, each.address)),
            [("email", "desk@example.com"), ("whatsapp", "+393331234567")],
        )
        self.assertEqual(set(messages.mapped("due")), {fields.Datetime.now()})
        self.assertNotIn(self.patient, messages.patient_id | messages.recipient_id)
        subject, body = messages[0]._text()
        self.assertIn(self.rome._speak_time(visit.start, "en_US"), subject)
        self.assertIn("M. R.", body)
        self.assertIn("Website", body)
        self.assertIn(f"/odoo/appointments/{visit.id}", body)
        for secret in ("Rossi", "Maria", self.service.name, visit.access_token):
            self.assertNotIn(secret, subject + body)
        self.assertFalse(messages[0]._files(), "no calendar entry with details")
        self.leave()
        visit._move(self.tuesday(10))
        moved = self.told()
        self.assertEqual(self.codes(), ["location_moved"] * 2)
        self.assertIn(
            f"from {self.rome._speak_time(self.tuesday(9), 'en_US')}",
            moved[0]._text()[1],
        )
        self.leave()
        visit._cancel("Ill")
        self.assertEqual(self.codes(), ["location_cancelled"] * 2)
        self.leave()
        self.assertEqual(len(self.told("accepted")), 6)

    def test_sent_again(self):
        """Once more goes to the same address, not to the clinic's own."""
        self.book(self.tuesday(9), channel="website")
        first = self.told()
        self.leave()
        again = first._resend()
        self.assertEqual(again.state, "queued")
        self.assertEqual(again.address, "desk@example.com")
        self.assertFalse(again._is_obsolete())
        self.assertIn("M. R.", again._text()[1])

    def test_corrections_are_told_once(self):
        """A slip of the mouse at the desk reaches nobody; the last state counts."""
        visit = self.book(self.tuesday(9))
        self.assertEqual(self.told().due, fields.Datetime.now() + timedelta(minutes=2))
        visit._move(self.tuesday(10))
        self.assertIn("11:00", self.told()._text()[1], "one message, as it is now")
        visit._cancel("A slip")
        self.assertFalse(self.told(), "nobody heard of it, nobody needs to")
        visit.action_back_to_booked()
        self.leave()
        visit._move(self.tuesday(11))
        visit._move(self.tuesday(10))
        self.leave()
        self.assertEqual(self.codes("accepted"), ["location_booked"])

    def test_both_locations_hear_of_a_move(self):
        milan = self.rome.copy({"name": "Milan"})
        self.anna_offer.copy({"location_id": milan.id})
        self.contact("milan@example.com", location_id=milan.id)
        visit = self.book(self.tuesday(9))
        self.leave()
        visit.sudo().with_context(clinic_history=OURS).location_id = milan
        self.assertFalse(self.told(), "corrections of history are not told")
        visit.sudo().with_context(clinic_history=OURS).location_id = self.rome
        overbook = {"overbooked": True, "overbook_reason": "Room"}
        visit.sudo().write({"location_id": milan.id, "room_id": False, **overbook})
        self.assertEqual(
            set(self.told().mapped("address")),
            {"desk@example.com", "milan@example.com"},
        )

    def test_what_a_location_wants(self):
        """Events, only what patients do, the switchboard, what is said."""
        self.mail.write({"only_patients": True, "on_moved": False})
        visit = self.book(self.tuesday(9))
        self.assertFalse(self.told(), "the desk did it")
        visit.with_context(clinic_channel=Said("portal"))._move(self.tuesday(10))
        self.assertFalse(self.told(), "moves are not wanted")
        visit.with_context(clinic_channel=Said("message"))._cancel(
            "By message", "patient"
        )
        self.assertEqual(self.codes(), ["location_cancelled"])
        self.leave()
        self.rome.write({"desk_patient": "name", "desk_service": True})
        self.book(self.tuesday(11), channel="website")
        body = self.told()._text()[1]
        self.assertIn("Rossi Maria · Cardiology visit · Anna Bianchi", body)
        self.leave()
        self.rome.desk_patient = "none"
        self.env["clinic.message.switch"].create(
            {
                "kind_id": self.env.ref("clinic_agenda.kind_location_booked").id,
                "channel": "email",
                "is_on": False,
                "location_id": self.rome.id,
            }
        )
        self.book(self.tuesday(9), channel="website")
        self.assertFalse(self.told(), "switched off for this location")

    def test_texts_in_five_languages_tell_no_more(self):
        """No text of a location can name what the location does not allow."""
        for code in ("it_IT", "ru_RU", "tr_TR", "zh_CN"):
            self.env["res.lang"]._activate_lang(code)
        visit = self.book(self.tuesday(9), channel="website")
        message = self.told()
        for text in self.env["clinic.message.text"].search(
            [("template_id.kind_id.code", "like", "location_")]
        ):
            message.write(
                {"template_id": text.template_id.id, "lang": text.lang, "body": False}
            )
            if text.template_id.kind_id == message.kind_id:
                said = " ".join(message._text())
                self.assertIn(self.rome._speak_hour(visit.start, text.lang), said)
                self.assertNotIn("Rossi", said)
                self.assertNotIn(self.service.name, said)
        template = self.env.ref("clinic_agenda.text_location_booked")
        with self.assertRaises(ValidationError):
            template.text_ids[0].body = "{patient} {service}"

    def test_an_answer_of_the_desk_changes_nothing(self):
        """CANCEL from the desk's own telephone does not cancel a patient's visit."""
        self.contact("+393331234567", channel="sms")
        visit = self.book(self.tuesday(9), channel="website")
        message = self.told().filtered(lambda each: each.channel == "sms")
        self.assertEqual(message.provider_id, self.sms)
        message._apply_state("sent", source="sender", uid="desk-1")
        for number, word in enumerate(("CANCEL", "YES")):
            answer = self.env["clinic.message"]._receive(
                self.sms, "sms", "+393331234567", word, f"in{number}"
            )
            self.assertEqual(answer.reply_to_id, message)
            self.assertEqual(visit.state, "booked")

    def test_addresses(self):
        """A wrong address is refused in words; the same one is there once."""
        with self.assertRaisesRegex(ValidationError, "complete e-mail address"):
            self.contact("desk")
        with self.assertRaises(ValidationError):
            self.contact("12", channel="whatsapp")
        self.assertEqual(
            self.contact(" Desk2@Example.com ").address, "desk2@example.com"
        )
        clerk = new_test_user(
            self.env, "clerk", "clinic_patient.group_clinic_receptionist"
        )
        with self.assertRaises(AccessError):
            self.mail.with_user(clerk).address = "thief@example.com"


@tagged("post_install", "-at_install")
class TestLocationDigest(LocationCommon):
    """The daily list of new bookings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail.write({"on_booked": False, "on_moved": False, "on_cancelled": False})
        cls.mail.digest = True

    def run_at(self, moment):
        """The scheduled action at an instant; what it wrote."""
        known = self.told("queued", "accepted")
        with freeze_time(moment):
            self.rome._write_digest()
        return self.told("queued", "accepted") - known

    def test_once_a_day_with_what_is_new(self):
        """AGD-15: once a day, each booking once, however often or late it runs."""
        self.book(self.tuesday(9), channel="website")
        gone = self.book(self.tuesday(10))
        gone._cancel("Ill")
        seven = datetime(2026, 3, 3, 6)
        self.assertFalse(self.run_at(seven - timedelta(minutes=1)), "not yet")
        message = self.run_at(seven)
        body = message._text()[1]
        self.assertIn("10:00 (CET): M. R. · Anna Bianchi (Website)", body)
        self.assertNotIn("11:00", body, "cancelled meanwhile")
        self.assertNotIn("Rossi", body)
        self.assertFalse(self.run_at(seven + timedelta(minutes=5)))
        self.assertFalse(self.run_at(seven + timedelta(hours=16)))
        self.assertFalse(self.run_at(seven + timedelta(days=1)), "nothing new")
        with freeze_time(datetime(2026, 3, 4, 12)):
            self.book(datetime(2026, 3, 6, 9))
        late = self.run_at(datetime(2026, 3, 5, 22, 30))
        self.assertIn("6 March", late._text()[1])
        self.assertNotIn("3 March 2026, 10:00", late._text()[1], "told before")
        self.assertFalse(self.run_at(datetime(2026, 3, 6, 2)), "the same list")

    def test_a_missed_list_is_made_up_for(self):
        """No scheduled action ran for the rest of the day: told in the night."""
        self.run_at(datetime(2026, 3, 3, 6))
        with freeze_time(datetime(2026, 3, 3, 12)):
            self.book(datetime(2026, 3, 6, 9))
        self.assertTrue(self.run_at(datetime(2026, 3, 5, 1)))
        self.assertEqual(self.rome_digests().mapped("day")[0], date(2026, 3, 4))

    def rome_digests(self):
        return self.env["clinic.location.digest"].search(
            [("location_id", "=", self.rome.id)]
        )

    def test_across_the_change_of_the_clock(self):
        """The hour is the location's, also on the days when the clock jumps."""
        self.rome.write({"digest_when_empty": True, "digest_hour": 2.5})
        for day, utc in (
            (date(2026, 3, 28), datetime(2026, 3, 28, 1, 30)),
            # 02:30 does not exist: 03:30 summer time.
            (date(2026, 3, 29), datetime(2026, 3, 29, 1, 30)),
            (date(2026, 3, 30), datetime(2026, 3, 30, 0, 30)),
            # 02:30 comes twice: the first one.
            (date(2026, 10, 25), datetime(2026, 10, 25, 0, 30)),
            (date(2026, 10, 26), datetime(2026, 10, 26, 1, 30)),
        ):
            self.assertEqual(self.rome._digest_moment(day), utc)
            self.assertEqual(len(self.run_at(utc)), 1, day)
            self.assertFalse(self.run_at(utc + timedelta(hours=1, minutes=5)), day)

    def test_nothing_new(self):
        """Nothing is sent when nothing is new, unless wished."""
        self.assertFalse(self.run_at(datetime(2026, 3, 3, 6)))
        self.rome.digest_when_empty = True
        self.assertIn("Nothing new.", self.run_at(datetime(2026, 3, 4, 6))._text()[1])
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.contact("+393331234567", channel="sms", digest=True)
