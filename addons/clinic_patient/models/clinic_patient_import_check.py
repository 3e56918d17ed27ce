import csv
import io
import itertools
import json
import logging

from psycopg2.errors import SerializationFailure

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.lock_spaces import try_lock

from ..lib import duplicate_rules, import_dates, import_limits, lock_spaces
from .clinic_patient_import_prepare import RowReader

_logger = logging.getLogger(__name__)

#: Lines read, or cards made, between two commits.
BATCH = 2500
#: How often a batch is tried again that met somebody else's change.
TRIES = 5
COLUMNS = (
    "import_id",
    "number",
    "cells",
    "vals",
    "state",
    "reason",
    "warning",
    "birth_date",
    "sex",
    "tax_code_base",
    "card_number",
    "outpatient_number",
    "inpatient_number",
    "duplicate_key",
)

#: The columns by which people are compared.
COMPARED = COLUMNS[7:]

#: The people of the rows, as :data:`..lib.duplicate_rules.PERSON` gives those of cards.
ASKED = """
    SELECT r.id, %(company)s::int AS company_id, r.birth_date AS birth, r.sex,
           NULLIF(r.tax_code_base, '') AS tax, NULLIF(r.card_number, '') AS card,
           NULLIF(r.outpatient_number, '') AS outpatient,
           NULLIF(r.inpatient_number, '') AS inpatient,
           r.duplicate_key AS key,
           COALESCE(split_part(r.duplicate_key, '|', 1), '') AS words,
           COALESCE(split_part(r.duplicate_key, '|', 2), '') AS family,
           COALESCE(split_part(r.duplicate_key, '|', 3), '') AS given,
           ARRAY(SELECT n->>0 FROM jsonb_array_elements(r.vals->'phones') n) AS phones
      FROM clinic_patient_import_row r
     WHERE r.import_id = %(job)s AND r.state = 'new'
       AND r.number BETWEEN %(first)s AND %(last)s
"""


