import random
from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..lib import letters
from .common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestLetterBatch(ClinicPatientCommon):
    """Letters on paper for many patients."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        italy = cls.env.ref("base.it")
        home = {
            "street": "Via del Sole 1",
            "zip": "00184",
            "city": "Roma",
            "country_id": italy.id,
        }
        cls.anna = cls.patient("Verdi", "Anna", **home)
        cls.ugo = cls.patient("Verdi", "Ugo", **home | {"street": "via del Sole, 1"})
        cls.neighbour = cls.patient("Neri", "Ida", **home)
        cls.abroad = cls.patient(
            "Penrose",
            "Howard",
            street="3 Dawn Mews",
            city="London",
            zip="N1 9GU",
            country_id=cls.env.ref("base.uk").id,
        )
        cls.nowhere = cls.patient("Bruni", "Ada")

    def batch(self, patients, **vals):
        return self.env["clinic.letter.batch"].create(
            {"patient_ids": [(6, 0, patients.ids)], **vals}
        )

    def addressed(self, batch):
        return [each.name for each in batch._recipients()[0]]

    def test_one_letter_for_a_household(self):
        """A family at one address gets one letter, neighbours another; who has no
        address is named and not forgotten."""
        everybody = self.anna | self.ugo | self.neighbour | self.abroad | self.nowhere
        batch = self.batch(everybody)
        self.assertEqual(
            self.addressed(batch), ["Family Verdi", "Neri Ida", "Penrose Howard"]
        )
        self.assertEqual(batch.left_out_ids, self.nowhere)
        self.assertEqual(batch.letter_count, 3)
        batch.one_per_household = False
        self.assertEqual(batch.letter_count, 4)

    def test_country_is_written_for_letters_abroad_only(self):
        """At home the country goes without saying."""
        batch = self.batch(self.anna | self.abroad)
        home, abroad = (each.address for each in batch._recipients()[0])
        self.assertNotIn("Italy", home)
        self.assertEqual(abroad[-1], "United Kingdom")

    def test_mail_for_a_child_goes_to_who_may_read_it(self):
        """To the guardian of today; one whose rights have ended gets nothing."""
        child = self.patient("Verdi", "Leo", birth_date=date.today())
        self.relate(
            child,
            self.neighbour,
            date_start=date(2020, 1, 1),
            date_end=date(2020, 2, 1),
        )
        self.relate(child, self.anna)
        batch = self.batch(child)
        [letter] = batch._recipients()[0]
        self.assertEqual(letter.name, "Verdi Anna")
        self.assertIn("Via del Sole 1", letter.address)

    def test_sheets_hold_each_label_once_in_order(self):
        """Whatever the number and the first free label: nothing lost, nothing twice,
        and sheets of eight rows of three."""
        chance = random.Random(3)
        for _time in range(100):
            names = [f"n{number}" for number in range(chance.randrange(1, 80))]
            first = chance.randrange(1, 25)
            sheets = letters.sheets(names, 3, 8, first)
            self.assertTrue(all(len(sheet) == 8 for sheet in sheets))
            cells = [cell for sheet in sheets for row in sheet for cell in row]
            self.assertEqual([cell for cell in cells if cell], names)
            self.assertEqual(cells.index("n0"), first - 1)

    def test_both_prints_hold_the_names(self):
        """Labels and envelopes are printed, what is typed is shown as text."""
        self.anna.street = "<b>Via</b> 1"
        reports = self.env["ir.actions.report"]
        for kind in ("labels", "envelopes"):
            batch = self.batch(self.anna | self.abroad, kind=kind)
            action = batch.action_print()
            html, _type = reports._render_qweb_html(action["report_name"], batch.ids)
            page = html.decode()
            self.assertIn("Penrose Howard", page)
            self.assertIn("&lt;b&gt;Via&lt;/b&gt; 1", page)

    def test_what_cannot_be_printed(self):
        """Nobody with an address, a label that is not on the sheet, no right."""
        with self.assertRaisesRegex(UserError, "street and town"):
            self.batch(self.nowhere).action_print()
        with self.assertRaises(ValidationError):
            self.batch(self.anna, first_label=25)
        with self.assertRaises(AccessError):
            self.env["clinic.letter.batch"].with_user(self.user("cashier")).create({})
