"""Keep the secret part of links out of the log of requests.

The links in messages, the calendar addresses and those of webhooks carry their secret
in the path, because mail and calendar programs and gateways can send it nowhere else;
Odoo's server logs the path of every request. A secret is told by its length: nothing
else below ``/clinic`` has a part of twenty signs without a dot.
"""

import logging
import re

SECRET = re.compile(r"(/clinic/(?:[\w-]+/)+)[\w=-]{20,}")


class SecretPaths(logging.Filter):
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
        if not any(isinstance(item, SecretPaths) for item in logger.filters):
            logger.addFilter(SecretPaths())
