import ast
from pathlib import Path

from odoo.tests import tagged

from .common import ClinicPatientCommon

ADDONS = Path(__file__).resolve().parents[2]
#: Keys of a context that anybody may set, and why that does no harm.
HARMLESS = {
    "clinic_show_zone": "shows more of a name",
    "clinic_following": "written anew by the one method that reads it",
    "clinic_enquiry_id": "its rights are checked",
}


@tagged("post_install", "-at_install")
class TestContextMarks(ClinicPatientCommon):
    """Whoever calls over RPC writes the context: no key of it opens anything."""

    def keys(self):
        """``(file, key)`` of the clinic's keys that are asked of a context plainly."""
        for path in sorted(ADDONS.glob("clinic_*/**/*.py")):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                asked = None
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    if node.func.attr == "get" and node.args:
                        asked = node.func.value, node.args[0]
                elif isinstance(node, ast.Subscript):
                    asked = node.value, node.slice
                if (
                    asked
                    and isinstance(asked[0], ast.Attribute)
                    and asked[0].attr == "context"
                    and isinstance(asked[1], ast.Constant)
                    and str(asked[1].value).startswith("clinic_")
                ):
                    yield path.name, asked[1].value

    def test_no_key_is_trusted(self):
        """Marks of the suite are objects that JSON cannot carry; see ``lib/ours``."""
        found = list(self.keys())
        self.assertTrue(found, "the search itself works")
        self.assertEqual([each for each in found if each[1] not in HARMLESS], [])
