import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

BASE = Path(__file__).resolve().parents[1]
#: What only rooms above know.
WORDS = re.compile(r"patient|appointment|practitioner|encounter|visit(?!or|ing)", re.I)
KINDS = {".py", ".xml", ".csv", ".js", ".txt", ".sql"}


@tagged("post_install", "-at_install")
class TestKnowsNoRoom(TransactionCase):
    """The base knows nobody who lives above it."""

    def sources(self):
        """``(name, text)`` of each file, save for this one."""
        for path in sorted(BASE.rglob("*")):
            if path.suffix in KINDS and path != Path(__file__).resolve():
                yield str(path.relative_to(BASE)), path.read_text()

    def test_no_word_of_a_room(self):
        """No file names another addon of the suite, or what only rooms know."""
        rooms = {path.parent.name for path in BASE.parent.glob("*/__manifest__.py")}
        self.assertIn(BASE.name, rooms, "the search itself works")
        others = "|".join(sorted(rooms - {BASE.name})) or "no other"
        addons = re.compile(rf"\b(?:{others})\b")
        found = [
            (name, hit)
            for name, text in self.sources()
            for hit in {*WORDS.findall(text), *addons.findall(text)}
        ]
        self.assertEqual(found, [])

    def test_no_model_of_a_room(self):
        """Every model of the suite that the base asks for or links to is its own."""
        asked = {
            model
            for _name, text in self.sources()
            for model in re.findall(r"(?:env|registry)\[\"(clinic\.[\w.]+)\"\]", text)
        }
        self.assertIn("clinic.rate.limit", asked, "the search itself works")
        asked |= {
            field.comodel_name
            for Model in self.env.registry.values()
            for field in Model._fields.values()
            if field.comodel_name and BASE.name in (field._modules or ())[:1]
        }
        foreign = {
            name
            for name in asked
            if (self.env[name]._original_module or "").startswith("clinic_")
            and self.env[name]._original_module != BASE.name
        }
        self.assertEqual(foreign, set())
