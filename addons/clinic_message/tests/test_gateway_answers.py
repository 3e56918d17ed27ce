from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.clinic_message_outcome import ODD_TRIES, TRIES
from ..models.provider_breaker import BREAKER_FAILURES
from .gateway_common import GatewayCommon

PHONE = "+393331234567"


@tagged("post_install", "-at_install")
class TestGatewayAnswers(GatewayCommon):
    """Whatever one answer holds, the others are kept, and no try is endless."""

    def run_until_quiet(self, messages, most=40):
        """Send again and again, as time goes by, until nothing waits; the runs."""
        for turn in range(most):
            waiting = messages.filtered(lambda each: each.state == "queued")
            if not waiting:
                return turn
            before = fields.Datetime.now() - timedelta(seconds=1)
            waiting.write({"due": before})
            self.sms.open_until = before
            self.send()
        self.fail("it goes on for ever")

    def test_one_number_for_all(self):
        """Forty answers with one number: forty people get it once, in one run."""
        self.gateway.control(channel="sms", answers="same", honour_keys=False)
        messages = self.queue(40)
        self.send()
        self.assertEqual(set(messages.mapped("state")), {"accepted"})
        self.assertEqual(set(messages.mapped("attempts")), {1})
        self.assertEqual(len(messages.filtered("provider_uid")), 1)
        self.assertEqual(len(self.gateway.talk(PHONE)), 40)
        notes = messages.event_ids.filtered(
            lambda each: each.detail == "number not usable"
        )
        self.assertEqual(len(notes), 39)
        self.assertEqual(self.sms.health, "odd")
        self.assertIn("given twice", self.sms.last_error)
        # The number belongs to another one in the next run as well.
        nobody = self.patient("Neri", "Ugo")
        more = self.Message
        for number in ("1", "2"):
            more |= self.Message._queue(
                "test_gateway",
                nobody,
                step=number,
                channel="sms",
                body=f"Dear Ugo, this is number {number}.",
                addresses={"sms": PHONE},
            )
        self.send()
        self.assertEqual(set(more.mapped("state")), {"accepted"})
        self.assertFalse(more.filtered("provider_uid"))
        self.assertEqual(len(self.gateway.talk(PHONE)), 42)

    def test_numbers_that_are_none(self):
        """NUL, or a list: it was taken, the number is dropped with a note."""
        for answers in ("nul", "list"):
            with self.subTest(answers):
                self.gateway.control("reset")
                self.gateway.control(channel="sms", answers=answers, honour_keys=False)
                self.sms.odd_until = False
                messages = self.queue(3, due=fields.Datetime.now())
                messages |= self.Message._queue(
                    "test_gateway", self.anna, step=answers, channel="sms", body="Hi"
                )
                self.send()
                self.assertEqual(set(messages.mapped("state")), {"accepted"})
                self.assertFalse(messages.filtered("provider_uid"))
                self.assertEqual(set(messages.mapped("attempts")), {1})
                self.assertEqual(self.sms.health, "odd")
                messages.write({"key": False})

    def test_no_number_and_endless_answers(self):
        """Answers that say nothing: tried a few times, then left to the staff."""
        for answers, most in (("missing", ODD_TRIES), ("huge", TRIES)):
            with self.subTest(answers):
                self.gateway.control("reset")
                self.gateway.control(channel="sms", answers=answers, honour_keys=False)
                self.sms.write({"failures": 0, "open_until": False})
                messages = self.Message._queue(
                    "test_gateway", self.anna, step=answers, channel="sms", body="Hi"
                )
                self.run_until_quiet(messages)
                self.assertIn(messages.state, ("unknown", "failed"))
                self.assertEqual(messages.attempts, most)
                self.assertEqual(len(self.gateway.talk(PHONE)), most)

    def test_what_cannot_be_written_down_keeps_the_others(self):
        """A price that no column takes spoils its own row only."""
        self.env.cr.execute(
            "ALTER TABLE clinic_message ADD CONSTRAINT test_poison"
            " CHECK (cost IS NULL OR cost < 0.05)"
        )
        messages = self.queue(6)
        long = self.Message._queue(
            "test_gateway", self.anna, step="long", channel="sms", body="x" * 200
        )
        with (
            self.assertLogs("odoo.addons.clinic_message", "WARNING"),
            mute_logger("odoo.sql_db"),
        ):
            self.send()
        self.assertEqual(set((messages | long).mapped("state")), {"accepted"})
        self.assertEqual(len(set(messages.mapped("provider_uid"))), 6)
        self.assertFalse(long.provider_uid)
        self.assertEqual(len(self.gateway.talk(PHONE)), 7)

    def test_the_attempt_is_counted_before_the_call(self):
        """A worker that dies in the call leaves a counted try; after some it ends."""
        message = self.queue()
        for turn in range(1, TRIES + 1):
            self.assertEqual(message.state, "queued")
            claim, ids = self.Message._claim_due(self.sms)
            with self.enter_registry_test_mode():
                pairs = (
                    self.Message.with_context(ir_cron_progress_id=None)
                    ._lock_claimed(claim, ids)
                    ._items()
                )
                message._mark_tried(self.sms, claim)
            self.assertEqual(len(pairs), 1)
            self.env.invalidate_all()
            self.assertEqual(message.attempts, turn)
            message.lease_until = fields.Datetime.now() - timedelta(seconds=1)
            self.Message._settle_leases(self.sms)
        self.assertEqual(message.state, "unknown")

    def test_the_breaker_probes_with_one(self):
        """After failures the light is red; one message tries again, each longer."""
        self.gateway.control(channel="sms", error=100)
        messages = self.queue(3)
        self.sms.write({"failures": BREAKER_FAILURES - 1})
        self.send()
        self.assertEqual(self.sms.health, "down")
        self.assertTrue(self.sms._is_open())
        first = self.sms.open_until - fields.Datetime.now()
        before = fields.Datetime.now() - timedelta(seconds=1)
        self.sms.open_until = before
        messages.write({"due": before})
        tries = sum(messages.mapped("attempts"))
        self.send()
        self.assertEqual(sum(messages.mapped("attempts")), tries + 1, "one probe")
        self.assertEqual(self.sms.health, "down", "red until it answers")
        self.assertGreater(self.sms.open_until - fields.Datetime.now(), first * 1.5)
        self.gateway.control(channel="sms", error=0)
        self.assertEqual(self.run_until_quiet(messages), 1)
        self.assertEqual(set(messages.mapped("state")), {"accepted"})
        self.assertEqual(self.sms.health, "good")
