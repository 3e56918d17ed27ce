"""Keep the secret part of the links of follow-ups and journeys out of the log."""

import logging
import re

SECRET = re.compile(r"(/clinic/(?:answer|watch)/)[^\s/?\"']{8,}")


class RecallSecretPaths(logging.Filter):
    """Writes dots in place of the secrets."""

    def filter(self, record):
        """Clean the record; it is always kept."""
        if isinstance(record.msg, str):
            record.msg = SECRET.sub(r"\1…", record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(
                SECRET.sub(r"\1…", argument) if isinstance(argument, str) else argument
                for argument in record.args
            )
        return True


def install():
    """Add the filter to the loggers that write paths, once."""
    for name in ("werkzeug", "odoo.http"):
        logger = logging.getLogger(name)
        if not any(isinstance(item, RecallSecretPaths) for item in logger.filters):
            logger.addFilter(RecallSecretPaths())
