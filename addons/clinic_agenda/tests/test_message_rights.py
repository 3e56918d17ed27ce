import re

from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
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
        """Neither the text, nor its history, nor the answer, by any way."""
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


@tagged("post_install", "-at_install")
class TestVisitLink(AgendaCommon, HttpCase):
    """One link a person and visit, worth what that person may do today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.child = cls.make_patient("Rossi", "Luca", birth_date="2020-03-10")
        cls.mother = cls.make_patient("Rossi", "Clara", email="clara@example.com")
        cls.father = cls.make_patient("Rossi", "Piero", email="piero@example.com")
        cls.bonds = cls.env["clinic.relationship"].create(
            [
                {
                    "patient_id": cls.child.id,
                    "guardian_id": parent.id,
                    "kind": "parent",
                    "date_start": "2021-01-01",
                }
                for parent in (cls.mother, cls.father)
            ]
        )
        cls.visit = cls.book(cls.tuesday(9), patient_id=cls.child.id)

    def links(self):
        """``{address: link}`` of the mails that are to leave."""
        found = {}
        for mail in self.mails():
            links = re.findall(r"/clinic/visit/\d+/[\w=-]+", str(mail.body_html))
            found[mail.email_to] = links
        return found

    def status(self, path, data=None):
        self.env.flush_all()
        answer = self.url_open(path, data=data, allow_redirects=False)
        self.env.invalidate_all()
        return answer.status_code

    def test_each_guardian_has_an_own_link(self):
        """The link of one ends with the right; the other one's goes on."""
        links = self.links()
        (hers,), (his,) = links["clara@example.com"], links["piero@example.com"]
        self.assertNotEqual(hers, his)
        for link in (hers, his):
            self.assertEqual(self.status(link), 200)
        self.bonds[0].date_end = "2026-03-01"
        for way in ("", "/times", "/visit.ics"):
            self.assertEqual(self.status(hers + way), 404)
            self.assertEqual(self.status(his + way), 200)
        page = html.fromstring(self.url_open(f"{his}/times").text)
        token = page.xpath("//input[@name='csrf_token']/@value")[0]
        data = {"csrf_token": token, "reason": "x"}
        for way in ("/cancel", "/move"):
            self.assertEqual(self.status(hers + way, data), 404)
        self.assertEqual(self.visit.state, "booked")
        self.assertEqual(self.status(f"{his}/cancel", data), 303)
        self.assertEqual(self.visit.state, "cancelled")

    def test_nobody_else_has_one(self):
        """Strangers, the clinic and old secrets open nothing; each token is its own."""
        stranger = self.make_patient("Neri", "Ugo")
        company = self.env.company.partner_id
        for person in (stranger, company, self.env["res.partner"]):
            self.assertFalse(self.visit._manage_path(person))
        other = self.book(self.tuesday(10))
        mine = self.visit._link_token(self.mother)
        number, _dash, proof = mine.partition("-")
        for token in (
            self.visit.access_token,
            other._link_token(self.mother),
            self.visit._link_token(stranger),
            f"{self.father.id}-{proof}",
            f"{number}-{proof[:-1]}",
            f"{number}-",
            number,
            "-",
            "é-1",
            "9" * 12 + f"-{proof}",
        ):
            with self.subTest(token):
                self.assertFalse(self.visit._by_link(token)[0])
        self.assertEqual(self.visit._by_link(mine), (self.visit, self.mother))

    def test_no_link_to_an_address_of_the_clinic(self):
        """What goes to a company's card speaks of the visit and opens nothing."""
        company = self.env.company.partner_id
        message = self.env["clinic.message"]._queue(
            "visit_booked",
            self.child,
            origin=self.visit,
            step="desk",
            recipient=company,
            addresses={"email": "desk@example.com"},
        )
        item = message._item()
        self.assertNotIn("/clinic/visit/", item.body + item.html)

    def test_the_log_does_not_open_the_visit(self):
        """What the staff read of the mail holds a name in place of the link."""
        self.links()
        told = self.env["clinic.message"].search([("res_id", "=", self.visit.id)])
        self.assertEqual(len(told), 2)
        for message in told:
            self.assertIn("{{link:visit_link}}", message.body)
            self.assertNotIn("/clinic/visit/", message.body)

    def test_a_merged_card_keeps_its_link(self):
        """The staff said that both cards are one person: the link she has goes on."""
        visit = self.book(self.tuesday(11), patient_id=self.mother.id)
        token = visit._link_token(self.mother)
        keep = self.make_patient("Rossi", "Chiara")
        merge = self.env["clinic.merge"]._merge(self.mother, keep)
        self.assertEqual(visit._by_link(token)[0], visit)
        merge.action_undo()
        self.assertEqual(visit._by_link(token)[0], visit)
