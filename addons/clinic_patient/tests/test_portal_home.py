import json
import re
from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .people_common import PeopleCommon


class PortalCommon(PeopleCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.child = cls.patient("Verdi", "Luca", birth_date=date(2020, 1, 1))
        cls.stranger = cls.patient("Rossi", "Carla", phone="333 7654321")
        cls.relation = cls.relate(cls.child, cls.anna)
        cls.login = cls.env["res.users"].create(
            {
                "login": "anna",
                "password": "anna",
                "partner_id": cls.anna.id,
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )

    def setUp(self):
        super().setUp()
        self.authenticate("anna", "anna")

    def post(self, address, **data):
        data["csrf_token"] = Request.csrf_token(self)
        return self.url_open(address, data=data, allow_redirects=False)

    def end_relation(self):
        self.relation.write(
            {
                "date_start": fields.Date.today() - timedelta(days=9),
                "date_end": fields.Date.today() - timedelta(days=2),
            }
        )
        self.env.flush_all()


@tagged("post_install", "-at_install")
class TestPortalHome(PortalCommon):
    """The first page: what is to do, and for whom one looks."""

    def test_back_leads_nowhere_else(self):
        """The address to come back to cannot lead to another site."""
        for back in ("https://evil.example", "//evil.example", "/web"):
            answer = self.post("/my/family/choose", patient="", back=back)
            self.assertEqual(answer.headers["Location"], "/my")

    def test_family_page(self):
        """PRT-01: who acts for whom, while it holds."""
        page = self.url_open("/my/family").text
        self.assertIn("Verdi Luca", page)
        self.assertIn("reads documents", page)
        self.end_relation()
        self.assertNotIn("Verdi Luca", self.url_open("/my/family").text)

    def test_pages_are_not_kept(self):
        """PRT-01: no browser or worker keeps a page of a patient."""
        for address in ("/my", "/my/data", "/my/family"):
            answer = self.url_open(address)
            self.assertEqual(answer.status_code, 200, address)
            self.assertEqual(answer.headers["Cache-Control"], "no-store", address)

    def test_anonymous(self):
        """S1: without a log-in there is nothing but the way to it."""
        self.authenticate(None, None)
        for address in ("/my", "/my/data", "/my/family"):
            answer = self.url_open(address, allow_redirects=False)
            self.assertEqual(answer.status_code, 303, address)
            self.assertIn("/web/login", answer.headers["Location"])

    def test_app(self):
        """PRT-01: the portal can be installed; what it keeps names nobody."""
        self.assertIn("/my/manifest.webmanifest", self.url_open("/my").text)
        for login in (None, "anna"):
            self.authenticate(login, login)
            manifest = json.loads(self.url_open("/my/manifest.webmanifest").text)
            self.assertEqual((manifest["scope"], manifest["start_url"]), ("/my", "/my"))
            for icon in manifest["icons"]:
                answer = self.url_open(icon["src"])
                self.assertEqual(answer.headers["Content-Type"], "image/png")
            worker = self.url_open("/my/service-worker.js")
            self.assertEqual(worker.headers["Service-Worker-Allowed"], "/my")
            self.assertNotIn("Verdi", self.url_open("/my/offline").text)


@tagged("post_install", "-at_install", "slow")
class TestPortalData(PortalCommon):
    """The own data: what is changed at once, and what staff change."""

    def test_contact(self):
        """PRT-01: e-mail, address, channel are changed; nothing else by this form."""
        italy = self.env.ref("base.it")
        answer = self.post(
            "/my/data/contact",
            email="anna.new@example.com",
            password="anna",
            street="Via Roma 1",
            zip="00100",
            city="Roma",
            country_id=italy.id,
            preferred_channel="sms",
            name="Other",
            family_name="Other",
            birth_date="1970-01-01",
            vip_tier="gold",
            phone="333 0000000",
        )
        self.assertEqual(answer.status_code, 303)
        self.env.invalidate_all()
        card = self.anna
        self.assertEqual(
            (card.email, card.street, card.country_id, card.preferred_channel),
            ("anna.new@example.com", "Via Roma 1", italy, "sms"),
        )
        self.assertEqual(
            (card.name, card.birth_date, card.vip_tier, len(card.phone_ids)),
            ("Verdi Anna", date(1980, 3, 12), False, 1),
        )
        (told, *_more) = self.env["clinic.outbox"]._waiting("anna@example.com")
        self.assertIn("e-mail address was changed", told)

    def test_a_new_address_asks_for_the_password(self):
        """E13: an open browser is not enough to take over the log-in."""
        for password in ("", "wrong"):
            answer = self.post(
                "/my/data/contact",
                email="thief@example.com",
                city="Milano",
                password=password,
            )
            self.assertEqual(answer.status_code, 422)
            self.assertIn("Write your password", answer.text)
            self.assertIn("Milano", answer.text, "what was typed stays")
        self.env.invalidate_all()
        self.assertEqual((self.anna.email, self.anna.city), ("anna@example.com", False))
        self.assertFalse(self.env["clinic.outbox"]._waiting("anna@example.com"))
        answer = self.post("/my/data/contact", email="ANNA@example.com", city="Milano")
        self.assertEqual(answer.status_code, 303, "the same address needs none")

    def test_pages_of_passwords_show_the_rule(self):
        """E13: the page where a password is changed says how long it must be."""
        page = self.url_open("/my/security").text
        self.assertIn('minlength="8"', page)

    def test_mistakes_change_nothing(self):
        """PRT-01: a wrong value is said in words; what was typed stays in the form."""
        for bad in (
            {"email": "nonsense"},
            {"country_id": "999999"},
            {"country_id": "x"},
            {"preferred_channel": "pigeon"},
            {"lang": "xx_XX"},
            {"street": "x" * 300},
        ):
            with self.subTest(bad):
                answer = self.post("/my/data/contact", **{"city": "Milano", **bad})
                self.assertEqual(answer.status_code, 422)
                self.assertIn("Milano", answer.text)
        self.env.invalidate_all()
        self.assertEqual((self.anna.email, self.anna.city), ("anna@example.com", False))

    def code(self):
        sms = self.env["sms.sms"].search([], order="id desc", limit=1)
        return re.search(r"\b\d{6}\b", sms.body)[0]

    def test_new_phone(self):
        """PRT-01: a number is on the card, and trusted, once its code was typed."""
        self.post("/my/data/phone", number="+39 340 1112223")
        self.env.invalidate_all()
        self.assertEqual(len(self.anna.phone_ids), 1, "not before the code")
        wrong = f"{(int(self.code()) + 1) % 10**6:06}"
        self.assertEqual(self.post("/my/data/phone/code", code=wrong).status_code, 422)
        answer = self.post("/my/data/phone/code", code=self.code())
        self.assertEqual(answer.status_code, 303)
        self.env.invalidate_all()
        new = self.anna.phone_ids.filtered("verified_on")
        self.assertEqual(new.e164, "+393401112223")
        self.assertFalse(new.is_preferred)
        self.post(f"/my/data/phone/{new.id}/prefer")
        self.env.invalidate_all()
        self.assertTrue(new.is_preferred)
        new.number = "+39 340 9998887"
        self.assertFalse(new.verified_on, "another number was not confirmed")

    def test_code_of_another_number(self):
        """PRT-01: the code of one number confirms no other."""
        self.post("/my/data/phone", number="+39 340 1112223")
        first = self.code()
        known = self.anna.phone_ids
        self.post("/my/data/phone", number="+39 340 4445556")
        while self.code() == first:
            # One time in a million.
            self.post("/my/data/phone", number="+39 340 4445556")
        answer = self.post("/my/data/phone/code", code=first)
        self.assertEqual(answer.status_code, 422)
        self.env.invalidate_all()
        self.assertEqual(self.anna.phone_ids, known)
        answer = self.post("/my/data/phone/code", code=self.code())
        self.assertEqual(answer.status_code, 303)
        self.env.invalidate_all()
        self.assertEqual((self.anna.phone_ids - known).e164, "+393404445556")

    def test_phones_of_others(self):
        """S1: nobody touches a number on another card, not even a ward's here."""
        for owner in (self.stranger, self.child):
            phone = self.Phone.create(
                {"partner_id": owner.id, "number": "+39 347 0000001"}
            )
            for what in ("remove", "prefer"):
                answer = self.post(f"/my/data/phone/{phone.id}/{what}")
                self.assertEqual(answer.status_code, 404)
            self.assertTrue(phone.exists())

    def test_last_phone_stays(self):
        """PRT-01: the only number is not removed: nobody could be reached."""
        phone = self.anna.phone_ids
        answer = self.post(f"/my/data/phone/{phone.id}/remove")
        self.assertEqual(answer.status_code, 422)
        self.Phone.create({"partner_id": self.anna.id, "number": "+39 347 0000001"})
        self.env.flush_all()
        self.assertEqual(
            self.post(f"/my/data/phone/{phone.id}/remove").status_code, 303
        )
        self.assertFalse(phone.exists())

    def ask(self, **vals):
        return self.post("/my/data/identity", **vals)

    def test_identity(self):
        """PRT-01: a wrong name is asked for, compared by staff, then on the card."""
        answer = self.ask(
            family_name="Verdi", given_name="Annamaria", birth_date="1981-03-12"
        )
        self.assertEqual(answer.status_code, 303)
        request = self.env["clinic.identity.request"].search([])
        self.assertEqual(request.patient_id, self.anna)
        self.assertEqual(
            (request.family_name, request.given_name, request.birth_date),
            (False, "Annamaria", date(1981, 3, 12)),
        )
        self.env.invalidate_all()
        self.assertEqual(self.anna.name, "Verdi Anna")
        self.assertIn("You asked us", self.url_open("/my/data").text)
        self.ask(given_name="Anna Maria", note="See my passport")
        self.env.invalidate_all()
        self.assertEqual(
            self.env["clinic.identity.request"].search([]).given_name, "Anna Maria"
        )
        request.with_user(self.desk).action_accept()
        self.assertEqual(self.anna.name, "Verdi Anna Maria")
        self.assertEqual(request.state, "done")
        with self.assertRaises(UserError):
            request.with_user(self.desk).action_refuse()

    def test_identity_mistakes(self):
        """PRT-01: an empty request, or a date that is none, is said in words."""
        for vals in ({}, {"birth_date": "12.3.80"}, {"given_name": "Anna"}):
            with self.subTest(vals):
                self.assertEqual(self.ask(**vals).status_code, 422)
        self.assertFalse(self.env["clinic.identity.request"].search([]))

    def test_identity_roles(self):
        """S1: requests are for those who look after cards."""
        self.ask(given_name="Maria")
        request = self.env["clinic.identity.request"].search([])
        for user in (self.login, self.user("marketing"), self.user("cashier")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                request.with_user(user).read(["given_name"])

    def test_no_other_door_to_the_name(self):
        """PRT-01: neither Odoo's own forms nor RPC change a patient's name."""
        answer = self.url_open("/my/account", allow_redirects=False)
        self.assertEqual(answer.headers["Location"], "/my/data")
        for own in (self.anna.id, f" {self.anna.id}", f"+{self.anna.id}"):
            answer = self.post("/my/address/submit", partner_id=own, name="Other")
            self.assertEqual(answer.status_code, 404)
        with self.assertRaises(AccessError):
            self.login.with_user(self.login).write({"name": "Other"})
        with (
            mute_logger("odoo.addons.base.models.ir_rule"),
            self.assertRaises(AccessError),
        ):
            self.anna.with_user(self.login).write({"family_name": "Other"})
        self.env.invalidate_all()
        self.assertEqual(self.anna.name, "Verdi Anna")
        self.login.with_user(self.login).write({"signature": "<p>Anna</p>"})

    def test_who_is_no_patient(self):
        """A guardian who is no patient has no data here, but a family."""
        father = self.Partner.create({"name": "Verdi Paolo"})
        self.relate(self.child, father)
        self.env["res.users"].create(
            {
                "login": "paolo",
                "password": "paolo",
                "partner_id": father.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self.authenticate("paolo", "paolo")
        self.assertEqual(self.url_open("/my/data").status_code, 404)
        self.assertIn("Verdi Luca", self.url_open("/my/family").text)
        self.assertEqual(self.url_open("/my").status_code, 200)
