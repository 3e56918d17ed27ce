from odoo import fields
from odoo.tools import SQL


class UnknownInteger(fields.Integer):
    """An integer that may be unknown: False, shown blank, and never 0."""

    def convert_to_cache(self, value, record, validate=True):
        if value is None or value is False or value == "":
            return None
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_read(self, value, record, use_display_name=True):
        return False if value is None else value

    def convert_to_export(self, value, record):
        return "" if value is False else value


class SharedIdMany2one(fields.Many2one):
    """The record of another model that has the same id: a table split in two.

    Nothing is stored on this side. Conditions, groups and orders on the other table
    become one join of two primary keys, also for records that have no row there.
    """

    _column_type = None

    # A field, not a model: pylint-odoo takes these for the methods of records.
    # pylint: disable=method-required-super

    def to_sql(self, model, alias):
        return SQL.identifier(alias, "id")

    def read(self, records):
        others = records.env[self.comodel_name].browse(records._ids).exists()
        present = set(others._ids)
        self._insert_cache(
            records, [id_ if id_ in present else None for id_ in records._ids]
        )

    def create(self, record_values):
        """Nothing to store."""

    def write(self, records, value):
        """Nothing to store."""


class _Measured:
    """What was measured, or was not: 0 and nothing are the same, and shown blank."""

    # A field, not a model: pylint-odoo takes these for the methods of records.
    # pylint: disable=method-required-super

    def convert_to_column(self, value, record, values=None, validate=True):
        return (
            super().convert_to_column(value, record, values, validate)
            if value
            else None
        )

    def convert_to_cache(self, value, record, validate=True):
        return super().convert_to_cache(value, record, validate) if value else None

    def convert_to_record(self, value, record):
        return value or False

    def convert_to_read(self, value, record, use_display_name=True):
        return value or False

    def convert_to_export(self, value, record):
        return value or ""


class MeasuredInteger(_Measured, fields.Integer):
    """A whole number that was measured, or empty."""


class MeasuredFloat(_Measured, fields.Float):
    """A number that was measured, or empty."""
