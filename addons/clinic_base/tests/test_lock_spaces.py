import ast
import re
from pathlib import Path

from odoo.tests import tagged

from ..lib.lock_spaces import SPACES, lock_space, try_lock, wait_for_lock
from .common import ClinicBaseCommon

ADDONS = Path(__file__).resolve().parents[2]
CALL = re.compile(r"pg_\w*advisory\w*\s*\(([^)]*)\)")


@tagged("post_install", "-at_install")
class TestLockSpaces(ClinicBaseCommon):
    """Every advisory lock of the suite stands in one register."""

    def sources(self):
        """The program texts of all addons of the suite, without their tests."""
        for path in sorted(ADDONS.glob("clinic_*/**/*")):
            if path.suffix in (".py", ".sql", ".xml") and "tests" not in path.parts:
                yield path, path.read_text()

    def test_no_number_stands_elsewhere(self):
        """No lock is taken with a number of its own, whoever writes it."""
        found, looked = [], 0
        numbers = re.compile("|".join(rf"\b{space}\b" for space in SPACES))
        for path, text in self.sources():
            looked += 1
            if path.name == "lock_spaces.py":
                continue
            calls = CALL.findall(text)
            found += [(path.name, call) for call in calls if re.search(r"\d", call)]
            if path.suffix == ".py":
                found += [
                    (path.name, node.value)
                    for node in ast.walk(ast.parse(text))
                    if isinstance(node, ast.Constant)
                    and isinstance(node.value, int)
                    and numbers.fullmatch(str(node.value))
                ]
        self.assertGreater(looked, 300)
        self.assertEqual(found, [])

    def test_no_two_spaces_with_one_number(self):
        """A number is one thing's alone, and one that nobody entered is refused."""
        with self.assertRaises(ValueError):
            try_lock(self.env.cr, 7499)
        with self.assertRaises(ValueError):
            wait_for_lock(self.env.cr, 7499)
        self.enter(7499, "a thing of the test")
        lock_space(7499, "a thing of the test")
        with self.assertRaises(ValueError):
            lock_space(7499, "another thing")

    def test_two_things_of_one_number(self):
        """Things of two kinds with the same id do not wait for each other."""
        one = self.enter(7498, "one kind of thing")
        two = self.enter(7499, "another kind of thing")
        with self.registry.cursor() as other:
            wait_for_lock(other, one, 1)
            self.assertFalse(try_lock(self.env.cr, one, 1))
            self.assertTrue(try_lock(self.env.cr, two, 1))
            self.assertTrue(try_lock(self.env.cr, one, 2))

    def enter(self, number, what):
        """A space that is there for this test only."""
        self.addCleanup(SPACES.pop, number, None)
        return lock_space(number, what)
