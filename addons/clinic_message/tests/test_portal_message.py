from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon

MARKER = "Zyxwvut"


@tagged("post_install", "-at_install")
class TestPortalMessage(ClinicPatientCommon, HttpCase):
    """The conversation in the portal: one's own, and the wards' while one may."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Message = cls.env["clinic.message"]
        cls.provider = cls.env.ref("clinic_message.provider_odoo_mail")
        cls.kind = cls.env["clinic.message.kind"].create(
            {
                "name": "Portal",
                "code": "test_portal",
                "switch_ids": [Command.create({"channel": "email"})],
            }
        )
        cls.mother = cls.patient("Verdi", "Clara", email="clara@example.com")
        cls.father = cls.patient("Verdi", "Marco", email="marco@example.com")
        cls.child = cls.patient("Verdi", "Luca", birth_date="2020-01-01")
        cls.stranger = cls.patient("Rossi", "Carla", email="carla@example.com")
        cls.relation = cls.relate(cls.child, cls.mother)
        cls.relate(cls.child, cls.father)
        for person, login in ((cls.mother, "clara"), (cls.stranger, "carla")):
            cls.env["res.users"].create(
                {
                    "login": login,
                    "password": login,
                    "partner_id": person.id,
                    "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
                }
            )
        cls.own = cls.say(cls.mother, "To Clara https://c.example/v/12/Ab3dEf6hIj9k")
        cls.wards = cls.say(cls.child, "About Luca")
        cls.say(cls.stranger, f"{MARKER} to Carla")

    @classmethod
    def relate(cls, patient, guardian):
        return cls.Relationship.create(
            {
                "patient_id": patient.id,
                "guardian_id": guardian.id,
                "kind": "parent",
                # Whatever the zones of the reader and the clinic say today is.
                "date_start": fields.Date.today() - timedelta(days=20),
            }
        )

    @classmethod
    def say(cls, patient, body):
        """What the clinic sent about somebody; to each guardian of a minor."""
        messages = cls.Message._queue("test_portal", patient, step=body, body=body)
        messages.write({"state": "sent"})
        return messages

    def setUp(self):
        super().setUp()
        self.authenticate("clara", "clara")

    def talk(self, patient):
        return self.url_open(f"/my/messages/{patient.id}")

    def answer(self, patient, text, token="t1"):
        reply = self.url_open(
            f"/my/messages/{patient.id}",
            data={
                "text": text,
                "token": token,
                "csrf_token": Request.csrf_token(self),
            },
            allow_redirects=False,
        )
        self.env.invalidate_all()
        return reply

    def test_what_the_clinic_wrote(self):
        """MSG-05: one's own conversation and the ward's, links without secrets."""
        page = self.url_open("/my/messages").text
        self.assertIn("To Clara", page)
        self.assertIn("About Luca", page)
        self.assertNotIn(MARKER, page)
        page = self.talk(self.mother).text
        self.assertIn("https://c.example/v/12/…", page)
        self.assertNotIn("Ab3dEf6hIj9k", page)
        self.assertNotIn("About Luca", page)
        self.assertIn("About Luca", self.talk(self.child).text)

    def test_an_answer_reaches_the_inbox(self):
        """MSG-05: written in the portal, seen by the desk, once; the desk's answer is
        seen in the portal. A word such as STOP works as elsewhere."""
        for _twice in range(2):
            reply = self.answer(self.child, "<b>Luca has a fever</b>")
            self.assertEqual(reply.status_code, 303)
        written = self.Message.search(
            [("direction", "=", "in"), ("patient_id", "=", self.child.id)]
        )
        self.assertEqual(len(written), 1)
        self.assertEqual(written.recipient_id, self.mother)
        self.assertEqual(written.inbox_state, "new")
        self.assertEqual(written.address, "clara@example.com")
        self.assertIn("&lt;b&gt;Luca has a fever", self.talk(self.child).text)
        desk = new_test_user(
            self.env, "desk", groups="clinic_patient.group_clinic_receptionist"
        )
        answer = written.with_user(desk).write_answer("Come at ten.", "x")
        self.Message.browse(answer).sudo().write({"state": "sent"})
        self.env.flush_all()
        self.assertIn("Come at ten.", self.talk(self.child).text)
        self.answer(self.mother, "STOP", "t2")
        self.assertTrue(
            self.env["clinic.message.optout"].search(
                [("address", "=", "clara@example.com")]
            )
        )

    def test_what_is_refused(self):
        """Nothing, too much, too late, too often: said in words, the text is kept."""
        self.assertEqual(self.answer(self.mother, "  ").status_code, 422)
        long = self.answer(self.mother, "x" * 2001)
        self.assertEqual(long.status_code, 422)
        self.assertIn("x" * 2001, long.text)
        self.own.queued_at = fields.Datetime.now() - timedelta(days=31)
        self.env.flush_all()
        self.assertIn("This conversation is closed", self.talk(self.mother).text)
        self.assertEqual(self.answer(self.mother, "Hello").status_code, 422)
        statuses = [
            self.answer(self.child, "Hello", f"o{number}").status_code
            for number in range(21)
        ]
        self.assertEqual(statuses, [303] * 20 + [422])
        self.assertFalse(
            self.Message.search([("direction", "=", "in"), ("body", "=", "x" * 2001)])
        )

    def test_nobody_elses(self):
        """S1: a stranger's, another guardian's and a former ward's messages: not found,
        and nothing is written there."""
        self.assertEqual(self.talk(self.stranger).status_code, 404)
        self.assertEqual(self.answer(self.stranger, "Hello").status_code, 404)
        self.assertEqual(self.talk(self.father).status_code, 404)
        # What the father and the clinic write each other about the child is theirs.
        fathers = self.wards.filtered(lambda each: each.recipient_id == self.father)
        fathers._receive(
            self.provider, "email", "marco@example.com", MARKER, "f1", answers=fathers
        )
        self.env.flush_all()
        self.assertNotIn(MARKER, self.talk(self.child).text)
        self.relation.write(
            {
                "date_start": fields.Date.today() - timedelta(days=9),
                "date_end": fields.Date.today() - timedelta(days=2),
            }
        )
        self.env.flush_all()
        self.assertEqual(self.talk(self.child).status_code, 404)
        self.assertEqual(self.answer(self.child, "Hello").status_code, 404)
        self.assertNotIn("About Luca", self.url_open("/my/messages").text)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.talk(self.mother).url)

    def test_what_was_not_sent_is_not_shown(self):
        """Waiting, held back, or of an unknown writer of a shared address."""
        for state in ("queued", "suppressed", "failed", "cancelled"):
            self.say(self.mother, f"{MARKER} {state}").state = state
        self.patient("Verdi", "Nonna", email="clara@example.com")
        self.Message._receive(
            self.provider, "email", "clara@example.com", f"{MARKER} who?", "u1"
        )
        self.env.flush_all()
        self.assertNotIn(MARKER, self.talk(self.mother).text)

    @mute_logger("odoo.http")
    def test_only_by_a_form_of_ours(self):
        """S12: reading writes no message, and a foreign form is refused."""
        before = self.Message.search_count([])
        self.talk(self.mother)
        self.url_open(f"/my/messages/{self.mother.id}?text=Hello&token=g")
        foreign = self.url_open(
            f"/my/messages/{self.mother.id}", data={"text": "Hello", "token": "c"}
        )
        self.assertEqual(foreign.status_code, 400)
        self.assertEqual(self.Message.search_count([]), before)
        clara = self.mother.user_ids
        with self.assertRaises(AccessError):
            self.Message.with_user(clara).search([])

    def test_the_staff_see_no_secrets(self):
        """The log, the inbox and the card show links without what opens them."""
        desk = new_test_user(
            self.env, "desk", groups="clinic_patient.group_clinic_receptionist"
        )
        own = self.own.with_user(desk)
        self.assertIn("/v/12/…", own.shown_body)
        lines = own.conversation()["lines"]
        self.assertNotIn("Ab3dEf6hIj9k", str(lines))
        kinds = self.env["res.partner"].with_user(desk)
        told = kinds._describe_clinic_messages(self.own.ids)
        self.assertNotIn("Ab3dEf6hIj9k", str(told))
