from odoo.tests import TransactionCase, tagged

from ..lib import person_name


@tagged("post_install", "-at_install")
class TestPersonName(TransactionCase):
    """What is a name, and what speaks."""

    def test_what_is_a_name(self):
        """Names of people are taken, in every script; what speaks is not."""
        for name in (
            "Anna-Maria D'Angelo",
            "J.R. Rowland",
            "St. John",
            "Dr. med. Karl Müller",
            "王小明",
            "Иванова Анна",
            "Çağlar Şükrü",
            "O\u2019Neil Jr.",
        ):
            self.assertFalse(person_name.speaks(name), name)
        for name in (
            "Mario http://evil.example",
            "evil.example",
            "evil。example",
            "www evil",
            "a@b",
            "call 3330001234",
            "<b>x</b>",
            "x" * 61,
        ):
            self.assertTrue(person_name.speaks(name), name)
