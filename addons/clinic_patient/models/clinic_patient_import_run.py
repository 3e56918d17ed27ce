from psycopg2 import IntegrityError
from psycopg2.extras import Json

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from .clinic_patient_import_check import BATCH
from .clinic_patient_import_prepare import orm_vals

#: A score from which a card is surely of the same person.
SURE = 95
#: Rows that go through the ORM one by one, between two commits.
FEW = 200
#: Columns of the card that a row fills, with their types.
FILLED = {
    **dict.fromkeys(
        (
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "sex",
            "tax_code",
            "tax_code_base",
            "card_number",
            "outpatient_number",
            "inpatient_number",
            "national_number",
            "insurance_number",
            "email",
            "email_normalized",
            "phone",
            "phone_sanitized",
            "street",
            "street2",
            "zip",
            "city",
            "clinic_area",
            "occupation",
            "employer",
            "lang",
            "source_detail",
            "patient_warning_text",
            "clinic_note",
            "duplicate_key",
            "clinic_search_text",
        ),
        "varchar",
    ),
    "birth_date": "date",
    "country_id": "int4",
    "state_id": "int4",
}
#: Stored fields whose values the statement below writes as the ORM would.
KNOWN = {
    *FILLED,
    "complete_name",
    "commercial_partner_id",
    "commercial_company_name",
    "partner_share",
}


