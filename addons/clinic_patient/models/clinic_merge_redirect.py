import json

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger


class ClinicMergeRedirect(models.AbstractModel):
    """Lets everything that leads to one record lead to another, and writes it down.

    All by SQL: each statement writes the rows it touched into the log of the merge.
    Where the other record has a row of its own that may exist only once (a follower, a
    phone number, an open deal), the two rows become one in the same way.
    """

    _name = "clinic.merge.redirect"
    _description = "Moving relations"

    @api.model
    def _redirect(self, merge, model_name, old_id, new_id):
        """Let all that leads to ``old_id`` lead to ``new_id``."""
        for relation in self.env["clinic.merge.relations"]._relations(model_name):
            values = {
                "reference": (f"{model_name},{old_id}", f"{model_name},{new_id}"),
            }.get(relation.kind, (old_id, new_id))
            if relation.kind in ("company", "properties"):
                self._redirect_json(merge, relation, model_name, old_id, new_id)
            else:
                own = relation.table == self.env[model_name]._table
                ids = (old_id, new_id) if own else None
                self._redirect_column(merge, relation, *values, own_ids=ids)
        self._redirect_defaults(merge, model_name, old_id, new_id)

    # ------------------------------------------------------------
    # Plain columns
    # ------------------------------------------------------------

    @api.model
    def _redirect_column(self, merge, relation, old, new, own_ids=None):
        condition = SQL(
            "t.%s = %s AND %s",
            SQL.identifier(relation.column),
            old,
            relation.condition,
        )
        rows = SQL.identifier(relation.table)
        if not self.env.execute_query(
            SQL("SELECT 1 FROM %s t WHERE %s LIMIT 1", rows, condition)
        ):
            return
        if relation.table == "ir_attachment" and relation.kind == "pair":
            condition = SQL("%s AND %s", condition, self._no_own_file(new))
        if own_ids:
            # Nobody is the parent of themselves; the old record itself goes later.
            self._set_column(
                merge,
                relation.table,
                relation.column,
                None,
                SQL("%s AND t.id = %s", condition, own_ids[1]),
            )
            condition = SQL("%s AND t.id NOT IN %s", condition, own_ids)
        key = self._key_columns(relation.table)
        if key and relation.column in key and len(key) == 2 and "id" not in key:
            [other] = set(key) - {relation.column}
            self._drop_links(merge, relation, other, old, new)
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                self._move(merge, relation, new, condition)
        except psycopg2.errors.UniqueViolation:
            self._redirect_one_by_one(merge, relation, new, condition)
        except psycopg2.IntegrityError as error:
            raise self._refusal(relation.table, error) from error

    @api.model
    def _no_own_file(self, new):
        """A picture of the record moves when the other one has none."""
        return SQL(
            "(t.res_field IS NULL OR NOT EXISTS (SELECT FROM ir_attachment w"
            " WHERE w.res_model = t.res_model AND w.res_field = t.res_field"
            " AND w.res_id = %s))",
            new,
        )

    @api.model
    def _drop_links(self, merge, relation, other, old, new):
        """Drop the rows of a table of links that the other record has already."""
        self._remove(
            merge,
            relation.table,
            SQL(
                "t.%(column)s = %(old)s AND (EXISTS (SELECT FROM %(table)s w"
                " WHERE w.%(column)s = %(new)s AND w.%(other)s = t.%(other)s)%(self)s)",
                table=SQL.identifier(relation.table),
                column=SQL.identifier(relation.column),
                other=SQL.identifier(other),
                old=old,
                new=new,
                self=SQL(" OR t.%s = %s", SQL.identifier(other), new)
                if self._leads_to_same(relation.table, relation.column, other)
                else SQL(),
            ),
        )

    @api.model
    def _leads_to_same(self, table, column, other):
        """Whether both columns of a table of links lead to the same table."""
        rows = self.env.execute_query(
            SQL(
                """
            SELECT count(DISTINCT c.confrelid) = 1 AND count(*) = 2
              FROM pg_constraint c JOIN pg_attribute a
                ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.contype = 'f' AND c.conrelid = to_regclass(%s)
               AND a.attname = ANY(%s)
                """,
                f'"{table}"',
                [column, other],
            )
        )
        return rows[0][0]

    @api.model
    def _redirect_one_by_one(self, merge, relation, new, condition):
        """Move row by row; what exists already becomes one with what exists."""
        key = self._key_columns(relation.table)
        if key != ["id"]:
            # A table of links with more columns: the row that exists is enough.
            rows = self.env.execute_query(
                SQL(
                    "SELECT to_jsonb(t) FROM %s t WHERE %s",
                    SQL.identifier(relation.table),
                    condition,
                )
            )
            conditions = [
                SQL("to_jsonb(t) = %s::jsonb", json.dumps(row)) for (row,) in rows
            ]
        else:
            rows = self.env.execute_query(
                SQL(
                    "SELECT t.id FROM %s t WHERE %s ORDER BY t.id",
                    SQL.identifier(relation.table),
                    condition,
                )
            )
            conditions = [SQL("t.id = %s", row_id) for (row_id,) in rows]
        for (row,), one in zip(rows, conditions, strict=True):
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                    self._move(merge, relation, new, one)
            except psycopg2.errors.UniqueViolation as error:
                if key != ["id"]:
                    self._remove(merge, relation.table, one)
                    continue
                twin = self._find_twin(relation, row, new, error.diag.constraint_name)
                if not twin:
                    raise self._refusal(relation.table, error) from error
                self._become_one(merge, relation.table, row, twin)
            except psycopg2.IntegrityError as error:
                raise self._refusal(relation.table, error) from error

    @api.model
    def _find_twin(self, relation, row_id, new, index):
        """Return the row that stands where ``row_id`` would come to stand."""
        rows = self.env.execute_query(
            SQL(
                """
            SELECT pg_get_expr(i.indpred, i.indrelid),
                   ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, TRUE)
                           FROM generate_series(1, i.indnkeyatts) k)
              FROM pg_index i WHERE i.indexrelid = to_regclass(%s)
                """,
                f'"{index}"',
            )
        )
        if not rows:
            return None
        predicate, keys = rows[0]
        # The texts come from the catalogue of PostgreSQL and go back to it.
        names = SQL(", ").join(
            SQL(
                "%s AS %s", SQL(key.replace("%", "%%")), SQL.identifier(f"key_{number}")
            )
            for number, key in enumerate(keys)
        )
        found = self.env.execute_query(
            SQL(
                """
            WITH there AS (
                SELECT id, %(names)s FROM %(table)s
                 WHERE id <> %(row)s AND (%(predicate)s)
            ), here AS (
                SELECT %(names)s FROM (
                    SELECT (jsonb_populate_record(t,
                                jsonb_build_object(%(column)s, %(new)s))).*
                      FROM %(table)s t WHERE t.id = %(row)s) moved
            )
            SELECT there.id FROM there, here WHERE %(same)s LIMIT 1
                """,
                names=names,
                table=SQL.identifier(relation.table),
                row=row_id,
                column=relation.column,
                new=new,
                predicate=SQL((predicate or "TRUE").replace("%", "%%")),
                same=SQL(" AND ").join(
                    SQL(
                        "there.%(key)s = here.%(key)s",
                        key=SQL.identifier(f"key_{number}"),
                    )
                    for number in range(len(keys))
                ),
            )
        )
        return found[0][0] if found else None

    @api.model
    def _become_one(self, merge, table, row_id, twin_id):
        """Let all that leads to a row lead to its twin, and set the row aside."""
        model_name = self.env["clinic.merge.relations"]._model_of(table)
        if model_name:
            self._redirect(merge, model_name, row_id, twin_id)
        self._remove(merge, table, SQL("t.id = %s", row_id))

    # ------------------------------------------------------------
    # Values inside of JSON
    # ------------------------------------------------------------

    @api.model
    def _redirect_json(self, merge, relation, model_name, old, new):
        column = SQL.identifier(relation.column)
        texts = f"{model_name},{old}", f"{model_name},{new}"
        candidates = SQL(
            "EXISTS (SELECT FROM jsonb_each(t.%s) e WHERE e.value IN"
            " (to_jsonb(%s::int), to_jsonb(%s::text))"
            " OR jsonb_typeof(e.value) = 'array' AND e.value @> to_jsonb(%s::int))",
            column,
            old,
            texts[0],
            old,
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT t.id, t.%s FROM %s t WHERE jsonb_typeof(t.%s) = 'object'"
                " AND %s",
                column,
                SQL.identifier(relation.table),
                column,
                candidates,
            )
        )
        types = dict(relation.properties)
        for row_id, before in rows:
            after = {
                name: self._replaced(value, old, new, texts)
                if relation.kind == "company" or name in types
                else value
                for name, value in before.items()
            }
            if after != before:
                self._set_column(
                    merge,
                    relation.table,
                    relation.column,
                    after,
                    SQL("t.id = %s", row_id),
                )

    @api.model
    def _replaced(self, value, old, new, texts):
        if isinstance(value, list):
            return list(dict.fromkeys(new if each == old else each for each in value))
        if value == texts[0]:
            return texts[1]
        return new if value == old and not isinstance(value, bool) else value

    @api.model
    def _redirect_defaults(self, merge, model_name, old, new):
        """Default values of many2one fields that users set."""
        self._set_column(
            merge,
            "ir_default",
            "json_value",
            str(new),
            SQL(
                "t.json_value = %s AND t.field_id IN (SELECT id FROM ir_model_fields"
                " WHERE ttype = 'many2one' AND relation = %s)",
                str(old),
                model_name,
            ),
        )

    # ------------------------------------------------------------
    # Writing, with the log
    # ------------------------------------------------------------

    @api.model
    def _move(self, merge, relation, new, condition):
        column = relation.column
        self._set_column(merge, relation.table, column, new, condition, "move")

    @api.model
    def _set_column(self, merge, table, column, new, condition, operation="change"):
        """Set a column of some rows; the log gets each of them as it was."""
        key = SQL(", ").join(
            SQL("%s, %s", name, SQL("done.%s", SQL.identifier(name)))
            for name in self._key_columns(table) or self._all_columns(table)
        )
        self.env.cr.execute(
            SQL(
                """
            WITH before AS (
                SELECT t.ctid, to_jsonb(t.%(column)s) AS old FROM %(table)s t
                 WHERE %(condition)s
            ), done AS (
                UPDATE %(table)s t
                   SET %(column)s = (jsonb_populate_record(t, jsonb_build_object(
                            %(name)s, %(new)s::jsonb))).%(column)s
                  FROM before WHERE t.ctid = before.ctid
             RETURNING t.*, before.old AS clinic_merge_old
            )
            INSERT INTO clinic_merge_move (merge_id, step, operation, table_name,
                column_name, model, res_id, row_key, old_value, new_value)
            SELECT %(merge)s, %(step)s, %(operation)s, %(table_name)s, %(name)s,
                   %(model)s, %(res_id)s, jsonb_build_object(%(key)s),
                   COALESCE(done.clinic_merge_old, 'null'::jsonb), %(new)s::jsonb
              FROM done
                """,
                table=SQL.identifier(table),
                column=SQL.identifier(column),
                name=column,
                new=json.dumps(new),
                condition=condition,
                operation=operation,
                res_id=SQL("done.id") if self._has_id(table) else SQL("NULL"),
                key=key,
                **self._log_values(merge, table),
            )
        )

    @api.model
    def _remove(self, merge, table, condition):
        """Delete some rows; the log keeps them whole."""
        self.env.cr.execute(
            SQL(
                """
            WITH gone AS (
                DELETE FROM %(table)s t WHERE %(condition)s
             RETURNING to_jsonb(t) AS row, %(res_id)s AS number
            )
            INSERT INTO clinic_merge_move (merge_id, step, operation, table_name,
                model, res_id, old_value)
            SELECT %(merge)s, %(step)s, 'remove', %(table_name)s, %(model)s,
                   gone.number, gone.row FROM gone
                """,
                table=SQL.identifier(table),
                condition=condition,
                res_id=SQL("t.id") if self._has_id(table) else SQL("NULL::int"),
                **self._log_values(merge, table),
            )
        )

    @api.model
    def _log_values(self, merge, table):
        return {
            "merge": merge.id,
            "step": merge._next_step(),
            "table_name": table,
            "model": self.env["clinic.merge.relations"]._model_of(table),
        }

    @api.model
    def _has_id(self, table):
        return self.env["clinic.merge.move"]._has_column(table, "id")

    @api.model
    def _key_columns(self, table):
        """Return the columns of the primary key, or an empty list."""
        return [
            name
            for (name,) in self.env.execute_query(
                SQL(
                    """
                SELECT a.attname FROM pg_index i JOIN pg_attribute a
                    ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
                 WHERE i.indrelid = to_regclass(%s) AND i.indisprimary
                 ORDER BY a.attnum
                    """,
                    f'"{table}"',
                )
            )
        ]

    @api.model
    def _all_columns(self, table):
        return list(self.env["clinic.merge.relations"]._columns()[table])

    @api.model
    def _refusal(self, table, error):
        """Return the exception for rows that cannot stand on one card."""
        model_name = self.env["clinic.merge.relations"]._model_of(table)
        kind = self.env["ir.model"]._get(model_name).name if model_name else table
        message = model_name and self.env[model_name]._sql_error_to_message(error) or ""
        return UserError(
            self.env._(
                "These cards cannot be merged yet: entries of “%(kind)s” exclude each "
                "other. %(message)s\nSettle them first, for example cancel one of two "
                "visits at the same time.",
                kind=kind,
                message=message,
            )
        )
