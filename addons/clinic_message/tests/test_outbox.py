import re
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..models.clinic_message_hold import HOME
from .gateway_common import GatewayCommon

PHONE = "+393401112223"


@tagged("post_install", "-at_install")
class TestOutbox(GatewayCommon):
    """What the suite says to people leaves by the clinic's own provider, and no other
    way: a clinic that has a gateway for SMS and nothing else is enough."""

    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()
        self.Code = self.env["clinic.one.time.code"]

    def send(self, provider=None):
        """One run of a sender; the test mode is on already."""
        self.env.flush_all()
        (provider or self.sms).sudo().cron_ids[:1].method_direct_trigger()
        self.env.invalidate_all()

    def issue(self, phone=PHONE):
        before = self.Message.search([])
        self.assertTrue(self.Code._issue(phone, "booking", "192.0.2.1", "en_US"))
        return self.Message.search([]) - before

    def on_telephone(self, phone=PHONE):
        return [each["text"] for each in self.gateway.talk(phone)]

    def test_a_code_arrives_by_the_gateway(self):
        """S4: the code is on the telephone, and opens what it is for."""
        message = self.issue()
        self.assertFalse(self.env["sms.sms"].search([("number", "=", PHONE)]))
        self.send()
        (text,) = self.on_telephone()
        code = re.search(r"\b\d{6}\b", text)[0]
        self.assertEqual(message.state, "accepted")
        self.assertTrue(self.Code._verify(PHONE, "booking", code))

    def test_nobody_reads_a_code_in_the_log(self):
        """S15: neither who reads messages nor a copy of the database has it."""
        message = self.issue()
        desk = new_test_user(
            self.env, "outbox-desk", "clinic_patient.group_clinic_receptionist"
        )
        self.assertNotRegex(str(message.with_user(desk).read()), r"\D\d{6}\s")
        self.send()
        self.env.cr.execute(
            "SELECT row_to_json(m)::text FROM clinic_message m WHERE id = %s",
            [message.id],
        )
        code = re.search(r"\b\d{6}\b", self.on_telephone()[0])[0]
        self.assertNotIn(code, self.env.cr.fetchone()[0])
        with self.assertRaises(UserError):
            message.action_send_again()

    def test_a_code_passes_a_bulk_sending(self):
        """A hundred messages wait; the code that comes last leaves first."""
        self.queue(100)
        message = self.issue()
        claim, claimed = self.Message._claim_due(self.sms, at_once=True)
        self.assertEqual(claimed, message.ids, "in a claim of its own")
        self.Message._give_back(claim, claimed)
        self.send()
        self.assertTrue(self.on_telephone())
        tried = self.Message.search([("sent_at", "!=", False)])
        self.assertEqual(min(tried, key=lambda each: each.event_ids[:1].id), message)

    def test_a_code_that_is_too_old_is_not_sent(self):
        message = self.issue()
        message.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.send()
        self.assertEqual(message.state, "expired")
        self.assertFalse(message.sudo().secret_body)
        self.assertFalse(self.on_telephone())

    def test_numbers_of_codes_are_forgotten(self):
        """S15: whoever asked for a code and never came leaves no number."""
        message = self.issue()
        self.send()
        self.Message._gc_at_once()
        self.assertEqual(message.address, PHONE, "a week's questions are answered")
        message.queued_at = fields.Datetime.now() - timedelta(days=8)
        self.Message._gc_at_once()
        self.assertFalse(message.address)

    def test_a_changed_address_is_told_by_the_outbox(self):
        """The old address hears of it, though the card holds another one by now."""
        self.anna.email = "anna@example.com"
        self.anna._tell_old_address("anna@example.com")
        self.anna.email = "thief@example.com"
        message = self.Message.search([("address", "=", "anna@example.com")])
        self.assertEqual(message.kind_id.code, "notice")
        self.assertFalse(
            self.env["mail.mail"].search([("email_to", "=", "anna@example.com")])
        )
        self.assertFalse(message._as_of_now(self.env.company, message.kind_id))
        self.assertEqual(message.address, "anna@example.com")

    def test_an_enquiry_is_thanked_by_the_outbox(self):
        enquiry = self.env["clinic.enquiry"]._receive(
            {
                "channel": "web",
                "contact_name": "Livia Serrano",
                "email": "livia@example.com",
            },
            "outbox-enquiry",
        )
        message = self.Message.search([("address", "=", "livia@example.com")])
        self.assertEqual(message._get_origin(), enquiry)
        self.assertIn("Livia Serrano", message._item().html)
        self.assertFalse(
            self.env["mail.mail"].search([("email_to", "=", "livia@example.com")])
        )


@tagged("post_install", "-at_install")
class TestOutboxAfterRestore(GatewayCommon):
    """R18: a database that was restored is silent whole, Odoo's own queues too."""

    def test_odoo_queues_wait_and_are_taken_back(self):
        manager = new_test_user(
            self.env, "outbox-manager", "clinic_patient.group_clinic_manager"
        )
        mail = self.env["mail.mail"].create(
            {"subject": "Link", "body_html": "x", "email_to": "a@example.com"}
        )
        text = self.env["sms.sms"].create({"number": PHONE, "body": "x"})
        self.env["ir.config_parameter"].set_param(HOME, "1.1")
        mail.send()
        text.send()
        self.assertEqual((mail.state, text.state), ("outgoing", "outgoing"))
        wizard = self.env["clinic.message.restart"].with_user(manager).create({})
        wizard.action_go_on()
        self.assertEqual((mail.state, text.state), ("cancel", "canceled"))
