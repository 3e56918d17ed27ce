import base64
import io
import zipfile
from datetime import date, timedelta

import openpyxl

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.clinic_patient.lib import import_limits
from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon, make_code

ROSTER = """Surname;First name;Date of birth;Phone;Codice fiscale
Verdi;Anna;12/03/1980;;
Bianchi;Carla;1975-01-02;+39 333 1234567;
Neri;Ugo;31.12.1990;;{code}
Gialli;Pia;13/13/1980;;
;;;+39 333 9999999;
Bianchi;Carla;02/01/1975;;
Rossi;Leo;1970-05-05;12;
"""


@tagged("post_install", "-at_install")
class TestCheckup(ClinicPatientCommon):
    """Check-ups of a firm: roster, findings, next steps, what the firm may know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.coordinator = cls.user("coordinator")
        cls.doctor = cls.user("practitioner")
        cls.firm = cls.Partner.create({"name": "Acme", "is_company": True})
        cls.campaign = (
            cls.env["clinic.checkup.campaign"]
            .with_user(cls.coordinator)
            .create({"name": "Spring", "firm_id": cls.firm.id})
        )
        cls.pressure = cls.env["clinic.condition"].search([("code", "=", "I10")])
        cls.pressure |= cls.env["clinic.condition"].create(
            {"code": "I10.9", "name": "High pressure, finer"}
        )

    def load(self, content, **vals):
        if isinstance(content, str):
            content = content.encode()
        wizard = (
            self.env["clinic.checkup.import"]
            .with_user(self.coordinator)
            .create(
                {
                    "campaign_id": self.campaign.id,
                    "content": base64.b64encode(content),
                    **vals,
                }
            )
        )
        wizard.action_import()
        return wizard.report

    def people(self, count, finding=None):
        people = self.env["clinic.checkup.person"].create(
            [
                {
                    "campaign_id": self.campaign.id,
                    "patient_id": self.patient("Person", f"N{number}").id,
                }
                for number in range(count)
            ]
        )
        if finding:
            people.finding_ids = [Command.create({"condition_id": finding.id})]
        return people

    def test_roster(self):
        """PAT-13: known patients are recognised, others get a card, mistakes are
        listed, and a repeat adds nobody."""
        anna = self.patient(birth_date=date(1980, 3, 12))
        born = date(1990, 12, 31)
        code = make_code("Neri", "Ugo", born, "male")
        ugo = self.patient("Nery", "Ugo", birth_date=born, tax_code=code)
        roster = ROSTER.format(code=code.lower())
        report = self.load(roster)
        self.assertIn("1 new cards, 2 known patients added, 0 were", report)
        for words in (
            "Line 5: Date of birth (C)",
            "Line 6: There is no name",
            "Line 7",
        ):
            self.assertIn(words, report)
        self.assertIn("Line 8", report, "the number is no phone number")
        cards = self.campaign.person_ids.patient_id
        self.assertLess(anna | ugo, cards)
        carla = cards - anna - ugo
        self.assertEqual(carla.phone, "+39 333 123 4567")
        self.assertEqual(carla.birth_date, date(1975, 1, 2))
        again = self.load(roster)
        self.assertIn("0 new cards, 0 known patients added, 3 were", again)
        self.assertEqual(self.campaign.person_ids.patient_id, cards)

    def test_roster_that_only_resembles(self):
        """Somebody who only resembles a patient gets a card to review."""
        self.patient(birth_date=date(1980, 3, 12))
        self.load("surname,first name,born\nVerdi,Ana,1980-03-12\n")
        card = self.campaign.person_ids.patient_id
        self.assertEqual(card.given_name, "Ana")
        self.assertEqual(card.identity_state, "to_review")

    def test_roster_from_a_workbook(self):
        """XLSX as firms send it: dates as dates, one column with the whole name."""
        book = openpyxl.Workbook()
        book.active.append(["Nominativo", "Data di nascita"])
        book.active.append(["Ferri Ada", date(1960, 2, 29)])
        buffer = io.BytesIO()
        book.save(buffer)
        self.load(buffer.getvalue())
        card = self.campaign.person_ids.patient_id
        self.assertEqual(
            (card.family_name, card.birth_date), ("Ferri", date(1960, 2, 29))
        )

    def test_roster_in_another_encoding(self):
        """F3: a firm in Moscow sends Windows-1251, an old program a page as .xls."""
        lines = "Фамилия;Имя;Дата рождения\nЁлкина;Анна;25.03.1980\n"
        self.load(lines.encode("cp1251"))
        card = self.campaign.person_ids.patient_id
        self.assertEqual((card.family_name, card.given_name), ("Ёлкина", "Анна"))
        self.assertEqual(card.birth_date, date(1980, 3, 25))
        report = self.load(
            "<table><tr><th>ФИО</th><th>Дата рождения</th></tr>"
            "<tr><td>Ёлкина Анна</td><td>25.03.1980</td></tr></table>".encode("cp1251")
        )
        self.assertIn("1 were on the roster", report)

    def test_roster_with_formulas(self):
        """F3: a formula is no name: whoever stands behind it is refused by line."""
        book = openpyxl.Workbook()
        for row in (["Surname", "First name"], ["=B1", "Ugo"], ["Rossi", "Pia"]):
            book.active.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        report = self.load(buffer.getvalue())
        self.assertEqual(self.campaign.person_ids.patient_id.name, "Rossi Pia")
        self.assertIn("Line 2: Surname (A): the formula gave no value", report)

    def test_roster_with_bad_cells(self):
        """One bad cell does not lose the person, if so chosen; it is named."""
        text = "Surname,First name,Phone,Born\nRossi,Leo,3.47123E+11,1970-05-05\n"
        report = self.load(text)
        self.assertFalse(self.campaign.person_ids)
        self.assertIn("1 lines were left out", report)
        report = self.load(text, bad_cells="without")
        card = self.campaign.person_ids.patient_id
        self.assertEqual((card.name, card.phone), ("Rossi Leo", False))
        self.assertEqual(card.birth_date, date(1970, 5, 5))
        self.assertIn("Line 2: Phone (C): a spreadsheet has rounded", report)

    def test_roster_whose_dates_must_be_asked(self):
        """Nobody guesses whether 04/05 is April or May; the answer is enough."""
        text = "Surname,First name,Born\nRossi,Leo,04/05/1970\n"
        with self.assertRaisesRegex(UserError, "choose how dates are written"):
            self.load(text)
        self.load(text, date_order="mdy")
        card = self.campaign.person_ids.patient_id
        self.assertEqual(card.birth_date, date(1970, 4, 5))

    def test_roster_on_the_second_sheet(self):
        """A title above the headings, notes on the first sheet: found and said."""
        book = openpyxl.Workbook()
        book.active.append(["Notes"])
        sheet = book.create_sheet("Employees")
        for row in (["Acme, 2026"], ["Surname", "First name"], ["Rossi", "Pia"]):
            sheet.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        report = self.load(buffer.getvalue())
        self.assertEqual(self.campaign.person_ids.patient_id.name, "Rossi Pia")
        self.assertIn("Only the sheet “Employees” is imported", report)
        self.assertIn("headings stand in line 2", report)

    def test_files_that_are_none(self):
        """S11: bombs, broken workbooks and lists without headings change nothing."""
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", "<workbook/>")
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
        self.patch(import_limits, "LARGEST_UNPACKED", 20_000_000)
        for content, words in (
            (b"a" * 5_000_001, "too large"),
            (bomb.getvalue(), "unpacks into more"),
            (b"PK\x03\x04 nothing", "damaged"),
            (b"a;b\n1;2", "No line names the columns"),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                self.load(content)
        self.assertFalse(self.campaign.person_ids)

    def test_next_step_by_condition(self):
        """PAT-13: a finding leads to the next step by the rule of its code or of a
        wider one; the coordinator sees the step and not the finding."""
        person = self.people(1)
        person.with_user(self.doctor).finding_ids = [
            Command.create({"condition_id": self.pressure[1].id})
        ]
        self.assertEqual(person.examined_on, fields.Date.context_today(person))
        seen = person.with_user(self.coordinator)
        self.assertEqual(seen.suggestion, "Visit of the cardiologist")
        today = fields.Date.context_today(person)
        self.assertEqual(seen.due_date, today + timedelta(days=30))
        for read in (
            lambda: seen.read(["finding_ids"]),
            lambda: person.finding_ids.with_user(self.coordinator).read(["note"]),
        ):
            with self.assertRaises(AccessError):
                read()
        self.assertEqual(self.campaign.finding_count, 1)

    def test_firm_gets_large_counts_only(self):
        """PAT-13: the firm's report names nobody and gives no count below five."""
        self.people(5, self.pressure[0])
        other = self.env["clinic.condition"].search([("code", "=", "E11")])
        self.people(4, other)
        rows = self.campaign._report_rows()
        self.assertEqual(
            rows,
            [("Heart and circulation", 5), ("Hormones, nutrition, metabolism", None)],
        )
        report = self.env["ir.actions.report"].with_user(self.coordinator)
        text = report._render_qweb_html(
            "clinic_record.report_checkup", self.campaign.ids
        )[0].decode()
        self.assertIn("fewer than 5", text)
        for words in ("Person N", "blood pressure", "I10"):
            self.assertNotIn(words, text)

    def test_who_may_what(self):
        """OPS-01: findings are for those who treat; others see no campaign at all."""
        person = self.people(1, self.pressure[0])
        for role in ("operator", "cashier", "client_representative"):
            user = self.user(role)
            for record in (self.campaign, person, person.finding_ids):
                with self.subTest(role), self.assertRaises(AccessError):
                    record.with_user(user).read(["display_name"])
        with self.assertRaises(AccessError):
            person.with_user(self.user("marketing")).read(["patient_id"])

    def test_merge(self):
        """Two cards of one roster are merged to one person, and come apart again."""
        people = self.people(2, self.pressure[0])
        people[0].finding_ids.condition_id = self.pressure[1]
        loser, winner = people.patient_id
        self.env.flush_all()
        merge = self.env["clinic.merge"]._merge(loser, winner)
        self.env.invalidate_all()
        self.assertEqual(self.campaign.person_ids.patient_id, winner)
        found = self.campaign.person_ids.sudo().finding_ids.condition_id
        self.assertEqual(found, self.pressure, "no finding is lost")
        merge.action_undo()
        self.env.invalidate_all()
        self.assertEqual(self.campaign.person_ids.patient_id, loser | winner)
        self.assertEqual(len(self.campaign.person_ids.sudo().finding_ids), 2)
