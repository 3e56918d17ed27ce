from odoo.addons.clinic_base.tests.common import HootCase


class TestInboxUnit(HootCase):
    def test_inbox(self):
        """What is typed is never lost, what is sent is sent once, in the browser."""
        self.run_hoot("@clinic_message")
