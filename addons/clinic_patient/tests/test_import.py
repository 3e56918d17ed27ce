from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..lib import codice_fiscale
from ..models import clinic_patient_import_check as check
from ..models import clinic_patient_import_run as run
from .common import ROLES, make_code
from .import_common import HEADERS, ImportCommon

BORN = date(1980, 3, 12)


#: Columns that hold the moment at which a card was made.
MOMENTS = ("create_date", "write_date", "calendar_last_notif_ack")


@tagged("post_install", "-at_install")
class TestImport(ImportCommon):
    def test_from_file_to_cards(self):
        """PAT-09: a file becomes cards: columns recognised, checked, then made."""
        job = self.job(
            self.csv_bytes(
                [
                    HEADERS,
                    ("Rossi", "Luca", "31/12/1979", "M", "333 1234567", "l@rossi.it"),
                    ("Bianchi", "Anna", "1/2/1990", "F", "06 69821234", ""),
                    ("", "", "", "", "", ""),
                    ("Neri", "Zoë", "45/13/1990", "?!", "12", "nobody"),
                ]
            )
        )
        job.action_read()
        self.assertEqual(
            job.column_ids.mapped("field"),
            ["family_name", "given_name", "birth_date", "sex", "phone", "email"],
        )
        self.assertEqual(job.date_order, "dmy")
        self.assertFalse(job.notice)
        before = self.Partner.search_count([])
        job.action_check()
        self.run_cron()
        self.assertEqual(job.state, "checked")
        self.assertEqual(self.Partner.search_count([]), before, "a dry run")
        self.assertEqual((job.new_count, job.error_count, job.total), (2, 1, 3))
        [bad] = job.row_ids.filtered(lambda row: row.state == "error")
        self.assertEqual(bad.number, 5, "the line that a person sees in the file")
        for words in ("45/13/1990", "?!", "“12”", "nobody"):
            self.assertIn(words, bad.reason)
        job.action_import()
        self.run_cron()
        self.assertEqual((job.state, job.imported_count), ("done", 2))
        luca = self.Partner.search([("email", "=", "l@rossi.it")])
        self.assertEqual(luca.name, "Rossi Luca")
        self.assertEqual(luca.birth_date, date(1979, 12, 31))
        self.assertEqual(luca.phone_ids.e164, "+393331234567")
        self.assertEqual(self.Partner.search([("patient_search", "=", "333123")]), luca)
        action = job.action_open_cards()
        self.assertEqual(len(self.Partner.search(action["domain"])), 2)

    def test_equal_to_a_card_made_by_form(self):
        """An imported card is, column by column, as one typed into the form."""
        self.env.user.tz = "Europe/Rome"
        italy = self.env.ref("base.it")
        state = self.env.ref("base.state_it_rm")
        samples = [
            {"family_name": "De Rossi", "given_name": "Maria Pia", "middle_name": "Q."},
            {
                **self.verdi_vals(),
                "phones": [("mobile", "+39 333 123 4567"), ("home", "06 69821234")],
                "email": "Anna.Verdi@Mail.Example",
                "card_number": "C-77",
                "street": "Via Roma 1",
                "zip": "00100",
                "city": "Roma",
                "country_id": italy.id,
                "state_id": state.id,
                "occupation": "Baker",
                "patient_warning_text": "Wheelchair",
                "clinic_note": "<p>First &lt;line&gt;<br>second</p>",
                "national_number": "80380001",
            },
        ]
        order = (
            "family_name given_name middle_name birth_date sex tax_code card_number "
            "national_number phone phone_home email street zip city country state "
            "occupation patient_warning_text clinic_note"
        ).split()
        rows = [order]
        for vals in samples:
            phones = dict(vals.get("phones", ()))
            texts = {
                **vals,
                "phone": phones.get("mobile"),
                "phone_home": phones.get("home"),
                "country": "Italia" if vals.get("country_id") else "",
                "state": "RM" if vals.get("state_id") else "",
                "clinic_note": "First <line>\nsecond"
                if vals.get("clinic_note")
                else "",
            }
            rows.append([texts.get(name) or "" for name in order])
        job = self.imported(rows, order)
        self.assertEqual(job.imported_count, 2, job.row_ids.mapped("reason"))
        made = [row.partner_id for row in job.row_ids]
        for card, vals in zip(made, samples, strict=True):
            mine = self._columns(card)
            # Others have the numbers that may stand on one card only.
            card.active = False
            card.flush_recordset()
            typed = self._typed(dict(vals))
            self.assertEqual(mine, self._columns(typed))

    def _typed(self, vals):
        phones = vals.pop("phones", ())
        blank = dict.fromkeys(("middle_name", "given_name", "family_name"), False)
        return self.Partner.create(
            {
                **blank,
                **vals,
                "is_patient": True,
                "phone_ids": [
                    (
                        0,
                        0,
                        {
                            "number": self.Phone._read_number(number)[1],
                            "label": label,
                            "is_preferred": place == 0,
                        },
                    )
                    for place, (label, number) in enumerate(phones)
                ],
            }
        )

    def _columns(self, card):
        """Everything the database holds of a card and its numbers."""
        self.env.flush_all()
        found = []
        for query in (
            "SELECT * FROM res_partner WHERE id = %s",
            "SELECT * FROM clinic_phone WHERE partner_id = %s ORDER BY e164",
        ):
            self.env.cr.execute(query, [card.id])
            names = [column.name for column in self.env.cr.description]
            for values in self.env.cr.fetchall():
                row = dict(zip(names, values, strict=True))
                for name in ("id", "partner_id", *MOMENTS):
                    row.pop(name, None)
                if "commercial_partner_id" in row:
                    self.assertEqual(row.pop("commercial_partner_id"), card.id)
                found.append(row)
        self.env.cr.execute(
            "SELECT count(*) FROM mail_followers WHERE res_model = 'res.partner'"
            " AND res_id = %s",
            [card.id],
        )
        found.append(self.env.cr.fetchone())
        return found

    def test_duplicates_are_left_filled_or_reviewed(self):
        """PAT-05: the import asks the one set of rules who is here already."""
        known = self.patient(**self.verdi_vals(), city="Milano")
        code = known.tax_code
        rows = [
            ("Family name", "Given name", "Date of birth", "CF", "City", "Phone"),
            ("Verdi", "Anna", "1980-03-12", code, "Roma", "3331234567"),
            ("Neri", "Ugo", "1970-01-02", "", "Roma", ""),
            ("NERI", "Ugo", "1970-01-02", "", "Bari", ""),
        ]
        job = self.checked(rows)
        self.assertEqual(
            self.states(job), [(2, "duplicate"), (3, "new"), (4, "repeated")]
        )
        self.assertEqual(job.row_ids[0].match_id, known)
        self.assertIn("tax code", job.row_ids[0].reason)
        self.assertEqual(job.row_ids[2].first_number, 3)
        for choice, states, city, phone in (
            ("leave", ["left", "imported", "left"], "Milano", False),
            ("fill", ["filled", "imported", "left"], "Milano", "+39 333 123 4567"),
            ("review", ["second", "imported", "second"], "Milano", False),
        ):
            with self.subTest(choice), self.env.cr.savepoint() as savepoint:
                job.duplicates = choice
                job.action_import()
                self.run_cron()
                self.assertEqual(job.row_ids.mapped("state"), states)
                self.assertEqual((known.city, known.phone), (city, phone))
                pairs = self.env["clinic.duplicate"].search(
                    [("first_id", "=", known.id)]
                )
                self.assertEqual(len(pairs), choice == "review")
                if choice == "review":
                    self.assertEqual(pairs.second_id.identity_state, "to_review")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_uncertain_match_is_not_filled(self):
        """A name that is only similar never changes somebody's card."""
        known = self.patient("Giovannini", "Marco", birth_date=BORN)
        job = self.imported(
            [HEADERS, ("Giovanini", "Marco", "12/03/1980", "", "3331234567", "")],
            duplicates="fill",
        )
        self.assertEqual(job.row_ids.state, "left")
        self.assertFalse(known.phone)

    def test_mapping_is_remembered(self):
        """The choice for odd headers is proposed for the next file that has them."""
        rows = [("Xyz", "Whatever"), ("Rossi", "Luca"), ("Bianchi", "Anna")]
        job = self.job(self.csv_bytes(rows))
        job.action_read()
        self.assertIn("name", job.notice)
        with self.assertRaisesRegex(UserError, "No column holds a name"):
            job.action_check()
        job.column_ids[0].field = "family_name"
        job.column_ids[1].field = "given_name"
        job.action_check()
        again = self.job(self.csv_bytes([row[::-1] for row in rows]))
        again.action_read()
        self.assertEqual(
            again.column_ids.mapped("field"), ["given_name", "family_name"]
        )

    def test_columns_that_clash(self):
        """Repeated headers are named, and one field takes one column."""
        job = self.job(
            self.csv_bytes(
                [("Name", "Phone", "phone"), ("Rossi Luca", "333 1234567", "06 6982")]
            )
        )
        job.action_read()
        self.assertIn("B, C", job.notice)
        self.assertEqual(job.column_ids.mapped("field"), ["name", False, False])
        job.column_ids[1:].field = "phone"
        with self.assertRaisesRegex(UserError, "Mobile phone.*B, C"):
            job.action_check()
        job.column_ids[2].field = "family_name"
        with self.assertRaisesRegex(UserError, "whole name or its parts"):
            job.action_check()

    def test_without_headers(self):
        """A file without headers has a card for its first line as well."""
        job = self.imported(
            [("Rossi", "Luca"), ("Bianchi", "Anna")],
            ["family_name", "given_name"],
            headings_line=0,
        )
        self.assertEqual(job.imported_count, 2)
        self.assertEqual(job.row_ids.mapped("number"), [1, 2])

    def test_bad_row_stops_no_other(self):
        """A card number taken meanwhile costs its own line and no other."""
        rows = [("Family name", "Given name", "Card number")]
        rows += [(f"Family{n}", "Given", f"C-{n}") for n in range(5)]
        job = self.checked(rows)
        # A card from before the check, whose number somebody types in afterwards.
        old = self.patient("Old", "Card")
        self.env["clinic.patient.import"].browse(job.id).last_card = old.id
        old.card_number = "C-3"
        job.action_import()
        self.run_cron()
        self.assertEqual(
            [row.state for row in job.row_ids],
            ["imported", "imported", "imported", "error", "imported"],
        )
        self.assertIn("card number", job.row_ids[3].reason)

    def test_cards_made_since_the_check_are_seen(self):
        """Somebody registered between the check and the import is not doubled."""
        job = self.checked([HEADERS, ("Rossi", "Luca", "12/03/1980", "", "", "")])
        luca = self.patient("Rossi", "Luca", birth_date=BORN)
        job.action_import()
        self.run_cron()
        self.assertEqual(job.row_ids.state, "left")
        self.assertEqual(job.row_ids.match_id, luca)

    def test_pause_and_go_on(self):
        """Paused between two batches, it goes on with the next and doubles nobody."""
        rows = [("Family name", "Given name")]
        rows += [(f"Pausing{n}", "Given") for n in range(7)]
        insert = run.ClinicPatientImport._insert_cards

        def insert_and_pause(job, pattern):
            done = insert(job, pattern)
            job.action_pause()
            return done

        with (
            patch.object(check, "BATCH", 2),
            patch.object(run, "BATCH", 2),
        ):
            job = self.checked(rows)
            self.assertEqual(job.new_count, 7)
            job.action_import()
            with patch.object(
                run.ClinicPatientImport, "_insert_cards", insert_and_pause
            ):
                self.run_cron()
            self.assertEqual((job.state, job.imported_count), ("running", 2))
            job.action_resume()
            self.run_cron()
        self.assertEqual((job.state, job.imported_count), ("done", 7))
        found = self.Partner.search([("family_name", "=like", "Pausing%")])
        self.assertEqual(len(found), 7)

    def test_crash_in_the_middle(self):
        """Stopped before a commit, the batch is undone whole and made once more."""
        rows = [("Family name", "Given name")]
        rows += [(f"Crashing{n}", "Given") for n in range(6)]
        insert = run.ClinicPatientImport._insert_cards
        calls = []

        def insert_and_crash(job, pattern):
            done = insert(job, pattern)
            calls.append(done)
            if len(calls) == 2:
                raise ZeroDivisionError
            return done

        with patch.object(check, "BATCH", 2), patch.object(run, "BATCH", 2):
            job = self.checked(rows)
            job.action_import()
            with (
                patch.object(
                    run.ClinicPatientImport, "_insert_cards", insert_and_crash
                ),
                mute_logger("odoo.addons.clinic_base.models.clinic_trouble"),
            ):
                self.run_cron()
                trouble = self.env["clinic.trouble"].search([("res_id", "=", job.id)])
                trouble.next_try = False
                self.run_cron()
            self.assertFalse(trouble.exists())
        self.assertGreater(len(calls), 2, "it went on after the crash")
        self.assertEqual((job.state, job.imported_count), ("done", 6))
        found = self.Partner.search([("family_name", "=like", "Crashing%")])
        self.assertEqual(len(found), 6)
        self.assertEqual(found, job.row_ids.partner_id.sorted(lambda card: card.name))

    def test_roles(self):
        """OPS-01: managers import; nobody else sees the files or their lines."""
        job = self.imported([HEADERS, ("Rossi", "Luca", "", "", "", "")])
        allowed = {"manager", "administrator"}
        for role in ROLES:
            user = self.user(role)
            for record in (job, job.row_ids, job.column_ids):
                with self.subTest(role=role, model=record._name):
                    self.assertEqual(
                        record.with_user(user).has_access("read"), role in allowed
                    )
            if role not in allowed:
                with self.assertRaises(AccessError):
                    job.with_user(user).action_open_rows()

    def test_manager_imports(self):
        """The cards are made with the rights and the name of who imports."""
        manager = self.user("manager")
        self.Import = self.Import.with_user(manager)
        job = self.imported([HEADERS, ("Rossi", "Luca", "", "", "", "")])
        self.assertEqual(job.row_ids.sudo().partner_id.create_uid, manager)

    def test_merge_and_unmerge(self):
        """PAT-04: the line of an import follows its card through a merge and back."""
        job = self.imported([HEADERS, ("Rossi", "Luca", "", "", "", "")])
        row, winner = job.row_ids, self.patient("Rossi", "Luca")
        loser = row.partner_id
        merge = self.env["clinic.merge"]._merge(loser, winner)
        self.env.invalidate_all()
        self.assertEqual(row.partner_id, winner)
        merge.action_undo()
        self.env.invalidate_all()
        self.assertEqual(row.partner_id, loser)

    def test_tax_code_twice(self):
        """S20: every spelling of a tax code is one patient, twins are two."""
        code = make_code("Rossi", "Luca", BORN, "male")
        twin = make_code("Rossi", "Mario", BORN, "male")
        variants = [each for each in codice_fiscale.variants(code) if each != code]
        rows = [("Cognome", "Nome", "Data di nascita", "Codice fiscale")]
        rows += [("Rossi", "Luca", "12/03/1980", code)]
        rows += [("Rossi", "Luca", "12/03/1980", variants[-1])]
        rows += [("Rossi", "Mario", "12/03/1980", twin)]
        job = self.checked(rows)
        self.assertEqual(job.row_ids.mapped("state"), ["new", "repeated", "new"])
