"""Keep everyday refusals, and the personal data in their SQL, out of the log.

Odoo logs every statement that PostgreSQL refuses, with its values, as an error. For
the agenda a refused exclusion constraint is the ordinary answer "just taken", and a
conflict of two transactions over the same visit is repeated by Odoo with fresh eyes.
"""

import logging

import psycopg2

TABLE = "clinic_appointment"


class QuietRefusal(logging.Filter):
    """Drops log records of refused or repeated statements on the agenda's tables."""

    def filter(self, record):
        """Whether to keep the record."""
        arguments = record.args if isinstance(record.args, tuple) else ()
        if len(arguments) != 2:
            return True
        statement, error = arguments
        if isinstance(error, psycopg2.errors.ExclusionViolation):
            return not (error.diag.table_name or "").startswith(TABLE)
        if isinstance(error, psycopg2.errors.SerializationFailure):
            return TABLE not in str(statement)
        return True


def install():
    """Add the filter to Odoo's SQL logger, once."""
    logger = logging.getLogger("odoo.sql_db")
    if not any(isinstance(item, QuietRefusal) for item in logger.filters):
        logger.addFilter(QuietRefusal())
