from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ClinicBaseCommon

LOGGER = "odoo.addons.clinic_base.models.clinic_trouble"


@tagged("post_install", "-at_install")
class TestTrouble(ClinicBaseCommon):
    """One record that fails keeps no other waiting, and somebody is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Trouble = cls.env["clinic.trouble"]
        cls.cards = cls.env["res.partner"].create(
            [{"name": name} for name in ("A", "B", "C")]
        )
        cls.bad = cls.cards[0]

    def work(self):
        """Do a job for each card; the bad one has no name that can be written."""

        def one(card):
            card.ref = "done"
            if card == self.bad:
                raise ValueError("refused")

        return self.Trouble._each(self.cards, "Test", one)

    def trouble(self):
        return self.Trouble.search([("job", "=", "Test")])

    def test_the_others_go_on(self):
        """What fails leaves no trace of its work and waits; the rest is done."""
        with self.assertLogs(LOGGER, "ERROR") as logs:
            self.assertEqual(self.work(), self.cards - self.bad)
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(self.cards.mapped("ref"), [False, "done", "done"])
        self.assertEqual(self.trouble().res_id, self.bad.id)
        self.assertEqual(self.work(), self.cards - self.bad)
        self.assertEqual(self.trouble().failures, 1, "it waits for its next try")

    def test_tried_again(self):
        """An administrator lets it be tried at once; what went well is forgotten."""
        with mute_logger(LOGGER):
            self.work()
            self.trouble().with_user(self.administrator()).action_try_again()
            self.work()
        self.assertEqual(self.trouble().failures, 2)
        self.trouble().next_try = False
        self.bad = self.env["res.partner"]
        self.assertEqual(self.work(), self.cards)
        self.assertFalse(self.trouble())

    def test_who_sees_them(self):
        """OPS-01: administrators; nobody writes them by hand."""
        with mute_logger(LOGGER):
            self.work()
        administrator = self.administrator()
        trouble = self.trouble().with_user(administrator)
        self.assertEqual(trouble.error, "ValueError")
        with self.assertRaises(AccessError):
            trouble.write({"failures": 0})
        with self.assertRaises(AccessError):
            trouble.with_user(self.employee()).read(["error"])
