import ast
import re
from pathlib import Path

from odoo.tests import tagged

from ..lib.lock_spaces import LockSpace, Worker, try_lock, wait_for_lock
from .common import ClinicPatientCommon

ADDONS = Path(__file__).resolve().parents[2]
CALL = re.compile(r"pg_\w*advisory\w*\s*\(([^)]*)\)")


@tagged("post_install", "-at_install")
class TestLockSpaces(ClinicPatientCommon):
    """Every advisory lock of the suite stands in one register."""

    def sources(self):
        """The program texts of all addons of the suite, without their tests."""
        for path in sorted(ADDONS.glob("clinic_*/**/*")):
            if path.suffix in (".py", ".sql", ".xml") and "tests" not in path.parts:
                yield path, path.read_text()

    def test_no_number_stands_elsewhere(self):
        """No lock is taken with a number of its own, whoever writes it."""
        found, looked = [], 0
        numbers = re.compile("|".join(rf"\b{space.value}\b" for space in LockSpace))
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
        for register in (LockSpace, Worker):
            self.assertEqual(
                len(register.__members__), len({each.value for each in register})
            )
        with self.assertRaises(ValueError):
            try_lock(self.env.cr, 7499)

    def test_import_and_segment_of_one_number(self):
        """An import and a segment with the same id do not wait for each other."""
        with self.registry.cursor() as other:
            wait_for_lock(other, LockSpace.IMPORT, 1)
            self.assertFalse(try_lock(self.env.cr, LockSpace.IMPORT, 1))
            self.assertTrue(try_lock(self.env.cr, LockSpace.SEGMENT_HISTORY, 1))
            self.assertTrue(try_lock(self.env.cr, LockSpace.IMPORT, 2))
