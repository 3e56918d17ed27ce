from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .import_common import HEADERS, ImportCommon

BORN = date(1980, 3, 12)


@tagged("post_install", "-at_install")
class TestImportCorrection(ImportCommon):
    """One bad cell never loses the person: three ways to go on."""

    def bad_rows(self):
        return [
            HEADERS,
            ("Rossi", "Luca", "31/12/1979", "M", "12", "l@rossi.example"),
            ("Bianchi", "Anna", "45/13/1990", "F", "333 1234568", ""),
            ("", "Ugo", "never", "", "", ""),
        ]

    def test_leave_the_line_out(self):
        """As it was: the line is refused with its cell, and given back."""
        job = self.imported(self.bad_rows())
        self.assertEqual((job.imported_count, job.error_count), (0, 3))
        self.assertIn("Cellulare (E): “12”", job.row_ids[0].reason)

    def test_import_without_the_cell(self):
        """The person is imported, the rest of the line kept, and the cell named."""
        job = self.checked(self.bad_rows())
        job.action_without_bad_cells()
        self.run_cron()
        job.action_import()
        self.run_cron()
        luca, anna, ugo = (row.partner_id for row in job.row_ids)
        self.assertEqual((luca.email, luca.phone), ("l@rossi.example", False))
        self.assertEqual((anna.birth_date, anna.phone), (False, "+39 333 123 4568"))
        self.assertEqual(ugo.name, "Ugo")
        self.assertIn("Left out: Cellulare (E): “12”", job.row_ids[0].warning)

    def test_no_name_is_never_left_out(self):
        """Nobody is imported without a name."""
        job = self.imported(
            [HEADERS, ("", "", "31/12/1979", "M", "", "")], bad_cells="without"
        )
        self.assertEqual(job.row_ids.state, "error")

    def correct(self, row, **texts):
        """Put cells of a row right in its window, and return what follows."""
        correction = self.env["clinic.patient.import.correction"].browse(
            row.action_correct()["res_id"]
        )
        for cell in correction.cell_ids:
            if (cell.header or "") in texts:
                cell.text = texts[cell.header]
        return correction.action_save()

    def test_correct_on_the_screen(self):
        """A cell is put right, the line read again, and the next bad one shown."""
        job = self.checked(self.bad_rows())
        first, second, third = job.row_ids
        after = self.correct(first, Cellulare="333 1234567")
        self.assertEqual(first.state, "new")
        window = self.env[after["res_model"]].browse(after["res_id"])
        self.assertEqual(window.row_id, second)
        self.correct(second, **{"Data di nascita": "12/13/1990"})
        self.assertIn("“12/13/1990”", second.reason, "still none, and it is said")
        self.correct(second, **{"Data di nascita": "13/12/1990"})
        after = self.correct(third, Cognome="Neri", **{"Data di nascita": ""})
        self.assertEqual(after["type"], "ir.actions.act_window_close")
        self.assertFalse(job.error_count)
        job.action_import()
        self.run_cron()
        self.assertEqual(job.imported_count, 3)
        self.assertEqual(first.partner_id.phone, "+39 333 123 4567")
        self.assertEqual(second.partner_id.birth_date, date(1990, 12, 13))

    def test_words_for_nothing_in_names(self):
        """Half a name that was left out is to be looked at; Nat and NULL are names."""
        job = self.checked(
            [
                ("Cognome", "Nome", "Provincia"),
                ("Rossi", "n/a", ""),
                ("Nat", "NULL", "NA"),
            ]
        )
        first, second = job.row_ids
        self.assertEqual(first.state, "new")
        self.assertIn("Nome (B): “n/a” was taken for no name.", first.warning)
        self.assertFalse(second.warning)
        self.assertEqual(
            (second.vals["family_name"], second.vals["given_name"]), ("Nat", "NULL")
        )

    def test_naples_and_namibia(self):
        """NA is a province of Italy, and a country."""
        self.env.company.country_id = self.env.ref("base.it")
        job = self.checked(
            [
                ("Cognome", "Nome", "Provincia", "Nazione"),
                ("Rossi", "Luca", "NA", ""),
                ("Verdi", "Anna", "", "NA"),
            ],
            ["family_name", "given_name", "state", "country"],
        )
        naples = self.env.ref("base.state_it_na")
        self.assertEqual(job.row_ids[0].vals["state_id"], naples.id)
        self.assertEqual(job.row_ids[1].vals["country_id"], self.env.ref("base.na").id)

    def test_corrected_line_is_whole(self):
        """What makes a line nobody's makes a corrected one so, and checked again."""
        row = ("", "Ugo", "never", "", "", "")
        job = self.checked([HEADERS, *[row] * 4])
        headings, total, wide, blank = job.row_ids
        job._correct(headings, list(HEADERS))
        self.assertIn("repeats the headings", headings.reason)
        job._correct(total, ["Totale", "4"])
        self.assertIn("line of totals", total.reason)
        job._correct(wide, ["Rossi", "Ugo", "", "", "", "", "more"])
        self.assertIn("has 7 cells", wide.reason)
        job._correct(blank, [])
        self.assertIn("There is no name", blank.reason)
        with self.assertRaisesRegex(UserError, "more than 200 cells"):
            job._correct(wide, ["Rossi"] * 201)
        said = job.row_ids.mapped("reason")
        job.action_without_bad_cells()
        self.run_cron()
        self.assertEqual(job.row_ids.mapped("reason"), said)
        self.assertEqual(set(job.row_ids.mapped("state")), {"error"})

    def test_corrected_line_with_a_mark(self):
        """A line refused for a mark is read when the mark is gone, and not before."""
        people = [("Rossi", f"Ugo{number}", "Via Po 1") for number in range(60)]
        lines = [("Cognome", "Nome", "Indirizzo"), *people]
        text = "".join(";".join(line) + "\n" for line in lines)
        job = self.checked((text + 'Neri;Pia;"Via Po 2\n').encode())
        row = job.row_ids.filtered(lambda row: row.state == "error")
        self.assertIn("no partner", row.reason)
        self.correct(row, Cognome="Bianchi")
        self.assertIn("no partner", row.reason)
        self.correct(row, Indirizzo="Via Po 2")
        self.assertEqual(row.state, "new")

    def test_lines_of_another_company(self):
        """Whoever does not see an import sees none of its lines through a window."""
        row = self.checked(self.bad_rows()).row_ids[0]
        other = self.env["res.company"].create({"name": "Other clinic"})
        manager = self.user("manager", company_id=other.id, company_ids=[other.id])
        windows = self.env["clinic.patient.import.correction"].with_user(manager)
        with self.assertRaises(AccessError):
            windows.create({"row_id": row.id})
        job = self.Import.with_user(manager).create({"name": "own.csv"})
        own = self.env["clinic.patient.import.row"].create(
            {"import_id": job.id, "number": 2, "state": "error", "reason": "own"}
        )
        window = windows.create({"row_id": own.id})
        self.assertEqual(window.reason, "own")
        with self.assertRaises(AccessError):
            window.row_id = row.id
        # A window from before the line went to another company.
        window.sudo().row_id = row.id
        self.env.invalidate_all()
        for name in ("line", "reason"):
            with self.assertRaises(AccessError):
                window.read([name])

    def test_corrected_line_is_compared(self):
        """Who is here already is found by what was put right."""
        known = self.patient("Bianchi", "Anna", birth_date=date(1990, 12, 13))
        job = self.checked(
            [*self.bad_rows(), ("Rossi", "Luca", "31/12/1979", "", "", "")]
        )
        self.correct(job.row_ids[1], **{"Data di nascita": "13/12/1990"})
        self.assertEqual(job.row_ids[1].match_id, known)
        self.correct(job.row_ids[0], Cellulare="333 1234567")
        self.assertEqual(job.row_ids[3].state, "repeated")

    def test_corrections_outlive_another_check(self):
        """Columns changed and checked again, what was put right stays right."""
        job = self.checked(self.bad_rows())
        self.correct(job.row_ids[0], Cellulare="333 1234567")
        job.action_without_bad_cells()
        self.run_cron()
        self.assertEqual(job.row_ids[0].state, "new")
        self.assertFalse(job.row_ids[0].warning)

    def test_when_and_by_whom(self):
        """Lines are corrected between check and import, by who may import."""
        job = self.checked(self.bad_rows())
        row = job.row_ids[0]
        with self.assertRaises(AccessError):
            row.with_user(self.user("receptionist")).action_correct()
        window = row.action_correct()
        job.action_import()
        with self.assertRaisesRegex(UserError, "before the import"):
            self.env[window["res_model"]].browse(window["res_id"]).action_save()

    def test_numbers_of_the_hospital(self):
        """F4: outpatient and inpatient numbers tell who is here already."""
        known = self.patient("Verdi", "Anna", birth_date=BORN)
        known.write({"outpatient_number": "A-7", "inpatient_number": "R-9"})
        other = self.patient("Neri", "Ugo", birth_date=date(1970, 1, 2))
        other.outpatient_number = "A-8"
        job = self.checked(
            [
                ("Cognome", "Nome", "Data di nascita", "Numero ambulatoriale")
                + ("Numero ricovero",),
                # Married meanwhile; misspelt and without a date; somebody else.
                ("Bianchi", "Anna", "12/03/1980", "A-7", ""),
                ("Verdy", "Anna", "", "", "R-9"),
                ("Gialli", "Pia", "05/06/1991", "A-8", ""),
                ("Gialli", "Eva", "05/06/1992", "A-11", ""),
                ("Galli", "Eva", "05/06/1992", "A-11", ""),
            ]
        )
        self.assertEqual(
            [row.match_id for row in job.row_ids],
            [known, known, self.Partner, self.Partner, self.Partner],
        )
        self.assertIn("outpatient number", job.row_ids[0].reason)
        self.assertEqual(job.row_ids[4].state, "repeated")
        found = self.Partner._find_duplicates(
            {"family_name": "Verdy", "given_name": "Anna", "inpatient_number": "R-9"}
        )
        self.assertEqual(found, known)

    def test_several_phones(self):
        """F3: all numbers of a cell are kept, the first is the preferred one."""
        job = self.imported(
            [HEADERS, ("Rossi", "Luca", "", "", "333 1234567; 06 69821234", "")]
        )
        card = job.row_ids.partner_id
        self.assertEqual(
            card.phone_ids.mapped("e164"), ["+393331234567", "+390669821234"]
        )
        self.assertEqual(card.phone, "+39 333 123 4567")

    def test_list_without_headings(self):
        """F3: a first line that is a patient is not taken for headings."""
        rows = [("Rossi", "Luca", "12/03/1980"), ("Bianchi", "Anna", "13/04/1990")]
        job = self.job(self.csv_bytes(rows))
        job.action_read()
        self.assertEqual((job.headings_line, job.total), (0, 2))
        self.assertIn("no headings", job.notice)

    def test_columns_belong_to_what_was_read(self):
        """Another line of headings is read before anything is checked by it."""
        rows = [("Rossi", "Luca"), ("Cognome", "Nome"), ("Bianchi", "Anna")]
        job = self.job(self.csv_bytes(rows))
        job.action_read()
        self.assertEqual(job.headings_line, 2)
        job.headings_line = 0
        with self.assertRaisesRegex(UserError, "Read again"):
            job.action_check()
        job.action_read()
        self.assertEqual(job.total, 3)

    def test_quotes_that_stop(self):
        """F1: where nothing can be told, nothing is read and the line is shown."""
        data = (
            b"Cognome;Nome;Indirizzo\n"
            b'Rossi;Ugo;"Via Po 1\nScala B"\nVerdi;Ada;"Via Roma 11\n'
            b"Neri;Pia;Via Po 2\n"
        )
        job = self.job(data)
        with self.assertRaisesRegex(UserError, "line 4.*\n.*Verdi;Ada"):
            job.action_read()
        self.assertEqual(job.state, "draft")