class ClinicPatientImport(models.Model):
    """Import of patients: from rows to cards."""

    _inherit = "clinic.patient.import"

    def _import_rows(self):
        """Make the cards, a batch in a transaction with the rows that say so."""
        self.env["res.partner"].check_access("create")
        pattern, seen, made = self._pattern(), self.last_card, self.imported_count
        while True:
            seen = self._look_again(seen, made)
            count, made = self._insert_cards(pattern)
            if not count:
                break
            yield count
        # sudo: clinic.patient.import.row - written by the import only
        all_rows = self.env["clinic.patient.import.row"].sudo()
        while rows := all_rows.search(
            [
                ("import_id", "=", self.id),
                ("state", "in", ("duplicate", "repeated")),
            ],
            limit=FEW if self.duplicates != "leave" else 10_000,
        ):
            self._settle(rows)
            yield len(rows)

    def _pattern(self):
        """Return the columns of a card of which nothing but the name is known.

        A card is made by the ORM and undone: whatever another addon sets on each new
        card is set on imported ones too.
        """
        savepoint = self.env.cr.savepoint(flush=True)
        try:
            card = self.env["res.partner"].create(
                {
                    "is_patient": True,
                    "family_name": "Pattern",
                    "company_id": self._card_company().id,
                }
            )
            card.flush_recordset()
            self.env.cr.execute("SELECT * FROM res_partner WHERE id = %s", [card.id])
            names = [column.name for column in self.env.cr.description]
            row = dict(zip(names, self.env.cr.fetchone(), strict=True))
        finally:
            savepoint.close(rollback=True)
        self.env.invalidate_all()
        return {
            name: Json(value) if isinstance(value, dict) else value
            for name, value in row.items()
            if value is not None
            and name not in KNOWN - {"lang", "partner_share"}
            and name not in ("id", "create_date", "write_date")
        }

    def _look_again(self, seen, made):
        """Compare with the cards that others made since the file was checked.

        :param int seen: the newest card with which the rows were compared already
        :param int made: how many cards this import made since
        :return: the newest card with which they are now
        """
        newest = self._newest_card()
        self.env.cr.execute(
            "SELECT count(*) FROM res_partner"
            " WHERE id > %s AND id <= %s AND is_patient",
            (seen, newest),
        )
        if self.env.cr.fetchone()[0] != made:
            self._find_known(
                0,
                2**31 - 1,
                self.env["clinic.duplicate.search"]._common_values(),
                """found.other > %(seen)s AND NOT EXISTS (
                    SELECT FROM clinic_patient_import_row made
                     WHERE made.partner_id = found.other AND made.import_id = %(job)s)
                """,
                seen,
            )
        return newest

    def _insert_cards(self, pattern):
        """Make the cards of the next new rows, all at once.

        :return: how many rows there were, and how many cards were made
        """
        self.env["res.partner"].flush_model()
        self.env.cr.execute(
            """
            SELECT array_agg(id), array_agg(nextval('res_partner_id_seq')::int)
              FROM (SELECT id FROM clinic_patient_import_row
                     WHERE import_id = %s AND state = 'new'
                     ORDER BY number LIMIT %s) batch
            """,
            (self.id, BATCH),
        )
        row_ids, card_ids = self.env.cr.fetchone()
        if not row_ids:
            return 0, 0
        self.env.cr.execute(self._cards_query(pattern, row_ids, card_ids))
        made = {id_ for [id_] in self.env.cr.fetchall()}
        pairs = list(zip(row_ids, card_ids, strict=True))
        parameters = {
            "rows": [row for row, card in pairs if card in made],
            "cards": [card for _row, card in pairs if card in made],
            "refused": [row for row, card in pairs if card not in made],
            "uid": self.env.uid,
            "now": clock.now(),
            "reason": self.env._(
                "Another card got this tax code or card number while the file was "
                "being imported."
            ),
        }
        # What an imported row held stands on its card now, and need not stand twice.
        for query in (
            """
            INSERT INTO clinic_phone (partner_id, e164, number, label, is_preferred,
                sequence, allow_call, allow_sms, allow_whatsapp, create_uid, write_uid,
                create_date, write_date)
            SELECT u.card_id, n.value->>0, n.value->>1, n.value->>2, n.ordinality = 1,
                   10, TRUE, TRUE, TRUE, %(uid)s, %(uid)s, %(now)s, %(now)s
              FROM unnest(%(rows)s::int[], %(cards)s::int[]) u (row_id, card_id)
              JOIN clinic_patient_import_row r ON r.id = u.row_id,
                   jsonb_array_elements(r.vals->'phones') WITH ORDINALITY n
            """,
            """
            UPDATE clinic_patient_import_row r
               SET state = 'imported', partner_id = u.card_id, vals = NULL,
                   cells = NULL, duplicate_key = NULL, birth_date = NULL,
                   tax_code_base = NULL, card_number = NULL,
                   outpatient_number = NULL, inpatient_number = NULL
              FROM unnest(%(rows)s::int[], %(cards)s::int[]) u (row_id, card_id)
             WHERE r.id = u.row_id
            """,
            """
            UPDATE clinic_patient_import_row SET state = 'error', reason = %(reason)s
             WHERE id = ANY(%(refused)s)
            """,
        ):
            self.env.cr.execute(query, parameters)
        self.env.invalidate_all()
        self._after_insert(self.env["res.partner"].browse(parameters["cards"]))
        return len(row_ids), len(made)

    def _cards_query(self, pattern, row_ids, card_ids):
        """Return the statement that makes cards, and gives the ids of those made."""
        columns = [*FILLED, *(name for name in pattern if name not in FILLED)]
        values = [
            SQL("COALESCE(x.lang, %s)", pattern.get("lang"))
            if name == "lang"
            else SQL.identifier("x", name)
            if name in FILLED
            else SQL("%s", pattern[name])
            for name in columns
        ]
        return SQL(
            """
            INSERT INTO res_partner (id, commercial_partner_id, complete_name,
                create_date, write_date, %(columns)s)
            SELECT u.card_id, u.card_id, x.name, %(now)s, %(now)s, %(values)s
              FROM unnest(%(rows)s::int[], %(cards)s::int[]) u (row_id, card_id)
              JOIN clinic_patient_import_row r ON r.id = u.row_id,
                   jsonb_to_record(r.vals) AS x (%(types)s)
                ON CONFLICT DO NOTHING
         RETURNING id
            """,
            rows=row_ids,
            cards=card_ids,
            now=clock.now(),
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(values),
            types=SQL(", ").join(
                SQL("%s %s", SQL.identifier(name), SQL(kind))
                for name, kind in FILLED.items()
            ),
        )

    def _after_insert(self, cards):
        """Work out what other addons keep on a card, and tell them."""
        for name in self._other_stored_fields():
            self.env.add_to_compute(cards._fields[name], cards)
        cards._imported()
        cards.flush_recordset()
        self.env.invalidate_all()

    def _other_stored_fields(self):
        """Return the stored fields of a card that depend on what an import fills, and
        are not written by its statement: those that other addons brought."""
        card, registry = self.env["res.partner"], self.env.registry
        filled = {*FILLED, "phone_ids", "is_patient", "company_id"}
        return sorted(
            {
                field.name
                for name in filled
                for field in registry.get_dependent_fields(card._fields[name])
                if field.model_name == "res.partner"
                and field.store
                and field.compute
                and field.name not in KNOWN
            }
        )

    # ------------------------------------------------------------
    # Who is here already
    # ------------------------------------------------------------

    def _settle(self, rows):
        """Do with rows of known people what was chosen; a bad one stops no other."""
        firsts = rows.search(
            [
                ("import_id", "=", self.id),
                ("number", "in", [row.first_number for row in rows]),
            ]
        )
        first_of = {row.number: row for row in firsts}
        for row in rows:
            first = first_of.get(row.first_number, rows.browse())
            card = row.match_id or first.partner_id or first.match_id
            try:
                with self.env.cr.savepoint():
                    row.write(self._settled(row, card))
            except UserError as error:
                row.write({"state": "error", "reason": str(error)})
            except IntegrityError as error:
                reason = self.env["res.partner"]._sql_error_to_message(error)
                row.write({"state": "error", "reason": reason})

    def _settled(self, row, card):
        """Do with one row what was chosen, and return what to write on it."""
        cards = self.env["res.partner"].with_context(tracking_disable=True)
        if not card:
            # The line it repeats could not be imported.
            made = cards.create(self._orm_vals(row))
            return {"state": "imported", "partner_id": made.id}
        card = card.with_env(cards.env)
        if self.duplicates == "review":
            made = cards.create(dict(self._orm_vals(row), identity_state="to_review"))
            # sudo: clinic.duplicate - pairs are written by the search only
            self.env["clinic.duplicate"].sudo()._find_for(made)
            return {"state": "second", "partner_id": made.id, "match_id": card.id}
        if self.duplicates == "fill" and row.score >= SURE:
            return self._fill(row, card)
        return {"state": "left", "match_id": card.id}

    def _fill(self, row, card):
        """Fill what the card does not know; what it knows stays."""
        vals = self._orm_vals(row)
        names = {"family_name", "given_name", "middle_name", "is_patient"}
        empty = {
            name: value
            for name, value in vals.items()
            if value and name not in names and name != "phone_ids" and not card[name]
        }
        if "phone_ids" in vals:
            known = set(card.phone_ids.mapped("e164"))
            fresh = [
                command
                for command, [e164, *_more] in zip(
                    vals["phone_ids"], row.vals["phones"], strict=True
                )
                if e164 not in known
            ]
            if known:
                for _create, _id, phone in fresh:
                    phone["is_preferred"] = False
            if fresh:
                empty["phone_ids"] = fresh
        if not empty:
            return {
                "state": "left",
                "match_id": card.id,
                "reason": self.env._("The card knows all of this already."),
            }
        card.write(empty)
        labels = card.fields_get(list(empty), ["string"])
        return {
            "state": "filled",
            "partner_id": card.id,
            "match_id": card.id,
            "reason": self.env._(
                "Filled in: %(fields)s",
                fields=", ".join(label["string"] for label in labels.values()),
            ),
        }

    def _orm_vals(self, row):
        """Return the vals for ``create`` of the card of a row."""
        return orm_vals(row.vals, self._card_company())

    def _finish_import(self):
        """Extension point: every card of this import is made."""
