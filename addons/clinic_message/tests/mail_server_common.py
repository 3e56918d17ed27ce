from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.addons.base.models.ir_mail_server import IrMail_Server

from .common import NOW, MessageCommon
from .smtp_common import MailServer


class MailServerCommon(MessageCommon):
    """A clinic whose outgoing server is a real one, on loopback."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = MailServer()
        cls.addClassCleanup(cls.server.stop)
        cls.env["ir.mail_server"].search([]).active = False
        cls.way_out = cls.env["ir.mail_server"].create(
            {
                "name": "Test",
                "smtp_host": "127.0.0.1",
                "smtp_port": cls.server.port,
                "smtp_encryption": "none",
            }
        )
        # Odoo sends no mail in tests unless it is told to.
        sending = patch.object(IrMail_Server, "_disable_send", lambda *_self: False)
        sending.start()
        cls.addClassCleanup(sending.stop)

    def setUp(self):
        super().setUp()
        self.server.reset()

    def send(self, hours=0):
        """One run of the sender, some hours later."""
        cron = self.mail_provider.sudo().cron_ids[:1]
        self.env.flush_all()
        with (
            freeze_time(NOW + timedelta(hours=hours)),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        self.env.invalidate_all()
