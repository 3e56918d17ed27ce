"""Reading Odoo's log: which tests ran, and what must not be there."""

import re
from typing import NamedTuple

from .declared import Test

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ "
    r"(?P<level>[A-Z]+) (?P<database>\S+) (?P<logger>[\w.]+): (?P<message>.*)$"
)
TEST_LOGGER = re.compile(r"odoo\.addons\.(\w+)\.tests\.(\w+)$")
STARTING = re.compile(r"Starting ([\w.]+) \.\.\.")
SKIPPED = re.compile(r"skipped ([\w.]+) : ")
FAILED = re.compile(r"(FAIL|ERROR): (.+)")
# Odoo sums up failures that were told before.
SUMMARIES = ("odoo.tests.result", "odoo.tests.stats", "odoo.service.server")
# (logger, pattern in the message): warnings that say nothing about our addons.
EXPECTED = (
    ("odoo.addons.base.models.ir_cron", "Skipping database"),
    ("odoo.tools.config", "unable to load config file"),
    # Another process holds the letter box or the queue: the next run takes it.
    ("odoo.addons.base.models.ir_cron", r"Job '(Mail|SMS).*' .*processed no record"),
    # A stopped process closes connections that are in use.
    ("odoo.sql_db", "Bad query: bad query: b'SELECT 1'"),
    # Debian's package leaves out files that only these modules ask for.
    ("odoo.modules.module", "missing `license`"),
)


class Report(NamedTuple):
    """What a log says."""

    ran: set
    skipped: set
    failed: list
    complaints: list


def read(lines, expected=EXPECTED):
    """The report of an Odoo log.

    :param lines: the log's lines
    :param expected: (logger, pattern) of warnings that are no complaint
    """
    ran, skipped, failed, complaints = set(), set(), [], []
    for line in lines:
        found = LINE.match(line)
        if not found:
            continue
        level, logger, message = found["level"], found["logger"], found["message"]
        source = TEST_LOGGER.match(logger)
        if source and level == "INFO":
            note(STARTING.match(message), source, ran)
            note(SKIPPED.match(message), source, skipped)
        elif level in ("ERROR", "CRITICAL"):
            failure = FAILED.match(message)
            if failure:
                failed.append(f"{logger.rpartition('.')[2]} {failure[2]}")
            elif not (logger in SUMMARIES or is_summary(message)):
                complaints.append(line.rstrip())
        elif level == "WARNING":
            if not any(logger == n and re.search(p, message) for n, p in expected):
                complaints.append(line.rstrip())
    return Report(ran, skipped, failed, complaints)


def note(found, source, into):
    """Remember the test a line names."""
    if found:
        into.add(Test(source[1], source[2], found[1]))


def is_summary(message):
    """Whether a line only counts the failures above it."""
    return bool(re.match(r"\d+ failed, \d+ error\(s\) of \d+ tests", message))
