from odoo.tests import TransactionCase, tagged

from ..lib.visitor_network import network
from ..models.clinic_one_time_code import PER_NETWORK


@tagged("post_install", "-at_install")
class TestVisitorNetwork(TransactionCase):
    """What the limits count as one visitor."""

    def test_one_visitor_one_network(self):
        """S4, S13: the many addresses of one IPv6 connection count as one."""
        for address, expected in (
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("", ""),
            (None, ""),
            ("no address", "no address"),
        ):
            with self.subTest(address):
                self.assertEqual(network(address), expected)

    def test_codes_are_counted_by_network(self):
        """S4: all addresses of a connection are counted together."""
        self.registry_enter_test_mode()
        self.env["ir.config_parameter"].set_param(PER_NETWORK, "20")
        codes = self.env["clinic.one.time.code"]
        sent = [
            codes._issue(f"+3933300010{n:02}", "booking", f"2001:db8:9:9::{n + 1:x}")
            for n in range(21)
        ]
        self.assertEqual(sent, [True] * 20 + [False])
