from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestProbe(TransactionCase):
    def test_place_is_kept(self):
        """A record keeps what it was given."""
        probe = self.env["clinic.probe"].create(
            {"place": 1, "start": "2030-01-01 08:00", "stop": "2030-01-01 09:00"}
        )
        self.assertEqual(probe.place, 1)
