import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

ADDONS = Path(__file__).resolve().parents[2]
#: Odoo itself; our own addons are there under the same name.
ODOO = re.compile(r"^\s*(?:from|import) odoo(?!\.addons\.clinic_\w+\.lib\b).*", re.M)
#: A constant of another addon's model, the names in brackets over several lines too.
BORROWED = re.compile(
    r"^from odoo\.addons\.clinic_\w+\.models[\w.]* import"
    r" (?:\([^)]*)?(?:[^\n(]*, )?[A-Z][A-Z_]+\b.*",
    re.M,
)


@tagged("post_install", "-at_install")
class TestLib(TransactionCase):
    """What is plain Python stays so: it is read, tested and measured without Odoo."""

    def found(self, pattern, files):
        """Lines of these files in which a pattern is found, tests left out."""
        return [
            f"{path.relative_to(ADDONS)}: {hit[0].strip()}"
            for path in files
            if "tests" not in path.parts
            for hit in pattern.finditer(path.read_text())
        ]

    def test_lib_needs_no_odoo(self):
        """Nothing in a ``lib`` folder imports Odoo; ``tools`` is for what does."""
        inside = sorted(ADDONS.glob("clinic_*/lib/**/*.py"))
        self.assertTrue(self.found(re.compile("^import re$", re.M), inside))
        self.assertTrue(self.found(ODOO, ADDONS.glob("clinic_*/tools/*.py")))
        self.assertEqual(self.found(ODOO, inside), [])

    def test_constants_of_another_addon_are_in_its_lib(self):
        """No addon takes a constant out of another one's models."""
        files = sorted(ADDONS.glob("clinic_*/**/*.py"))
        self.assertTrue(
            BORROWED.search(
                "from odoo.addons.clinic_other.models.other import (\n"
                "    Person,\n    STAFF_GROUPS,\n)\n"
            )
        )
        self.assertEqual(self.found(BORROWED, files), [])
