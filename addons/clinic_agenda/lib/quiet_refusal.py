"""Keep everyday refusals out of the log.

Odoo logs every statement that PostgreSQL refuses as an error. For
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
        # Set by clinic_base's private_logs, which has taken the values out.
        error = getattr(record, "sql_error", None)
        if isinstance(error, psycopg2.errors.ExclusionViolation):
            return not (error.diag.table_name or "").startswith(TABLE)
        if isinstance(error, psycopg2.errors.SerializationFailure):
            return TABLE not in record.getMessage()
        return True


def install():
    """Add the filter to Odoo's SQL logger, once."""
    logger = logging.getLogger("odoo.sql_db")
    if not any(isinstance(item, QuietRefusal) for item in logger.filters):
        logger.addFilter(QuietRefusal())
