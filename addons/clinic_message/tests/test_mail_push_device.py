import json
import socket

from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged

GOOD = "https://fcm.googleapis.com/fcm/send/abc"
KEYS = {"p256dh": "x", "auth": "y"}


@tagged("post_install", "-at_install")
class TestMailPushDevice(TransactionCase):
    """Odoo's own pushes go to browsers' push services, and to no address inside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.devices = cls.env["mail.push.device"].with_user(
            cls.env.ref("base.user_admin")
        )
        cls.key = cls.devices.get_web_push_vapid_public_key()

    def register(self, endpoint, **more):
        self.devices.register_devices(
            vapid_public_key=self.key, endpoint=endpoint, keys=KEYS, **more
        )

    def test_registration(self):
        """What is no push service is refused, also in place of one that is."""
        self.register(GOOD)
        for endpoint in (
            "http://127.0.0.1:8069/web",
            "https://169.254.169.254/latest/meta-data",
            "https://localhost/",
            "http://fcm.googleapis.com/",
            "https://fcm.googleapis.com:8443/",
            "https://fcm.googleapis.com.evil.example/",
            "https://fcm.googleapis.com@10.0.0.1/",
            "file:///etc/passwd",
            "x" * 2000,
        ):
            for more in ({}, {"previousEndpoint": GOOD}):
                with self.subTest(endpoint[:60], **more):
                    with self.assertRaises(ValidationError):
                        with self.env.cr.savepoint():
                            self.register(endpoint, **more)
        found = self.devices.sudo().search([("endpoint", "=", GOOD)])
        self.assertEqual(len(found), 1)

    def older(self, endpoint):
        """A device from before the check."""
        self.env.cr.execute(
            "INSERT INTO mail_push_device (partner_id, endpoint, keys)"
            " VALUES (%s, %s, %s) RETURNING id",
            [self.env.user.partner_id.id, endpoint, json.dumps(KEYS)],
        )
        return self.devices.sudo().browse(self.env.cr.fetchone()[0])

    def test_sending(self):
        """Nobody knocks at an address inside that was registered before."""
        with socket.socket() as trap:
            trap.bind(("127.0.0.1", 0))
            trap.listen()
            trap.settimeout(0.2)
            device = self.older(f"http://127.0.0.1:{trap.getsockname()[1]}/")
            parameters = self.env["ir.config_parameter"]
            keys = [
                parameters.get_param(f"mail.web_push_vapid_{half}_key")
                for half in ("private", "public")
            ]
            self.env["mail.thread"]._web_push_send_notification(
                device, *keys, payload={"title": "x"}
            )
            self.env["mail.push"].create(
                {"mail_push_device_id": device.id, "payload": "{}"}
            )
            self.env["mail.push"]._push_notification_to_endpoint()
            self.assertFalse(device.exists())
            with self.assertRaises(TimeoutError):
                trap.accept()
