import re
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_base.lib import clock

from .test_portal_home import PortalCommon


class ContactCommon(PortalCommon):
    """A patient in the portal who writes numbers and addresses."""

    def call(self, model, method, *args):
        """As the portal user, over RPC."""
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={
                "params": {"model": model, "method": method, "args": args, "kwargs": {}}
            },
        )
        self.env.invalidate_all()
        return answer.json()

    def last_sms(self):
        return self.env["sms.sms"].search([], order="id desc", limit=1)

    def add_phone(self, number):
        self.post("/my/data/phone", number=number)
        code = re.search(r"\b\d{6}\b", self.last_sms().body)[0]
        self.post("/my/data/phone/code", code=code)
        self.env.invalidate_all()
        return self.anna.phone_ids.filtered(
            lambda phone: phone.e164 == number.replace(" ", "")
        )

    def mails(self, address):
        """What waits to be sent to an address, in one text."""
        return "\n".join(self.env["clinic.outbox"]._waiting(address))


@tagged("post_install", "-at_install", "slow")
class TestContactTrust(ContactCommon):
    """A session that was stolen adds no way of its own to what it may not see."""

    def test_own_number_resets_no_password(self):
        """S5: the same for a new password by SMS, until staff say that it is right."""
        thief = self.add_phone("+39 340 1112223")
        requests = self.env["clinic.password.request"]
        self.assertFalse(requests._accounts_by_phone(thief.e164))
        thief.with_user(self.desk).action_trust()
        self.assertEqual(requests._accounts_by_phone(thief.e164), self.login)

    def test_over_rpc(self):
        """Odoo lets everybody change phone and e-mail of the own user: those of a card
        are changed on its page alone, the address with the password."""
        for vals in ({"phone": "+39 340 1112223"}, {"email": "thief@example.com"}):
            with mute_logger("odoo.http"):
                answer = self.call("res.users", "write", [self.login.id], vals)
            self.assertIn("My data", answer["error"]["data"]["message"])
        self.assertEqual(self.anna.email, "anna@example.com")
        self.post("/my/data/contact", email="thief@example.com", password="anna")
        self.env.invalidate_all()
        self.assertEqual(self.anna.email, "thief@example.com")
        told = self.mails("anna@example.com")
        self.assertIn("Your e-mail address was changed", told)
        self.assertFalse(self.anna._gets_mail_links())
        requests = self.env["clinic.password.request"]
        self.assertFalse(requests._account("anna"))
        self.anna.email_codes_from = clock.now() - timedelta(minutes=1)
        self.assertEqual(requests._account("anna"), self.login)

    def test_not_by_hand(self):
        """Neither the patient nor staff write from when a number gets codes."""
        phone = self.add_phone("+39 340 1112223")
        with mute_logger("odoo.http"):
            error = self.call(
                "clinic.phone", "write", [phone.id], {"codes_from": False}
            )
        self.assertIn("error", error)
        desk = self.desk
        for vals in ({"codes_from": False}, {"codes_from": fields.Datetime.now()}):
            with self.assertRaises(AccessError):
                phone.with_user(desk).write(vals)
            with self.assertRaises(AccessError):
                self.anna.with_user(desk).write(
                    {"phone_ids": [Command.update(phone.id, vals)]}
                )

    def test_staff_and_first_contact(self):
        """What staff write, and the first number of a card, get codes at once."""
        desk = self.desk
        phone = self.Phone.with_user(desk).create(
            {"partner_id": self.anna.id, "number": "+39 347 0000001"}
        )
        self.assertFalse(phone.codes_from)
        card = self.Partner.with_user(self.env.ref("base.public_user")).sudo()
        new = card._register_patient(
            {"family_name": "Neri", "given_name": "Pia"}, "+393470000002"
        )
        self.assertFalse(new.phone_ids.codes_from)

    def test_merged_number(self):
        """A number of a card to review gets no codes of the card it is merged into."""
        made = self.patient(
            "Verdi", "Anna", phone="+39 340 1112223", identity_state="to_review"
        )
        merge = self.env["clinic.merge"]._merge(made, self.anna)
        moved = self.anna.phone_ids.filtered(lambda p: p.e164 == "+393401112223")
        self.assertFalse(moved._getting_codes())
        self.assertTrue(self.mails("anna@example.com"))
        requests = self.env["clinic.password.request"]
        self.assertFalse(requests._accounts_by_phone("+393401112223"))
        self.assertTrue(requests._accounts_by_phone("+393331234567"))
        merge.action_undo()
        self.assertTrue(made.phone_ids._getting_codes())
