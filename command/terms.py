"""The command terms: what translators work on follows the code."""

import subprocess

from . import database, odoo, odoo_tests, place, setup
from .steps import Failure, say
from .testing import stage


def write():
    """Install all addons on a fresh database and write their terms anew; the exit code.

    :raises Failure: when the addons cannot be installed or their terms not be read
    """
    names = list(database.addons())
    with setup.lock("test"):
        with setup.lock():
            server = setup.tests()
        try:
            tally = stage("installation", odoo_tests.install, server, names, False)
            if tally.failures:
                raise Failure(
                    "the addons cannot be installed: `./clinic test` says why"
                )
            say(exported(server, names))
        finally:
            server.stop()
    return 0


def exported(server, names):
    """Write the files of these addons; a line for each."""
    answer = subprocess.run(
        [
            *(place.PYTHON, "-m", "command.inside.terms"),
            *map(str, odoo.arguments(server, odoo_tests.CLEAN, setup.TEST_DATA)),
            *("--log-level=error", "--", odoo_tests.CLEAN, place.ADDONS, *names),
        ],
        capture_output=True,
        text=True,
        cwd=place.ROOT,
        env=odoo.env(server),
    )
    if answer.returncode:
        raise Failure(f"the terms cannot be read: {answer.stderr.strip()[-500:]}")
    return answer.stdout.strip()
