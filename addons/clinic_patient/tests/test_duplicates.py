from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..lib import codice_fiscale, duplicate_rules
from ..models import clinic_duplicate_search
from .common import ClinicPatientCommon, make_code

BORN = date(1980, 3, 12)
PHONE = "+393331234567"
OTHER = "+393337654321"


@tagged("post_install", "-at_install")
class TestDuplicates(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Duplicate = cls.env["clinic.duplicate"]
        cls.Search = cls.env["clinic.duplicate.search"]
        cls.Search.search([]).write({"state": "done", "date_start": "2000-01-01"})

    def card(self, family="Verdi", given="Anna", born=BORN, phone=None, **vals):
        phones = [phone] if isinstance(phone, str) else phone or []
        return self.patient(
            family,
            given,
            birth_date=born,
            phone_ids=[Command.create({"number": number}) for number in phones],
            **vals,
        )

    def search_all(self, kind="full", since=None):
        self.Search.search([("state", "!=", "done")]).write({"state": "done"})
        search = self.Search.create({"kind": kind, "since": since})
        while search.state != "done":
            search._step()
        return search

    def pair_of(self, one, other):
        first, second = (one | other).sorted("id")
        return self.Duplicate.search(
            [("first_id", "=", first.id), ("second_id", "=", second.id)]
        )

    def assert_pairs(self, cases, expected):
        made = [(self.card(**one), self.card(**other)) for one, other in cases]
        self.search_all()
        for (one, other), case in zip(made, cases, strict=True):
            with self.subTest(case=case):
                pair = self.pair_of(one, other)
                self.assertEqual(bool(pair), expected)
                # The form, the registration and the search have one opinion.
                found = self.Partner._find_duplicates(one._duplicate_vals())
                self.assertEqual(other in found, expected)
                if pair:
                    self.assertTrue(pair.reason_text)
                    self.assertGreaterEqual(pair.score, duplicate_rules.THRESHOLD)

    def test_one_person(self):
        """PAT-05: exact and fuzzy signs of one person."""
        code = make_code("Verdi", "Anna", BORN, "female")
        variant = list(codice_fiscale.variants(code))[77]
        self.assert_pairs(
            [
                (
                    {"family": "Uno", "tax_code": code},
                    {
                        "family": "Due",
                        "born": None,
                        "tax_code": variant,
                        "identity_state": "to_review",
                    },
                ),
                ({"family": "Tre"}, {"family": "TRÈ"}),
                ({"family": "Quattro"}, {"family": "Anna", "given": "Quattro"}),
                ({"family": "D'Angelo"}, {"family": "DAngelo"}),
                ({"family": "De Cinque"}, {"family": "DeCinque"}),
                ({"family": "Rossetti"}, {"family": "Rosetti"}),
                ({"family": "Neri"}, {"family": "Nerri", "given": "Ana"}),
                (
                    {"family": "Sei", "given": "Giovanni"},
                    {"family": "Sei", "given": "Giovani"},
                ),
                (
                    {"family": "Sette", "given": "Anna Maria"},
                    {"family": "Sette", "given": "Anna"},
                ),
                (
                    {"family": "Otto", "phone": PHONE},
                    {"family": "Otto", "phone": PHONE, "born": None},
                ),
                (
                    {"family": "Nove", "phone": PHONE},
                    {"family": "Nove", "phone": PHONE, "born": date(1980, 12, 3)},
                ),
                # A family name changed by marriage.
                (
                    {"family": "Dieci", "phone": [OTHER, PHONE], "given": "Zoe"},
                    {"family": "Undici", "phone": PHONE, "given": "Zoe"},
                ),
                # The same name in two scripts.
                (
                    {
                        "family": "Иванов",
                        "given": "Пётр",
                        "phone": "+393330000001",
                        "born": date(1970, 1, 2),
                    },
                    {
                        "family": "Ivanov",
                        "given": "Petr",
                        "phone": "+393330000001",
                        "born": date(1970, 1, 2),
                    },
                ),
            ],
            True,
        )

    def test_128_variants_are_one_patient(self):
        """S20: every spelling of a tax code leads to the one card."""
        code = make_code("Verdi", "Anna", BORN, "female")
        card = self.card(tax_code=code)
        for variant in codice_fiscale.variants(code):
            self.assertEqual(self.Partner._find_duplicates({"tax_code": variant}), card)

    def test_other_people(self):
        """PAT-05, S20: twins, households and namesakes are not one person."""
        at_home = {"phone": PHONE, "street": "Via Roma 1", "email": "a@example.com"}
        self.assert_pairs(
            [
                # Twins.
                (
                    {"family": "Gemelli", "given": "Marco", **at_home},
                    {"family": "Gemelli", "given": "Luca", **at_home},
                ),
                (
                    {"family": "Gemella", "given": "Paola", **at_home},
                    {"family": "Gemella", "given": "Paolo", **at_home},
                ),
                (
                    {"family": "Gemelle", "given": "Maria", "sex": "female", **at_home},
                    {"family": "Gemelle", "given": "Mario", "sex": "male", **at_home},
                ),
                (
                    {"family": "Gemello", "given": "Francesco", **at_home},
                    {"family": "Gemello", "given": "Francesca", **at_home},
                ),
                # Father and son of one name, and their household.
                (
                    {"family": "Padre", "given": "Ugo", **at_home},
                    {
                        "family": "Padre",
                        "given": "Ugo",
                        "born": date(1950, 3, 12),
                        **at_home,
                    },
                ),
                (
                    {"family": "Casa", "given": "Ada", "born": None, **at_home},
                    {"family": "Casa", "given": "Eva", "born": None, **at_home},
                ),
                # Namesakes born on one day, with tax codes of their own.
                (
                    {
                        "family": "Caso",
                        "tax_code": make_code("Caso", "Anna", BORN, "female", "H501"),
                    },
                    {
                        "family": "Caso",
                        "tax_code": make_code("Caso", "Anna", BORN, "female", "F205"),
                    },
                ),
                # Namesakes of whom nothing else is known.
                (
                    {"family": "Nome", "born": None},
                    {"family": "Nome", "born": None, "phone": PHONE},
                ),
            ],
            False,
        )

    def test_companies(self):
        """OPS-01: cards of two companies are no pair."""
        one, other = (
            self.env["res.company"].create({"name": name}) for name in ("A", "B")
        )
        here = self.card(company_id=one.id)
        there = self.card(company_id=other.id)
        shared = self.card()
        self.search_all()
        self.assertFalse(self.pair_of(here, there))
        self.assertEqual(self.pair_of(here, shared).company_id, one)
        self.assertEqual(self.pair_of(there, shared).company_id, other)

    def test_decisions_stay(self):
        """PAT-05: what was decided is not asked again; what is settled goes away."""
        one, other, third = self.card(), self.card(), self.card(family="Verdy")
        self.search_all()
        pair, open_pair = self.pair_of(one, other), self.pair_of(one, third)
        pair.action_not_same()
        third.birth_date = date(1990, 1, 1)
        self.search_all()
        self.assertEqual(pair.state, "not_same")
        self.assertFalse(open_pair.exists())
        pair.action_review_again()
        self.assertEqual(pair.state, "to_review")

    def test_changes_are_enough(self):
        """PAT-05: the hourly search looks at what changed and finds its pairs."""
        one, other = self.card(), self.card(family="Neri", given="Carla")
        self.search_all()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET write_date = '2001-01-01';"
            "UPDATE clinic_phone SET write_date = '2001-01-01'"
        )
        self.env.invalidate_all()
        search = self.search_all("changed", fields.Datetime.now() - timedelta(days=1))
        self.assertEqual(search.checked, 0)
        other.write({"family_name": "Verdi", "given_name": "Anna"})
        self.env.flush_all()
        search = self.search_all("changed", fields.Datetime.now() - timedelta(days=1))
        self.assertEqual((search.checked, search.found), (1, 1))
        self.assertTrue(self.pair_of(one, other))
        self.env.cr.execute("UPDATE res_partner SET write_date = '2001-01-01'")
        self.env.invalidate_all()
        other.birth_date = date(1999, 9, 9)
        self.env.flush_all()
        self.search_all("changed", fields.Datetime.now() - timedelta(days=1))
        self.assertFalse(self.pair_of(one, other))

    def test_goes_on_where_it_was(self):
        """PAT-05: batches with progress; a search that was cut off goes on."""
        self.patch(clinic_duplicate_search, "BATCH", {"full": 2, "changed": 2})
        cards = [self.card(family=f"Verdi{number // 2}") for number in range(6)]
        self.Search.search([("state", "!=", "done")]).write({"state": "done"})
        search = self.Search.create({"kind": "full"})
        search._step()
        self.assertEqual(search.state, "running")
        self.assertGreater(search.progress, 0)
        self.assertLess(search.progress, 100)
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            job = self.env.ref("clinic_patient.ir_cron_search_duplicates")
            job.method_direct_trigger()
        self.env.invalidate_all()
        while search.state != "done":
            search._step()
        self.assertEqual(search.progress, 100)
        self.assertEqual(search.checked, search.total)
        for number in range(0, 6, 2):
            self.assertTrue(self.pair_of(cards[number], cards[number + 1]))

    def test_common_values_tell_nothing(self):
        """A stand-in date or a switchboard does not make pairs of strangers."""
        self.patch(duplicate_rules, "COMMON_BIRTH", 2)
        self.patch(duplicate_rules, "COMMON_PHONE", 2)
        cards = [
            self.card(family=family, given="Anna", born=BORN, phone=PHONE)
            for family in ("Abate", "Bruni", "Conti")
        ]
        again = self.card(family="Conti", given="Anna")
        self.search_all()
        self.assertFalse(self.pair_of(cards[0], cards[1]))
        self.assertTrue(self.pair_of(cards[2], again))

    def test_review_and_merge(self):
        """PAT-05: the reviewer chooses value by value; the pair is closed."""
        one = self.card(email="one@example.com", sex="female", clinic_note="<p>A</p>")
        other = self.card(
            email="two@example.com", card_number="C7", clinic_note="<p>B</p>"
        )
        third = self.card()
        self.search_all()
        manager = self.user("manager")
        pair = self.pair_of(one, other).with_user(manager)
        rows = {row["key"]: row for row in pair.comparison["rows"]}
        self.assertTrue(rows["email"]["differs"])
        self.assertEqual(rows["clinic_note"]["side"], "both")
        self.assertEqual(rows["card_number"]["side"], "second")
        self.assertFalse(rows["name"]["differs"])
        pair.choices = {"survivor": "second", "fields": {"email": "first"}}
        self.assertEqual(pair.comparison["survivor"], "second")
        pair.action_merge()
        self.assertFalse(one.exists())
        self.assertEqual(other.email, "one@example.com")
        self.assertEqual(other.sex, "female")
        self.assertEqual(other.card_number, "C7")
        self.assertEqual((pair.state, pair.reviewed_by_id), ("merged", manager))
        self.assertFalse(pair.comparison)
        self.assertTrue(self.pair_of(other, third))
        pair.merge_id.action_undo()
        self.assertEqual(pair.state, "to_review")
        self.assertTrue(self.pair_of(one, third))

    def test_only_those_who_may(self):
        """OPS-01: reviewing belongs to managers and those with the right."""
        one, other = self.card(), self.card()
        self.search_all()
        pair = self.pair_of(one, other)
        receptionist = self.user("receptionist")
        for method in ("action_merge", "action_not_same", "action_review_again"):
            with self.assertRaises(AccessError):
                getattr(pair.with_user(receptionist), method)()
        with self.assertRaises(AccessError):
            (one | other).with_user(receptionist).action_compare()
        manager = self.user("manager")
        action = (one | other).with_user(manager).action_compare()
        self.assertEqual(action["res_id"], pair.id)
        self.Search.with_user(manager).action_start_full()
        self.assertEqual(
            self.Search.search([("state", "!=", "done")]).mapped("kind"), ["full"]
        )
