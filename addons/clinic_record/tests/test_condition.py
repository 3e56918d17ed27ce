import base64

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon

from ..lib import classification_file, icd10

CLAML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ClaML SYSTEM "ClaML.dtd">
<ClaML version="2.0.0">
 <Class code="IV" kind="chapter">
  <Rubric kind="preferred"><Label>No</Label></Rubric></Class>
 <Class code="E12" kind="category">
  <Rubric kind="preferred"><Label>Poor nutrition <Reference>x</Reference>
   diabetes</Label></Rubric>
  <Rubric kind="note"><Label>Not this</Label></Rubric>
 </Class>
 <Class code="E12.0" kind="category">
  <Rubric kind="preferred"><Label>With coma</Label></Rubric>
 </Class>
</ClaML>"""
ATTACK = """<?xml version="1.0"?>
<!DOCTYPE ClaML [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<ClaML><Class code="E12" kind="category"><Rubric kind="preferred">
<Label>&secret;</Label></Rubric></Class></ClaML>"""
#: As in the file of codes that WHO ships: no header, several columns of codes.
WHO = """4;T;X;01;A00;Q00.-;Q00;Q00;Anencephaly and what resembles it
4;T;X;01;A00;Q00.0;Q00.0;Q000;Anencephaly of the whole head
4;T;X;01;A00;;;;A line without a code at all"""


@tagged("post_install", "-at_install")
class TestCondition(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Condition = cls.env["clinic.condition"]

    def load(self, text, lang="en_US", user=None):
        Wizard = self.env["clinic.condition.load"].with_user(user or self.env.user)
        return Wizard.create({"content": base64.b64encode(text.encode()), "lang": lang})

    def test_codes_are_written_one_way(self):
        """A code typed or imported in any manner is stored in one."""
        for typed, stored in (
            ("e119", "E11.9"),
            ("E11.-", "E11"),
            ("A17.0+", "A17.0"),
            ("S72.001A", "S72.001A"),
            ("diabetes", None),
            ("", None),
            ("E1", None),
        ):
            with self.subTest(typed):
                self.assertEqual(icd10.normalise(typed), stored)
        condition = self.Condition.create({"code": " e14.9 ", "name": "Diabetes"})
        self.assertEqual((condition.code, condition.chapter), ("E14.9", "04"))

    def test_wrong_codes_are_refused(self):
        """What is no code is refused with an example; the database agrees."""
        with self.assertRaisesRegex(ValidationError, "E11.9"):
            self.Condition.create({"code": "sugar", "name": "Diabetes"})
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.env.cr.execute(
                "INSERT INTO clinic_condition (code, name) VALUES ('x', '{}')"
            )

    def test_one_box(self):
        """Code with or without its point, or words in any order, find a condition."""
        condition = self.Condition.create(
            {"code": "E14.9", "name": "Some diabetes of unknown kind"}
        )
        for typed in ("E149", "e14.9", "unknown diab", "E14 kind"):
            with self.subTest(typed):
                found = [row[0] for row in self.Condition.name_search(typed)]
                self.assertIn(condition.id, found)
        self.assertFalse(self.Condition.name_search("E14 migraine"))

    def test_codes_find_their_place(self):
        """A finer code hangs under the nearest wider one, whichever came first."""
        fine = self.Condition.create({"code": "Q99.91", "name": "Finest"})
        wide = self.Condition.create({"code": "Q99", "name": "Wide"})
        self.assertEqual(fine.parent_id, wide)
        middle = self.Condition.create({"code": "Q99.9", "name": "Middle"})
        self.assertEqual((fine.parent_id, middle.parent_id), (middle, wide))
        middle.code = "Q98.9"
        self.assertEqual(fine.parent_id, wide)

    def test_shipped_list(self):
        """A new clinic starts with the codes that are common in its specialties."""
        self.assertGreater(self.Condition.search_count([]), 150)
        self.assertTrue(self.Condition.search([("code", "=", "I10")]).chapter)

    def test_load_claml(self):
        """ClaML as WHO publishes it: categories only; first a look, then the list."""
        wizard = self.load(CLAML)
        self.assertTrue(wizard.readable)
        self.assertIn("2 new codes", wizard.report)
        self.assertFalse(self.Condition.search([("code", "=", "E12.0")]))
        wizard.action_load()
        coma = self.Condition.search([("code", "=", "E12.0")])
        self.assertEqual(coma.parent_id.name, "Poor nutrition x diabetes")
        self.assertIn("0 new codes, 0 titles that change, 2", self.load(CLAML).report)

    def test_load_table(self):
        """Tables need no header: columns are recognised by what stands in them."""
        found = classification_file.read(WHO.encode())
        self.assertEqual(found.titles["Q00.0"], "Anencephaly of the whole head")
        self.assertEqual(len(found.refused), 1)
        found = classification_file.read(b'code,title\nE14,"Diabetes, other"\n')
        self.assertEqual(found.titles, {"E14": "Diabetes, other"})

    def test_load_is_repeatable_and_keeps_languages(self):
        """A second language is added; own words in the first one stay."""
        self.env["res.lang"]._activate_lang("it_IT")
        own = self.Condition.create({"code": "E14", "name": "Our words"})
        own.active = False
        self.load("E14\tDiabete mellito non specificato", "it_IT").action_load()
        self.assertEqual(own.name, "Our words")
        self.assertEqual(
            own.with_context(lang="it_IT").name, "Diabete mellito non specificato"
        )
        self.assertFalse(own.active)
        before = own.write_date
        self.load("E14\tDiabete mellito non specificato", "it_IT").action_load()
        self.assertEqual(own.write_date, before)

    def test_files_that_attack_or_are_none(self):
        """S11: entities, archives and files without codes are refused with a reason."""
        for text, words in (
            (ATTACK, "entities"),
            ("<a><b></a>", "broken"),
            ("<a/>", "category"),
            ("PK\x03\x04", "archive"),
            ("name;city\nAnna;Roma", "No column"),
            ("E11.9\nE11.8", "none with titles"),
            ("", "No column"),
        ):
            with self.subTest(words):
                wizard = self.load(text or " ")
                self.assertFalse(wizard.readable)
                self.assertIn(words, wizard.report)
                with self.assertRaisesRegex(UserError, words):
                    wizard.action_load()

    def test_who_may_load(self):
        """The list is kept by manager and chief doctor."""
        for role in ("chief_doctor", "manager"):
            self.load("E14\tDiabetes", user=self.user(role)).action_load()
        for role in ("practitioner", "receptionist"):
            with self.assertRaises(AccessError):
                self.load("E14\tDiabetes", user=self.user(role))
