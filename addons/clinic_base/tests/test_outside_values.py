import json

from odoo.tests import tagged

from ..lib import outside_values
from .common import ClinicBaseCommon


@tagged("post_install", "-at_install")
class TestOutsideValues(ClinicBaseCommon):
    """What cannot be what it should be is told from what is only unusual."""

    def test_texts(self):
        """Letters of all scripts are texts; NUL and half a sign are none."""
        for good in (
            "",
            "Ärztin",
            "医生",
            "🦷",
            "a\tb\n",
            ["x", {"y": ("z", 1)}],
            None,
        ):
            self.assertTrue(outside_values.is_text(good), good)
        nested = "x"
        for _level in range(500):
            nested = [nested]
        for bad in ("\x00", "\ud800", {"\x00": 1}, [{"a": ["b\x00"]}], nested):
            self.assertFalse(outside_values.is_text(bad))

    def test_addresses(self):
        """Nothing leads up in folders; dots in names are dots in names."""
        for good in ("/my", "/clinic/feed/a.ics", "/a..b", "/...", "/it/clinic"):
            self.assertFalse(outside_values.is_odd_path(good), good)
        for bad in ("/..", "/a/../b", "/./a", "../a", "/a\x00", "/\ud800"):
            self.assertTrue(outside_values.is_odd_path(bad), bad)

    def test_depth(self):
        """A deep value is refused before anybody reads it; a long one is not."""
        long = json.dumps({"params": [{"a": [1, 2, {"b": []}]}] * 2000}).encode()
        self.assertFalse(outside_values.is_too_deep(long))
        self.assertFalse(outside_values.is_too_deep(b""))
        self.assertTrue(outside_values.is_too_deep(b"[" * 3000 + b"]" * 3000))
        self.assertTrue(outside_values.is_too_deep(b'{"a":' * 200))
