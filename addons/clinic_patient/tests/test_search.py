from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestSearch(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nunez = cls.patient(
            "Núñez O'Hara",
            "María",
            birth_date="1980-03-12",
            sex="female",
            phone="333 1234567",
            card_number="AB-0099",
            tax_code="RSSMRA80A01H501U",
            email="maria.nunez@example.com",
            vip_tier="gold",
        )
        cls.other = cls.patient("Nunziante", "Mario", phone="333 7654321")
        cls.contact = cls.Partner.create({"name": "Núñez & Sons", "is_company": True})

    def found(self, text):
        """Return what the three doors to the search find; they must agree."""
        box = self.Partner.search([("patient_search", "ilike", text)])
        dialog = self.Partner.clinic_search(text)
        domain = [("is_patient", "=", True)]
        field = self.Partner.name_search(text, domain)
        ids = set(box.ids)
        self.assertEqual({row["id"] for row in dialog}, ids)
        self.assertEqual({pair[0] for pair in field}, ids)
        return box & (self.nunez | self.other)

    def test_one_box(self):
        """PAT-01: name, phone, tax code, card number and birth date in one box."""
        for text in (
            "nunez",
            "NÚÑEZ",
            "maria nunez",
            "ohara",
            "o'hara mar",
            "333 123",
            "+39 3331234567",
            "0039 333 1234567",
            "RSSMRA80A01H501U",
            "rssmra80",
            "RSSMRA80A01H50MA",
            "AB-0099",
            "ab0099",
            "0099",
            "12/03/1980",
            "1980-03-12",
            "12.3.80",
            "nunez 12/03/1980",
            "maria 333 123 4567",
            "maria.nunez@example.com",
        ):
            with self.subTest(text=text):
                self.assertEqual(self.found(text), self.nunez)
        self.assertEqual(self.found("mar nun"), self.nunez | self.other)
        self.assertEqual(self.found("333"), self.nunez | self.other)

    def test_nothing(self):
        for text in ("nunez 13/03/1980", "zzz", "333 9", "😀", "%", "_", "' OR 1=1 --"):
            with self.subTest(text=text):
                self.assertFalse(self.found(text))
        self.assertFalse(self.Partner.clinic_search(""))
        self.assertFalse(self.Partner.clinic_search(None))
        self.assertFalse(self.Partner.clinic_search("x" * 100000))

    def test_search_follows_the_card(self):
        self.nunez.write(
            {"family_name": "Bianchi", "card_number": "Z1", "email": False}
        )
        self.nunez.phone_ids.number = "333 5555555"
        self.assertFalse(self.found("nunez"))
        self.assertFalse(self.found("333 1234567"))
        for text in ("bianchi", "z1", "333 5555555"):
            self.assertEqual(self.found(text), self.nunez, text)
        self.nunez.active = False
        self.assertFalse(self.found("bianchi"))

    def test_row_of_the_dialog(self):
        row = self.Partner.clinic_search("maria nunez")[0]
        self.assertEqual(row["display_name"], "Núñez O'Hara María")
        self.assertEqual(row["birth_date"], "1980-03-12")
        self.assertEqual(row["phone"], "+39 333 123 4567")
        self.assertEqual(row["card_number"], "AB-0099")
        self.assertEqual(row["tax_code_end"], "H501U"[-5:])
        self.assertEqual(row["age"], self.nunez.clinic_age)
        self.assertEqual(len(self.Partner.clinic_search("333", limit=1)), 1)

    def test_other_searches_of_contacts_stay(self):
        """Searching contacts at large works as Odoo does it."""
        names = [name for _id, name in self.Partner.name_search("Núñez & S")]
        self.assertEqual(names, ["Núñez & Sons"])
        self.assertIn(
            self.nunez.id, [pair[0] for pair in self.Partner.name_search("ñez")]
        )

    def test_search_within_what_one_may_read(self):
        """The rules of the user apply to the box and to the dialog."""
        receptionist = self.user("receptionist")
        company = self.env["res.company"].create({"name": "Other clinic"})
        self.other.company_id = company
        Partner = self.Partner.with_user(receptionist)
        self.assertEqual(
            Partner.search([("patient_search", "ilike", "333")]), self.nunez
        )
        self.assertEqual(
            [row["id"] for row in Partner.clinic_search("333")], self.nunez.ids
        )
        plain = self.Partner.with_user(self.user())
        with self.assertRaises(AccessError):
            plain.clinic_search("nunez")
        with self.assertRaises(AccessError):
            plain.search([("patient_search", "ilike", "nunez")])

    def test_plan_uses_the_index(self):
        """The query of the box can be answered by the trigram index."""
        query = self.Partner._search(self.Partner._patient_domain("nunez mar")).select()
        condition = """"clinic_search_text" LIKE %s"""
        self.assertEqual(query.code.count(condition), 2)
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            f"EXPLAIN SELECT FROM res_partner WHERE {condition}", ["% nunez%"]
        )
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("clinic_search_text_trigram", plan)
