"""Keep what is told to a person out of the log.

Odoo logs the text of every refusal (``UserError`` and its kin) that a request ends
with. In a clinic that text names patients. The log keeps the kind and the place.
"""

import logging

from odoo.exceptions import UserError


class RefusalLog(logging.Filter):
    """Writes kind and place of a refusal instead of its text."""

    def filter(self, record):
        """Clean the record; it is always kept."""
        refusal = record.msg
        if isinstance(refusal, UserError):
            record.msg = "%s told to the user, raised in %s"
            record.args = (type(refusal).__name__, _place(refusal))
            record.exc_info = None
        return True


def _place(error):
    """Module and line of the innermost frame, for example ``clinic_phone.py:61``."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    if not frame:
        return "an unknown place"
    name = frame.tb_frame.f_code.co_filename.rpartition("/")[2]
    return f"{name}:{frame.tb_lineno}"


def install():
    """Add the filter to the logger of requests, once."""
    logger = logging.getLogger("odoo.http")
    if not any(isinstance(item, RefusalLog) for item in logger.filters):
        logger.addFilter(RefusalLog())
