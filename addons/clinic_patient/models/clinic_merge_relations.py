from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

#: Tables that do not belong to what a record means: dialogues, and the merges.
OWN_TABLES = {"clinic_duplicate", "clinic_merge_move"}


class Relation(NamedTuple):
    """A column by which rows lead to the records of a model.

    :param str kind: "key" for the number of the record; "reference" for the text
        "model,number"; "pair" for a number beside the name of the model; "company" for
        JSON with a value per company; "properties" for JSON with a value per property
    :param SQL condition: what else must hold for a row of kind "pair"
    :param tuple properties: names and types of the properties that lead to the model
    """

    kind: str
    table: str
    column: str
    condition: SQL = SQL("TRUE")
    properties: tuple = ()


class ClinicMergeRelations(models.AbstractModel):
    """Which columns of the whole database lead to the records of a model.

    Asked of the database and of the registry each time: addons that were not written
    yet when this was are found like any other.
    """

    _name = "clinic.merge.relations"
    _description = "What leads to a record"

    @api.model
    def _relations(self, model_name):
        """Return the :class:`Relation` s that lead to a model, each once."""
        found, columns = {}, self._columns()
        for relation in (
            *self._keys(model_name),
            *self._fields_of_registry(model_name, columns),
            *self._pairs_of_database(model_name, columns),
        ):
            place = (relation.table, relation.column)
            if relation.table not in OWN_TABLES and place not in found:
                found[place] = relation
        return [*found.values(), *self._properties(model_name, columns)]

    @api.model
    def _keys(self, model_name):
        """Foreign keys, whoever made them."""
        return [
            Relation("key", table, column)
            for table, column in self.env.execute_query(
                SQL(
                    """
                SELECT r.relname, a.attname
                  FROM pg_constraint c
                  JOIN pg_class r ON r.oid = c.conrelid
                  JOIN pg_attribute a ON a.attrelid = c.conrelid
                       AND a.attnum = c.conkey[1]
                  JOIN pg_attribute f ON f.attrelid = c.confrelid
                       AND f.attnum = c.confkey[1]
                 WHERE c.contype = 'f' AND cardinality(c.conkey) = 1
                   AND c.confrelid = to_regclass(%s) AND f.attname = 'id'
                   AND r.relnamespace = current_schema::regnamespace
                 ORDER BY r.relname, a.attname
                    """,
                    self.env[model_name]._table,
                )
            )
        ]

    @api.model
    def _fields_of_registry(self, model_name, columns):
        """Fields that lead to records without a foreign key of the database."""
        for Model in self.env.registry.values():
            table = Model._table
            if Model._abstract or table not in columns:
                continue
            for name, field in Model._fields.items():
                if not field.store or name not in columns[table]:
                    continue
                company = bool(field.company_dependent)
                if field.type == "many2one" and field.comodel_name == model_name:
                    yield Relation("company" if company else "key", table, name)
                elif field.type == "reference":
                    yield Relation("company" if company else "reference", table, name)
                elif field.type == "many2one_reference":
                    condition = self._model_condition(
                        Model, field.model_field, model_name, columns[table]
                    )
                    if condition:
                        yield Relation("pair", table, name, condition)

    @api.model
    def _model_condition(self, Model, name, model_name, columns):
        """Return when the field beside a number names the model; None: never."""
        if name in columns:
            return SQL("t.%s = %s", SQL.identifier(name), model_name)
        field = Model._fields.get(name)
        path = tuple((field and field.related or "").split("."))
        if len(path) == 2 and path[1] == "model" and path[0] in columns:
            return SQL(
                "t.%s = %s",
                SQL.identifier(path[0]),
                self.env["ir.model"]._get_id(model_name),
            )
        return None

    @api.model
    def _pairs_of_database(self, model_name, columns):
        """Pairs (res_model or model, res_id) of any table."""
        for table, names in columns.items():
            for name in ("res_model", "model"):
                if "res_id" in names and names.get(name) in ("varchar", "text"):
                    if names["res_id"] in ("int4", "int8"):
                        condition = SQL("t.%s = %s", SQL.identifier(name), model_name)
                        yield Relation("pair", table, "res_id", condition)
                        break

    @api.model
    def _columns(self):
        """Return ``{table: {column: type}}`` of the whole schema."""
        found = {}
        for table, column, kind in self.env.execute_query(
            SQL(
                """
            SELECT r.relname, a.attname, t.typname
              FROM pg_class r
              JOIN pg_attribute a ON a.attrelid = r.oid
              JOIN pg_type t ON t.oid = a.atttypid
             WHERE r.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
               AND r.relnamespace = current_schema::regnamespace
                """
            )
        ):
            found.setdefault(table, {})[column] = kind
        return found

    @api.model
    def _properties(self, model_name, columns):
        """Property fields whose definitions name the model somewhere."""
        for Model in self.env.registry.values():
            if Model._abstract or Model._table not in columns:
                continue
            for name, field in Model._fields.items():
                if field.type != "properties" or name not in columns[Model._table]:
                    continue
                record = Model._fields[field.definition_record]
                definitions = self.env[record.comodel_name]
                column = field.definition_record_field
                if column not in columns.get(definitions._table, ()):
                    continue
                found = self.env.execute_query(
                    SQL(
                        """
                    SELECT DISTINCT e->>'name', e->>'type'
                      FROM %(table)s d, jsonb_array_elements(d.%(column)s) e
                     WHERE jsonb_typeof(d.%(column)s) = 'array'
                       AND e->>'comodel' = %(model)s
                        """,
                        table=SQL.identifier(definitions._table),
                        column=SQL.identifier(column),
                        model=model_name,
                    )
                )
                if found:
                    yield Relation(
                        "properties", Model._table, name, properties=tuple(found)
                    )

    @api.model
    def _model_of(self, table):
        """Return the model that keeps its records in a table, or None."""
        return next(
            (
                Model._name
                for Model in self.env.registry.values()
                if Model._table == table and Model._auto and not Model._abstract
            ),
            None,
        )
