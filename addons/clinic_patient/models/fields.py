from odoo import fields


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
