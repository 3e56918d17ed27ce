"""Keep everyday refusals, and the personal data in their SQL, out of the log.

Odoo logs every statement that PostgreSQL refuses, with its values, as an error. For
the agenda a refused exclusion constraint is the ordinary answer "just taken".
"""

import logging

import psycopg2


class QuietRefusal(logging.Filter):
    """Drops log records that carry an exclusion violation of the agenda's tables."""

    def filter(self, record):
        """Whether to keep the record."""
        arguments = record.args if isinstance(record.args, tuple) else ()
        return not any(
            isinstance(argument, psycopg2.errors.ExclusionViolation)
            and (argument.diag.table_name or "").startswith("clinic_appointment")
            for argument in arguments
        )


def install():
    """Add the filter to Odoo's SQL logger, once."""
    logger = logging.getLogger("odoo.sql_db")
    if not any(isinstance(item, QuietRefusal) for item in logger.filters):
        logger.addFilter(QuietRefusal())