class ClinicPatientImport(models.Model):
    """Import of patients: the check of the whole file, and the work in the background.

    The import itself is not written while it works, only its rows: who presses Pause
    never waits for the job or loses against it. An advisory lock keeps a second worker
    away.
    """

    _inherit = "clinic.patient.import"

    def _work(self):
        """Go on until the state changes, somebody pauses, or time is up.

        :return: False when time is up
        """
        self.ensure_one()
        steps = None
        tries = 0
        while self._may_go_on():
            state = self.state
            steps = steps or self._begin_work()
            try:
                done = next(steps, None)
                if done is None:
                    self._end_work(state)
            except SerializationFailure:
                # Somebody changed a card at this moment: the same batch once more.
                self.env.cr.rollback()
                steps, tries = None, tries + 1
                if tries > TRIES:
                    raise
                continue
            except import_limits.BadFile as error:
                self.env.cr.rollback()
                self._enter("columns", notice=self._bad_file_message(error))
                done = None
            tries = 0
            # Tells the screens of who imports that there is news.
            self.create_uid._bus_send("clinic.patient.import", {"id": self.id})
            left = self.env["ir.cron"]._commit_progress(
                done or 0, remaining=int(self.state in ("checking", "running"))
            )
            if done is None:
                steps = None
            if not left:
                return False
        return True

    def _may_go_on(self):
        """Whether this worker has the import for the transaction that begins."""
        self.invalidate_recordset()
        if not self.exists() or self.is_paused:
            return False
        if self.state not in ("checking", "running"):
            return False
        return try_lock(self.env.cr, lock_spaces.IMPORT, self.id)

    def _begin_work(self):
        """Return an iterator that does one batch at a time and gives its size."""
        # The job runs as the system; cards are made by who asked for them.
        # sudo: clinic.patient.import - with_user ends the rights of the job
        job = self.with_user(self.create_uid).with_company(self.company_id)
        job = job.with_context(
            lang=self.create_uid.lang, tz=self.create_uid.tz, tracking_disable=True
        )
        return job._check_rows() if self.state == "checking" else job._import_rows()

    def _end_work(self, state):
        if state == "checking":
            self._find_repeated()
            self._enter(
                "checked",
                total=self.read_count,
                ended_at=clock.now(),
                last_card=self._newest_card(),
            )
        else:
            self._finish_import()
            self._enter("done", ended_at=clock.now())
        _logger.info("Import %s is %s", self.id, self.state)

    def _newest_card(self):
        self.env["res.partner"].flush_model(["is_patient"])
        self.env.cr.execute("SELECT COALESCE(max(id), 0) FROM res_partner")
        return self.env.cr.fetchone()[0]

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    def _check_rows(self):
        """Turn the lines of the file into rows, and find out who is here already."""
        file = self._open_file()
        reader = self._row_reader(file.is_1904)
        self.env.cr.execute(
            "SELECT max(number) FROM clinic_patient_import_row WHERE import_id = %s",
            [self.id],
        )
        known = self.env.cr.fetchone()[0] or 0
        lines = (line for line in self._people(file) if line.number > known)
        common = self.env["clinic.duplicate.search"]._common_values()
        while batch := list(itertools.islice(lines, BATCH)):
            self._keep_rows(reader, batch)
            self._find_known(batch[0].number, batch[-1].number, common)
            yield len(batch)

    def _row_reader(self, is_1904):
        """Return what reads the lines of this file.

        :param bool is_1904: numbers that stand for dates count from 1904
        """
        columns = self.column_ids.sorted("number")
        return RowReader(
            self.env,
            self.company_id,
            [column.header for column in columns],
            [column.field for column in columns],
            import_dates.Reading(
                self.date_order or None,
                self.is_spreadsheet and self.spreadsheet_dates == "swapped",
                is_1904,
            ),
        )

    def _people(self, file):
        """Yield the lines of people, with the cells that were put right by hand."""
        corrected = self.corrections or {}
        headers = self._headers()
        for line in file.people(headers):
            cells = corrected.get(str(line.number))
            # A line of which all cells were blanked has none, and is corrected, too.
            if cells is not None:
                line = file.corrected(line.number, cells, headers)
            yield line

    def _headers(self):
        return [column.header or "" for column in self.column_ids.sorted("number")]

    def _keep_rows(self, reader, lines):
        """Write one row for each line; bad ones say what is wrong."""
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        for line in lines:
            row = self._row_of(reader, line)
            writer.writerow((self.id, *(row.get(name) for name in COLUMNS[1:])))
        buffer.seek(0)
        self.env.cr.copy_expert(
            f"COPY clinic_patient_import_row ({', '.join(COLUMNS)}) FROM STDIN"
            " WITH (FORMAT csv)",
            buffer,
        )
        self.env["clinic.patient.import.row"].invalidate_model()

    def _row_of(self, reader, line):
        """Return the columns of the row of a line, the import aside.

        With a bad cell the line is left out, or imported without it, as was chosen.
        """
        read = reader.read_line(line)
        row = {
            "number": line.number,
            "cells": json.dumps(line.cells, ensure_ascii=False),
            "vals": "{}",
        }
        if read.fatal or (read.bad and self.bad_cells == "leave"):
            reason = " ".join(read.fatal + read.bad)
            return {**row, "state": "error", "reason": reason}
        notes = [
            *(self.env._("Left out: %(cell)s", cell=bad) for bad in read.bad),
            *read.notes,
        ]
        return {
            **row,
            **{name: read.vals.get(name) for name in COMPARED},
            "vals": json.dumps(read.vals, ensure_ascii=False),
            "state": "new",
            "warning": " ".join(notes) or None,
        }

    def _correct(self, row, cells):
        """Read a line again with the cells that somebody put right.

        :param row: clinic.patient.import.row of this import
        :param list cells: all texts of the line, at most MOST_COLUMNS
        :raises UserError: the import is not at the point where lines are corrected; too
            many cells
        """
        self.ensure_one()
        self.check_access("write")
        if self.state != "checked" or row.import_id != self or row.state != "error":
            raise UserError(
                self.env._("Lines are corrected after the check and before the import.")
            )
        number = row.number
        file = self._open_file()
        try:
            line = file.corrected(number, cells, self._headers())
        except import_limits.BadFile as error:
            raise UserError(self._bad_file_message(error)) from error
        corrections = dict(self.corrections or {}, **{str(number): cells})
        self._ours().corrections = corrections
        values = self._row_of(self._row_reader(file.is_1904), line)
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_patient_import_row SET %s WHERE id = %s",
                SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), values.get(name))
                    for name in COLUMNS[2:]
                ),
                row.id,
            )
        )
        row.invalidate_model()
        if values["state"] == "new":
            common = self.env["clinic.duplicate.search"]._common_values()
            self._find_known(number, number, common)
            self._find_repeated()
        self.invalidate_recordset()

    # ------------------------------------------------------------
    # Duplicates
    # ------------------------------------------------------------

    def _card_company(self):
        return self.company_id if self.for_company else self.env["res.company"]

    def _find_known(self, first, last, common, which="TRUE", seen=0):
        """Mark the rows whose person has a card, by the rules of duplicates.

        :param dict common: see ``clinic.duplicate.search._common_values``
        :param str which: condition on the pairs ``found``, with the parameter ``seen``
        """
        cards = self.env["res.partner"]
        cards._flush_for_duplicates()
        found = duplicate_rules.find_for_rows(ASKED, which=which)
        self.env.cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
        self.env.cr.execute(
            f"""
            UPDATE clinic_patient_import_row r
               SET state = 'duplicate', match_id = found.other, score = found.score,
                   reason = array_to_string(found.reasons, ',')
              FROM ({found}) found WHERE r.id = found.asked
            """,
            {
                **common,
                "company": self._card_company().id or None,
                "job": self.id,
                "first": first,
                "last": last,
                "seen": seen,
            },
        )
        if self.env.cr.rowcount:
            self._say_reasons(first, last, "duplicate")

    def _find_repeated(self):
        """Mark the rows whose person stands on an earlier line, by the same rules."""
        parameters = {
            "company": self._card_company().id or None,
            "job": self.id,
            "first": 0,
            "last": 2**31 - 1,
            "births": duplicate_rules.COMMON_BIRTH,
            "phones": duplicate_rules.COMMON_PHONE,
            "keys": duplicate_rules.COMMON_KEY,
        }
        self.env.cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
        self.env.cr.execute(
            f"""
            CREATE TEMPORARY TABLE clinic_import_card ON COMMIT DROP AS
            SELECT a.id, a.company_id, a.birth AS birth_date, a.sex,
                   a.tax AS tax_code_base, a.card AS card_number,
                   a.outpatient AS outpatient_number, a.inpatient AS inpatient_number,
                   a.key AS duplicate_key, TRUE AS is_patient, TRUE AS active, a.phones
              FROM ({ASKED}) a;
            CREATE TEMPORARY TABLE clinic_import_phone ON COMMIT DROP AS
            SELECT c.id AS partner_id, n.e164
              FROM clinic_import_card c, unnest(c.phones) n (e164);
            CREATE INDEX ON clinic_import_card (birth_date);
            CREATE INDEX ON clinic_import_card (tax_code_base);
            CREATE INDEX ON clinic_import_card (card_number);
            CREATE INDEX ON clinic_import_card (outpatient_number);
            CREATE INDEX ON clinic_import_card (inpatient_number);
            CREATE INDEX ON clinic_import_card (duplicate_key);
            CREATE INDEX ON clinic_import_card (id);
            CREATE INDEX ON clinic_import_phone (e164);
            CREATE INDEX ON clinic_import_phone (partner_id);
            ANALYZE clinic_import_card; ANALYZE clinic_import_phone;
            """,
            parameters,
        )
        self.env.cr.execute(
            """
            SELECT ARRAY(SELECT birth_date FROM clinic_import_card
                          WHERE birth_date IS NOT NULL
                          GROUP BY 1 HAVING count(*) > %(births)s),
                   ARRAY(SELECT e164 FROM clinic_import_phone
                          GROUP BY 1 HAVING count(*) > %(phones)s),
                   ARRAY(SELECT DISTINCT duplicate_key FROM clinic_import_card
                          WHERE birth_date IN (
                                SELECT birth_date FROM clinic_import_card
                                 GROUP BY 1 HAVING count(*) > %(births)s)
                          GROUP BY birth_date, duplicate_key
                         HAVING count(*) > %(keys)s AND duplicate_key IS NOT NULL)
            """,
            parameters,
        )
        births, phones, keys = self.env.cr.fetchone()
        found = duplicate_rules.find_for_rows(
            ASKED,
            cards="clinic_import_card",
            phones="clinic_import_phone",
            which="found.other < found.asked",
        )
        self.env.cr.execute(
            f"""
            WITH pairs AS ({found})
            UPDATE clinic_patient_import_row r
               SET state = 'repeated', first_number = f.number, score = pairs.score,
                   reason = array_to_string(pairs.reasons, ',')
              FROM pairs JOIN clinic_patient_import_row f ON f.id = pairs.other
             WHERE r.id = pairs.asked
            """,
            {
                **parameters,
                "common_births": births,
                "common_keys": keys,
                "common_phones": phones,
            },
        )
        # Not before the next commit, but no later run in this session meets them.
        self.env.cr.execute("DROP TABLE clinic_import_card, clinic_import_phone")
        self._say_reasons(0, parameters["last"], "repeated")
        self.env["clinic.patient.import.row"].invalidate_model()
        self.invalidate_recordset()

    def _say_reasons(self, first, last, state):
        """Turn the keys of the rules into words, in one statement for each sort."""
        words = self.env["clinic.duplicate"]._reason_words()
        parameters = (self.id, state, first, last)
        self.env.cr.execute(
            """
            SELECT DISTINCT reason FROM clinic_patient_import_row
             WHERE import_id = %s AND state = %s AND number BETWEEN %s AND %s
            """,
            parameters,
        )
        for [keys] in self.env.cr.fetchall():
            spoken = ", ".join(words[key] for key in keys.split(",") if key in words)
            if not spoken:
                continue
            self.env.cr.execute(
                """
                UPDATE clinic_patient_import_row SET reason = %s
                 WHERE import_id = %s AND state = %s AND number BETWEEN %s AND %s
                   AND reason = %s
                """,
                (spoken[:1].upper() + spoken[1:], *parameters, keys),
            )
