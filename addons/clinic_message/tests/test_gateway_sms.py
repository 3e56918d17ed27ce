import socket
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .gateway_common import GatewayCommon


@tagged("post_install", "-at_install")
class TestGatewaySms(GatewayCommon):
    """MSG-02: an SMS leaves by a gateway over HTTP, whatever the gateway does."""

    def again(self, messages):
        """What waits for another try is due now."""
        messages.filtered(lambda each: each.state == "queued").write(
            {"due": fields.Datetime.now() - timedelta(seconds=1)}
        )
        self.sms.write({"failures": 0, "open_until": False})

    def test_it_arrives_on_the_telephone(self):
        messages = self.queue(3)
        self.send()
        self.assertEqual(set(messages.mapped("state")), {"accepted"})
        self.assertEqual(len(set(messages.mapped("provider_uid"))), 3)
        self.assertEqual(messages[0].segments, 1)
        self.assertAlmostEqual(messages[0].cost, 0.04)
        talk = self.gateway.talk("+393331234567")
        self.assertEqual(
            sorted(each["text"] for each in talk), sorted(messages.mapped("body"))
        )

    def test_lost_answers_double_nothing(self):
        """Every answer is lost, the gateway knows the key: one SMS on the telephone."""
        self.gateway.control(channel="sms", lose=100)
        messages = self.queue(5)
        self.send()
        self.assertEqual(set(messages.mapped("state")), {"queued"})
        self.gateway.control(channel="sms", lose=0)
        self.again(messages)
        self.send()
        self.assertEqual(set(messages.mapped("state")), {"accepted"})
        self.assertEqual(len(self.gateway.talk("+393331234567")), 5)

    def test_lost_answer_of_a_gateway_that_does_not_know_repeats(self):
        """It is not sent again: the gateway is asked."""
        self.gateway.control(channel="sms", lose=100, honour_keys=False)
        self.sms.lost_reply = "leave"
        messages = self.queue(2)
        self.send()
        self.assertEqual(set(messages.mapped("state")), {"unknown"})
        self.send()
        self.assertEqual(len(self.gateway.talk("+393331234567")), 2)

    def test_refused_for_good(self):
        self.gateway.control(channel="sms", refuse=100)
        message = self.queue()
        self.send()
        self.assertEqual(message.state, "failed")
        self.assertEqual(message.failure_type, "invalid_number")
        self.assertNotIn(message.body, message.error)
        self.assertFalse(self.gateway.talk("+393331234567"))

    def test_too_many_a_second(self):
        """429 puts off; everything arrives once in the end."""
        self.gateway.control(channel="sms", limit=2)
        messages = self.queue(6)
        self.send()
        self.assertEqual(set(messages.mapped("state")), {"accepted", "queued"})
        waiting = messages.filtered(lambda each: each.state == "queued")
        self.assertEqual(set(waiting.mapped("wait_reason")), {"rate"})
        self.assertFalse(self.sms.failures, "to be busy is not to be ill")
        self.gateway.control(channel="sms", limit=0)
        self.again(messages)
        self.send()
        self.assertEqual(set(messages.mapped("state")), {"accepted"})
        self.assertEqual(len(self.gateway.talk("+393331234567")), 6)

    def test_nobody_at_the_port(self):
        """A provider that is away takes nothing: the messages wait."""
        self.sms.base_url = "http://127.0.0.1:1"
        self.env["ir.config_parameter"].set_param(
            "clinic_message.inside_hosts", "127.0.0.1:1"
        )
        message = self.queue()
        self.send()
        self.assertEqual(message.state, "queued")
        self.assertEqual(self.sms.health, "shaky")
        self.assertEqual(self.sms.last_error, "the service cannot be reached")

    def test_an_address_inside_that_nobody_allowed(self):
        """S8: a provider record alone reaches nothing inside."""
        self.env["ir.config_parameter"].set_param("clinic_message.inside_hosts", "")
        message = self.queue()
        self.send()
        self.assertEqual(message.state, "queued")
        self.assertEqual(message.failure_type, "forbidden")
        self.assertFalse(self.gateway.talk("+393331234567"))

    def test_the_provider_is_asked(self):
        messages = self.queue(2)
        self.send()

        def arrived():
            return {each["status"] for each in self.gateway.talk("+393331234567")} == {
                "delivered"
            }

        self.wait_until(arrived)
        found = self.sms._poll(messages)
        self.assertEqual(
            sorted((uid, state) for uid, state, _error in found),
            sorted((each.provider_uid, "delivered") for each in messages),
        )

    def test_a_provider_that_cannot_be_asked(self):
        """A gateway that is down ends no scheduled action; its health says so."""
        messages = self.queue(2)
        self.send()
        messages.write({"due": fields.Datetime.now() - timedelta(hours=1)})
        with socket.socket() as bound:  # and does not listen: refused
            bound.bind(("127.0.0.1", 0))
            down = f"127.0.0.1:{bound.getsockname()[1]}"
            self.env["ir.config_parameter"].set_param(
                "clinic_message.inside_hosts", down
            )
            self.sms.base_url = f"http://{down}"
            with self.enter_registry_test_mode():
                self.env.ref("clinic_message.ir_cron_ask").method_direct_trigger()
        self.assertEqual(self.sms.last_error, "the service cannot be reached")
        self.assertEqual(set(messages.mapped("state")), {"accepted"})

    def test_silent_messages_take_turns(self):
        """Those asked about longest ago come first, so that none is forgotten."""
        messages = self.queue(3)
        self.send()
        messages.write({"due": fields.Datetime.now() - timedelta(hours=1)})
        messages[0].asked_at = fields.Datetime.now()
        messages[1].asked_at = fields.Datetime.now() - timedelta(hours=1)
        silent = self.env["clinic.message"]._silent(self.sms)
        self.assertEqual(silent.ids, (messages[2] | messages[1] | messages[0]).ids)

    def test_settings_are_checked(self):
        with self.assertRaises(UserError):
            self.sms.settings = "{no json"
        with self.assertRaises(ValidationError):
            self.sms.write({"preset": "own", "settings": "{}"})
        self.sms.write(
            {
                "preset": "own",
                "settings": '{"url": "{base_url}/sms/send", "body": "form",'
                ' "fields": {"to": "{to}", "text": "{text}", "api_key": "{key}",'
                ' "reference": "{uuid}"}, "answer": {"uid": "id"}}',
            }
        )
        message = self.queue()
        self.send()
        self.assertEqual(message.state, "accepted")

    def test_a_test_to_oneself(self):
        """The button says what became of a message to one's own number."""
        partner = self.env.user.partner_id
        partner.phone = False
        with self.assertRaises(UserError):
            self.sms.action_test()
        partner.phone = "+39 333 7654321"
        self.assertEqual(self.sms.action_test()["params"]["type"], "success")
        self.assertEqual(len(self.gateway.talk("+393337654321")), 1)
        self.gateway.control(channel="sms", error=100)
        self.assertEqual(self.sms.action_test()["params"]["type"], "danger")
        self.assertEqual(self.sms.health, "shaky")
