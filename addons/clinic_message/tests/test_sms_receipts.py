from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.http_routing.tests.common import MockRequest
from odoo.addons.sms.tools.sms_api import SmsApi

from .common import MessageCommon


@tagged("post_install", "-at_install")
class TestSmsReceipts(MessageCommon, HttpCase):
    """SMS by Odoo's own service: what it tells Odoo reaches the log."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Provider.search([("channel", "=", "sms")]).active = False
        cls.provider = cls.Provider.create(
            {"name": "Odoo", "channel": "sms", "kind": "odoo_sms"}
        )
        cls.anna.phone_ids = [(0, 0, {"number": "+39 333 1234567"})]
        cls.kind.is_urgent = True

    def send_sms(self, step):
        """A message that Odoo's service took; what it was given."""
        message = self.Message._queue(
            "test_care", self.anna, step=step, channel="sms", body="Come."
        )
        given = []

        def take(_api, endpoint, params, timeout=15):
            given.append(params)
            numbers = params["messages"][0]["numbers"]
            return [{"uuid": each["uuid"], "state": "success"} for each in numbers]

        self.env.flush_all()
        with patch.object(SmsApi, "_contact_iap", take):
            self.provider.sudo().cron_ids[:1].method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(message.state, "sent")
        return message, given[0]

    def tell(self, uuids, status):
        """What Odoo's service reports, over a real socket."""
        answer = self.make_jsonrpc_request(
            "/sms/status",
            {"message_statuses": [{"sms_status": status, "uuids": uuids}]},
        )
        self.env.flush_all()
        self.env.ref("clinic_message.ir_cron_hear").method_direct_trigger()
        self.env.invalidate_all()
        return answer

    def test_receipts_of_odoo_reach_the_log(self):
        """MSG-02: delivered and failed, though Odoo keeps no SMS of it; the key has the
        form that Odoo's receipts ask for."""
        message, given = self.send_sms("1")
        bare = message.uuid.replace("-", "")
        self.assertEqual(given["messages"][0]["numbers"][0]["uuid"], bare)
        self.assertTrue(given["webhook_url"].endswith("/sms/status"))
        # Odoo's daily cleaning leaves no SMS; the tracker stays.
        self.env["sms.sms"]._gc_device()
        self.env["sms.tracker"]._gc_message_trackers()
        self.assertEqual(self.tell([bare], "delivered"), "OK")
        self.assertEqual(message.state, "delivered")
        self.tell([bare], "not_delivered")
        self.assertEqual(message.state, "delivered", "it arrived, whatever comes later")
        failed, _given = self.send_sms("2")
        self.tell([failed.uuid.replace("-", "")], "invalid_destination")
        self.assertEqual(
            (failed.state, failed.failure_type), ("failed", "invalid_destination")
        )
        self.tell(["0" * 32], "delivered")

    def test_a_receipt_is_checked_with_the_key_of_its_company(self):
        """R15: Twilio signs with the key of the clinic that sent: it is found by the
        receipt's own number, also in the second company and without an SMS."""
        message, _given = self.send_sms("1")
        second = self.env["res.company"].create({"name": "Second clinic"})
        message.company_id = second
        self.env.flush_all()
        bare = message.uuid.replace("-", "")
        with MockRequest(self.env) as request:
            for uuid, company in ((bare, second), ("0" * 32, self.env.company)):
                request.params = {"uuid": uuid}
                self.assertEqual(self.env["sms.sms"]._get_sms_company(), company)

    def test_trackers_are_forgotten(self):
        """Receipts come within 72 hours; after a week nobody waits for one."""
        message, _given = self.send_sms("1")
        trackers = self.env["sms.tracker"]
        mine = trackers.search([("sms_uuid", "=", message.uuid.replace("-", ""))])
        other = trackers.create({"sms_uuid": "f" * 32})
        old = fields.Datetime.now() - timedelta(days=8)
        self.env.cr.execute(
            "UPDATE sms_tracker SET create_date = %s WHERE id IN %s",
            [old, (mine | other).ids and tuple((mine | other).ids)],
        )
        trackers.invalidate_model()
        trackers._gc_message_trackers()
        self.assertEqual((mine | other).exists(), other, "Odoo's own is Odoo's")
