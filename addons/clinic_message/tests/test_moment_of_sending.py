from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .gateway_common import GatewayCommon

OLD = "+393331234567"
NEW = "+393337654321"


@tagged("post_install", "-at_install")
class TestMomentOfSending(GatewayCommon):
    """MSG-06: address and permission are those of the moment of sending, whatever they
    were when the message was written."""

    def setUp(self):
        super().setUp()
        self.phone = self.anna.phone_ids

    def sent_to(self, number):
        return len(self.gateway.talk(number))

    def test_a_corrected_number(self):
        """What waits goes to the number that stands on the card now, and the log says
        which."""
        message = self.queue()
        self.assertEqual(message.address, OLD)
        self.phone.number = NEW
        self.send()
        self.assertEqual((message.state, message.address), ("accepted", NEW))
        self.assertEqual((self.sent_to(OLD), self.sent_to(NEW)), (0, 1))

    def test_a_number_of_another_country(self):
        """The provider that carries to the new number takes over."""
        turkish = self.make_provider(
            "sms",
            "http_sms",
            preset="demo",
            country_ids=[(4, self.env.ref("base.tr").id)],
        )
        self.sms.excluded_country_ids = self.env.ref("base.tr")
        message = self.queue()
        self.assertEqual(message.provider_id, self.sms)
        self.phone.number = "+905321234567"
        self.send()
        self.assertEqual((message.state, message.provider_id), ("queued", turkish))
        self.send(turkish)
        self.assertEqual(message.state, "accepted")
        self.assertEqual(self.sent_to("+905321234567"), 1)

    def test_a_permission_that_was_taken_away(self):
        """Nothing goes by SMS to who does not want SMS any more; the next channel is
        tried."""
        self.anna.email = "anna@example.com"
        self.kind.switch_ids = [(0, 0, {"channel": "email", "sequence": 99})]
        message = self.queue()
        self.phone.allow_sms = False
        self.send()
        self.assertEqual(
            (message.state, message.suppress_reason), ("suppressed", "permission")
        )
        self.assertEqual(self.sent_to(OLD), 0)
        stand_in = self.Message.search([("previous_id", "=", message.id)])
        self.assertEqual((stand_in.channel, stand_in.state), ("email", "queued"))
        self.assertEqual(stand_in.body, message.body)

    def test_a_number_that_is_gone(self):
        message = self.queue()
        self.phone.unlink()
        self.send()
        self.assertEqual(message.suppress_reason, "no_address")
        self.assertEqual(self.sent_to(OLD), 0)

    def test_a_card_that_was_merged(self):
        """What waits for the card that went is sent to the number of the one kept."""
        twin = self.patient("Verdi", "Anna", phone=NEW)
        message = self.queue()
        self.env["clinic.merge"]._merge(self.anna, twin)
        self.env.invalidate_all()
        self.phone.exists().unlink()
        self.send()
        self.assertEqual((message.recipient_id, message.address), (twin, NEW))
        self.assertEqual((self.sent_to(OLD), self.sent_to(NEW)), (0, 1))

    def test_a_card_that_was_erased(self):
        message = self.queue()
        self.env["clinic.erase"].create(
            {"patient_id": self.anna.id, "confirmation": "Verdi"}
        ).action_erase()
        self.send()
        message = message.exists()
        self.assertIn(message.state, (False, "suppressed"))
        self.assertEqual(self.sent_to(OLD), 0)

    def test_who_may_not_act_any_more(self):
        """A former guardian gets nothing about the child."""
        child = self.patient("Verdi", "Luca", birth_date="2020-01-01")
        right = self.env["clinic.relationship"].create(
            {
                "patient_id": child.id,
                "guardian_id": self.anna.id,
                "kind": "parent",
                "can_book": True,
                "date_start": fields.Date.today() - timedelta(days=9),
            }
        )
        told = [
            self.Message._queue(
                "test_gateway", child, step=step, channel="sms", body="About Luca"
            )
            for step in ("now", "later")
        ]
        self.assertEqual(told[0].recipient_id, self.anna)
        told[1].due = fields.Datetime.now() + timedelta(hours=1)
        self.send()
        self.assertEqual(told[0].state, "accepted")
        right.date_end = fields.Date.today() - timedelta(days=1)
        told[1].due = fields.Datetime.now()
        self.send()
        self.assertEqual(
            (told[1].state, told[1].suppress_reason), ("suppressed", "recipient")
        )
        self.assertEqual(self.sent_to(OLD), 1)

    def test_stop_at_the_new_number(self):
        """Who said STOP at the number that is on the card now is left alone."""
        message = self.queue()
        self.env["clinic.message.optout"]._stop(NEW, "sms", "care")
        self.phone.number = NEW
        self.send()
        self.assertEqual(message.suppress_reason, "optout")
        self.assertEqual(self.sent_to(NEW), 0)

    def test_an_address_named_for_the_message_stays(self):
        """An answer goes to where the question came from, not to the card's number."""
        question = self.Message._receive(self.sms, "sms", OLD, "How much is it?", "1")
        answer = question._write_back("reply", "100 euro", step="hand1")
        self.phone.number = NEW
        self.send()
        self.assertEqual((answer.state, answer.address), ("accepted", OLD))
