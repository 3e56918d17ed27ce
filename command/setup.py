"""Making the machine ready, step by step; each step is skipped when done."""

import contextlib
import fcntl

from . import database, odoo_tree, place, postgres, python_env, system
from .steps import HELD, say, step

DATA = place.HOME / "data"
TEST_DATA = place.HOME / "test-data"


@contextlib.contextmanager
def lock(what="setup"):
    """Only one set-up (or test run) at a time in a checkout; others wait."""
    place.HOME.mkdir(parents=True, exist_ok=True)
    with (place.HOME / f"{what}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  another ./clinic is at the {what} here; waiting for it …")
            fcntl.flock(file, fcntl.LOCK_EX)
        HELD.append(file)
        try:
            yield
        finally:
            HELD.remove(file)


def programs(nginx=True):
    """Programs, Odoo and the Python packages; the database server comes next."""
    without = [] if nginx else ["nginx"]
    if not isinstance(postgres.cluster(), postgres.Cluster):
        without.append("postgres")
    step("programs of the machine", system.ensure, without)
    step("Odoo 19", odoo_tree.ensure)
    step("Python packages", python_env.ensure)


def demo(nginx=False, before=None):
    """Everything up to the demo clinic's database; returns the server.

    :param before: called before the database of a site that may run is changed
    """
    programs(nginx)
    server = postgres.cluster("demo")
    step("PostgreSQL", server.ensure)
    step("template database", database.ensure_template, server, DATA)
    step("demo clinic", database.ensure_demo, server, DATA, before)
    return server


def tests():
    """Everything the tests need; returns the server of throw-away databases."""
    programs()
    server = postgres.cluster("test")
    step("PostgreSQL for tests", server.ensure)
    step("template database", database.ensure_template, server, TEST_DATA)
    return server
