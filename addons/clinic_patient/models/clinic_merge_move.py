import json

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

NO_ACCESS = "."


class ClinicMergeMove(models.Model):
    """One row that a merge touched, as it was and as it was left.

    The values may be of any kind, health data included: nobody reads them but the
    merge itself when it is undone.
    """

    _name = "clinic.merge.move"
    _description = "Row touched by a merge"
    _order = "id"
    _log_access = False

    merge_id = fields.Many2one(
        "clinic.merge", required=True, index=True, ondelete="cascade"
    )
    operation = fields.Selection(
        [("move", "Moved"), ("remove", "Set aside"), ("change", "Changed")],
        required=True,
    )
    step = fields.Integer(required=True)
    table_name = fields.Char(required=True)
    column_name = fields.Char()
    model = fields.Char()
    res_id = fields.Integer(string="Record number")
    row_key = fields.Json(groups=NO_ACCESS)
    old_value = fields.Json(groups=NO_ACCESS)
    new_value = fields.Json(groups=NO_ACCESS)
    kept = fields.Boolean(
        string="Left as it is",
        help="Changed after the merge, hence not touched when it was undone.",
    )

    # ------------------------------------------------------------
    # Undoing; all by SQL on one step or row, last first
    # ------------------------------------------------------------

    @api.model
    def _undo_step(self, merge, step):
        """Undo what one statement of a merge did."""
        rows = self.env.execute_query_dict(
            SQL(
                """
            SELECT id, operation, table_name, column_name, res_id, row_key, old_value,
                   new_value
              FROM clinic_merge_move
             WHERE merge_id = %s AND step = %s ORDER BY id DESC
                """,
                merge.id,
                step,
            )
        )
        if rows and rows[0]["operation"] == "move" and rows[0]["res_id"]:
            rows = self._undo_moves(merge, step, rows)
        computed = self.env["res.partner"]._merge_computed_fields()
        for row in rows:
            undo = self._bring_back if row["operation"] == "remove" else self._put_back
            follows = (
                row["table_name"] == "res_partner" and row["column_name"] in computed
            )
            if not undo(row) and not follows:
                self._mark_kept(row["id"])

    @api.model
    def _undo_moves(self, merge, step, rows):
        """Move the rows of one column back at once; return those left to do singly."""
        table, column = rows[0]["table_name"], rows[0]["column_name"]
        if not self._has_column(table, column):
            return rows
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                done = self.env.execute_query(
                    SQL(
                        """
                    UPDATE %(table)s t SET %(column)s = m.back
                      FROM (SELECT res_id, (jsonb_populate_record(NULL::%(table)s,
                                jsonb_build_object(%(name)s, old_value))).%(column)s
                                AS back,
                            (jsonb_populate_record(NULL::%(table)s,
                                jsonb_build_object(%(name)s, new_value))).%(column)s
                                AS now
                              FROM clinic_merge_move
                             WHERE merge_id = %(merge)s AND step = %(step)s) m
                     WHERE t.id = m.res_id AND t.%(column)s = m.now
                 RETURNING t.id
                        """,
                        table=SQL.identifier(table),
                        column=SQL.identifier(column),
                        name=column,
                        merge=merge.id,
                        step=step,
                    )
                )
        except psycopg2.IntegrityError:
            return rows
        done = {row[0] for row in done}
        return [row for row in rows if row["res_id"] not in done]

    @api.model
    def _put_back(self, row):
        """Give a row its old value unless somebody changed it since."""
        table, column = row["table_name"], row["column_name"]
        if not self._has_column(table, column):
            return False
        query = SQL(
            """
            UPDATE %(table)s t
               SET %(column)s = (jsonb_populate_record(t,
                        jsonb_build_object(%(name)s, %(old)s::jsonb))).%(column)s
             WHERE t.ctid = (
                    SELECT t.ctid FROM %(table)s t
                     WHERE %(key)s AND COALESCE(to_jsonb(t.%(column)s), 'null'::jsonb)
                           = %(new)s::jsonb
                     LIMIT 1)
            """,
            table=SQL.identifier(table),
            column=SQL.identifier(column),
            name=column,
            old=json.dumps(row["old_value"]),
            new=json.dumps(row["new_value"]),
            key=self._key_condition(row["row_key"]),
        )
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                self.env.cr.execute(query)
                return bool(self.env.cr.rowcount)
        except psycopg2.IntegrityError:
            return False

    @api.model
    def _bring_back(self, row):
        """Insert a row again as it was; what it led to and is gone is left empty."""
        values = dict(row["old_value"])
        for _attempt in range(20):
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                    self._insert(row["table_name"], values)
                    return values == row["old_value"]
            except psycopg2.errors.ForeignKeyViolation as error:
                column = self._constraint_column(error.diag.constraint_name)
                if values.get(column) is None:
                    return False
                values[column] = None
            except psycopg2.errors.UniqueViolation as error:
                if not self._yield_unique(row["table_name"], values, error):
                    return False
            except psycopg2.Error:
                return False
        return False

    @api.model
    def _yield_unique(self, table, values, error):
        """Leave to others what they took since; return whether to try again."""
        if table != "res_partner":
            return False
        if "tax_code" in (error.diag.constraint_name or ""):
            again = values.get("identity_state") != "to_review"
            values["identity_state"] = "to_review"
            return again
        again = values.get("card_number") is not None
        values["card_number"] = None
        return again

    @api.model
    def _insert(self, table, values):
        names = [name for name in values if self._has_column(table, name)]
        columns = SQL(", ").join(map(SQL.identifier, names))
        self.env.cr.execute(
            SQL(
                "INSERT INTO %(table)s (%(columns)s) SELECT %(columns)s"
                " FROM jsonb_populate_record(NULL::%(table)s, %(values)s::jsonb)",
                table=SQL.identifier(table),
                columns=columns,
                values=json.dumps(values),
            )
        )

    @api.model
    def _key_condition(self, key):
        return SQL(" AND ").join(
            SQL(
                "to_jsonb(t.%s) IS NOT DISTINCT FROM %s::jsonb",
                SQL.identifier(name),
                json.dumps(value),
            )
            if name != "id"
            else SQL("t.id = %s", value)
            for name, value in key.items()
        )

    @api.model
    def _has_column(self, table, column):
        return bool(
            self.env.execute_query(
                SQL(
                    "SELECT FROM pg_attribute WHERE attrelid = to_regclass(%s)"
                    " AND attname = %s AND NOT attisdropped",
                    f'"{table}"',
                    column,
                )
            )
        )

    @api.model
    def _constraint_column(self, name):
        rows = self.env.execute_query(
            SQL(
                "SELECT a.attname FROM pg_constraint c JOIN pg_attribute a"
                " ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
                " WHERE c.conname = %s AND c.contype = 'f'",
                name,
            )
        )
        return rows[0][0] if rows else None

    @api.model
    def _mark_kept(self, move_id):
        self.env.cr.execute(
            "UPDATE clinic_merge_move SET kept = TRUE WHERE id = %s", [move_id]
        )
