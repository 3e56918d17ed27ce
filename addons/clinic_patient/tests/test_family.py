from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestFamily(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mother = cls.patient("Verdi", "Anna", birth_date="1980-03-12")
        cls.child = cls.patient("Verdi", "Luca", birth_date="2015-06-01")
        cls.stranger = cls.patient("Rossi", "Carla")

    def test_who_may_act_for_whom(self):
        """PAT-04: rights to book, read and sign are given one by one."""
        relation = self.relate(self.child, self.mother, can_sign=False)
        self.assertTrue(relation.can_book and relation.can_read)
        for scope, wards in (
            ("book", self.child),
            ("read", self.child),
            ("sign", self.Partner),
        ):
            with self.subTest(scope=scope):
                self.assertEqual(
                    self.mother._clinic_patients_for(scope), self.mother | wards
                )
        self.assertEqual(self.child._clinic_patients_for("read"), self.child)
        with self.assertRaises(ValueError):
            self.mother._clinic_patients_for("anything")

    def test_relatives_get_no_rights_by_themselves(self):
        """PAT-04: only parents and guardians have rights without being given them."""
        for kind in ("spouse", "child", "sibling", "relative", "caregiver", "other"):
            relation = self.relate(self.stranger, self.mother, kind)
            self.assertFalse(
                relation.can_book or relation.can_read or relation.can_sign, kind
            )
        self.assertFalse(self.mother._clinic_patients_for("read") - self.mother)

    def test_guardian_who_is_no_patient(self):
        father = self.Partner.create({"name": "Verdi Paolo"})
        self.relate(self.child, father)
        self.assertEqual(father._clinic_patients_for("book"), self.child)

    def test_rights_end_at_eighteen(self):
        """PAT-04: a minor's data go to the parents up to the 18th birthday."""
        with freeze_time("2020-01-01"):
            relation = self.relate(self.child, self.mother)
        self.assertEqual(relation.date_stop, date(2033, 5, 31))
        both = self.mother | self.child
        with freeze_time("2033-05-31 12:00:00"):
            self.assertEqual(self.mother._clinic_patients_for("read"), both)
        with freeze_time("2033-06-01 12:00:00"):
            self.assertEqual(self.mother._clinic_patients_for("read"), self.mother)
        self.child.birth_date = "2016-06-01"
        self.assertEqual(relation.date_stop, date(2034, 5, 31))

    def test_last_day_that_is_given(self):
        """PAT-04: a given last day counts, before or after the 18th birthday."""
        relation = self.relate(self.child, self.mother, date_end="2050-01-01")
        self.assertEqual(relation.date_stop, date(2050, 1, 1))
        relation.date_end = "2027-01-01"
        self.assertEqual(relation.date_stop, date(2027, 1, 1))

    def test_guardian_of_an_adult(self):
        """PAT-04: who is guardian of an adult stays so without an end."""
        relation = self.relate(self.mother, self.stranger, "guardian")
        self.assertFalse(relation.date_stop)
        self.assertIn(self.mother, self.stranger._clinic_patients_for("sign"))

    def test_rights_that_begin_later(self):
        with freeze_time("2026-01-01"):
            self.relate(self.child, self.mother, date_start="2026-02-01")
            self.assertNotIn(self.child, self.mother._clinic_patients_for("book"))
        with freeze_time("2026-02-01 12:00:00"):
            self.assertIn(self.child, self.mother._clinic_patients_for("book"))

    def test_impossible_relations(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            with self.env.cr.savepoint():
                self.relate(self.child, self.child)
        with self.assertRaisesRegex(ValidationError, "before the first day"):
            self.relate(
                self.child, self.mother, date_start="2026-02-01", date_end="2026-01-01"
            )

    def test_split_one_call_into_several_patients(self):
        """PAT-04: one call makes several cards that share phones and address."""
        mother = self.mother.with_user(self.user("receptionist"))
        mother.write({"phone": "333 1234567", "street": "Via Appia 1"})
        lines = [("child", "Sara", "2018-01-01"), ("child", "Ugo", "2020-01-01")]
        lines.append(("spouse", "Paolo", "1979-01-01"))
        wizard = mother.env["clinic.family.wizard"].create(
            {
                "patient_id": mother.id,
                "line_ids": [
                    Command.create(
                        {
                            "relation": relation,
                            "family_name": "Verdi",
                            "given_name": given,
                            "birth_date": born,
                        }
                    )
                    for relation, given, born in lines
                ],
            }
        )
        action = wizard.action_create()
        family = self.Partner.search(action["domain"])
        self.assertEqual(len(family), 4)
        self.assertEqual(set(family.mapped("phone")), {"+39 333 123 4567"})
        self.assertEqual(set(family.mapped("street")), {"Via Appia 1"})
        self.assertEqual(len(family.phone_ids), 4)
        minors = family.filtered("is_minor")
        self.assertEqual(self.mother._clinic_patients_for("sign"), self.mother | minors)
        sister = minors.filtered(lambda p: p.given_name == "Sara")
        self.env["clinic.family.wizard"].create(
            {
                "patient_id": sister.id,
                "share_phones": False,
                "share_address": False,
                "line_ids": [
                    Command.create(
                        {
                            "relation": relation,
                            "family_name": "Verdi",
                            "given_name": given,
                        }
                    )
                    for relation, given in (("sibling", "Eva"), ("parent", "Rita"))
                ],
            }
        ).action_create()
        eva = self.Partner.search([("given_name", "=", "Eva")])
        rita = self.Partner.search([("given_name", "=", "Rita")])
        self.assertFalse(eva.phone or eva.street)
        self.assertIn(eva, self.mother._clinic_patients_for("book"))
        self.assertIn(sister, rita._clinic_patients_for("book"))
        self.assertEqual(sister.family_count, 3)

    def test_split_warns_of_people_who_are_here(self):
        line = self.env["clinic.family.wizard.line"].new(
            {
                "family_name": "verdi",
                "given_name": "LUCA",
                "birth_date": date(2015, 6, 1),
            }
        )
        self.assertIn("Verdi Luca", line.duplicate_warning)

    def test_split_of_nobody(self):
        wizard = self.env["clinic.family.wizard"].create({"patient_id": self.mother.id})
        with self.assertRaisesRegex(UserError, "at least one"):
            wizard.action_create()
