from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestMessageRights(AgendaCommon):
    """What is said about a visit is read where the visit may be read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.patient.write({"email": "maria@example.com", "tz": "Europe/Rome"})
        group = "clinic_patient.group_clinic_receptionist"
        cls.here = new_test_user(cls.env, "desk_rome", groups=group)
        cls.here.clinic_location_ids = cls.rome
        cls.there = new_test_user(cls.env, "desk_elsewhere", groups=group)
        cls.there.clinic_location_ids = cls.sao_paulo
        cls.everywhere = new_test_user(cls.env, "desk_all", groups=group)
        visit = cls.book(cls.tuesday(9))
        cls.env["clinic.appointment.notice"].search([])._tell()
        cls.told = cls.env["clinic.message"].search([("res_id", "=", visit.id)])
        cls.told.ensure_one()
        cls.told._apply_state("sent", source="sender")
        cls.answer = cls.told._receive(
            cls.told.provider_id,
            "email",
            "maria@example.com",
            "I have a rash",
            "in-1",
            answers=cls.told,
        )
        cls.env.flush_all()

    def test_another_location_reads_nothing_of_it(self):
        """A3: neither the text, nor its history, nor the answer, by any way."""
        both = self.told | self.answer
        self.assertEqual(both.location_id, self.rome)
        for user, count in ((self.here, 2), (self.everywhere, 2), (self.there, 0)):
            with self.subTest(user.login):
                log = self.env["clinic.message"].with_user(user)
                domain = [("id", "in", both.ids)]
                self.assertEqual(log.search_count(domain), count)
                events = log.env["clinic.message.event"]
                found = events.search([("message_id", "in", both.ids)])
                self.assertEqual(bool(found), bool(count))
                self.assertEqual(len(log.inbox(words="rash")), count // 2)
                self.assertEqual(
                    log.search_count([("body", "ilike", "rash")]), count // 2
                )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_another_location_does_nothing_with_it(self):
        mine = self.answer.with_user(self.there)
        for method, args in {
            "read": (["body"],),
            "conversation": (),
            "write_answer": ("Hello", "x"),
            "take": (),
            "finish": (),
            "say_who": (self.patient.id,),
            "action_send_again": (),
            "action_cancel": (),
        }.items():
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(mine, method)(*args)
        self.assertEqual(self.answer.inbox_state, "new")

    def test_the_talk_of_a_shared_address_is_cut_by_location(self):
        """What the same address said elsewhere stays there, and waits there."""
        elsewhere = self.env["clinic.message"]._receive(
            self.told.provider_id, "email", "maria@example.com", "Other", "in-2"
        )
        # sudo: the suite itself
        elsewhere.sudo().location_id = self.sao_paulo
        talk = elsewhere.with_user(self.there).conversation()
        self.assertEqual([line["text"] for line in talk["lines"]], ["Other"])
        elsewhere.with_user(self.there).finish()
        states = (elsewhere.inbox_state, self.answer.inbox_state)
        self.assertEqual(states, ("done", "new"))
        answer = self.answer.with_user(self.here).write_answer("Come in.", "y")
        self.assertEqual(self.answer.browse(answer).location_id, self.rome)
