import io
import logging
from contextlib import contextmanager

import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..lib import private_logs
from .common import ClinicBaseCommon

#: Stands in no other place than in the data of the tests.
NAME = "Zyxwvut"
STREET = "Quince Lane"


@contextmanager
def everything_logged(*loggers):
    """What these loggers would write into a file, format and traceback included."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    for name in loggers:
        logger = logging.getLogger(name)
        # Only here: the run of the tests counts errors in its own log.
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield output
    finally:
        for name in loggers:
            logger = logging.getLogger(name)
            logger.removeHandler(handler)
            logger.propagate = True


@tagged("post_install", "-at_install")
class TestPrivateLogs(ClinicBaseCommon):
    """S15: no log tells what stands in a row, whoever writes it."""

    def refused(self, query, **params):
        """Run a statement that the database refuses; the exception."""
        with self.assertRaises(psycopg2.Error) as caught, self.cr.savepoint():
            self.cr.execute(SQL(query, **params))
        return caught.exception

    def assert_private(self, text):
        self.assertNotIn(NAME, text)
        self.assertNotIn(STREET, text)

    def test_refused_statements(self):
        """S15: INSERT, UPDATE, wrong values, deadlines: kind and place, no values."""
        card = self.env["res.partner"].create({"name": NAME, "street": STREET})
        refused = {
            "INSERT, a column is empty": SQL(
                "INSERT INTO clinic_trouble (job) VALUES (%s)", NAME
            ),
            "INSERT, not unique": SQL(
                "INSERT INTO res_partner (id, name, street) VALUES (%s, %s, %s)",
                card.id,
                NAME,
                STREET,
            ),
            "UPDATE, a constraint": SQL(
                "UPDATE res_partner SET parent_id = 2147483000, name = %s,"
                " street = %s WHERE id = %s",
                f"O'{NAME}\\'",
                STREET,
                card.id,
            ),
            "UPDATE, a wrong date": SQL(
                "UPDATE res_partner SET create_date = %s WHERE id = %s", NAME, card.id
            ),
            "UPDATE, too late": SQL(
                "SELECT set_config('statement_timeout', '1ms', TRUE);"
                " UPDATE res_partner SET street = %s || pg_sleep(2)::text"
                " WHERE id = %s",
                STREET,
                card.id,
            ),
        }
        for kind, query in refused.items():
            with (
                self.subTest(kind),
                everything_logged("odoo.sql_db", "odoo.addons.clinic_base") as log,
            ):
                error = None
                try:
                    with self.cr.savepoint():
                        self.cr.execute(query)
                        self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
                except psycopg2.Error as raised:
                    error = raised
                    # As jobs and controllers of any addon do.
                    logger = logging.getLogger("odoo.addons.clinic_base")
                    logger.exception("It failed: %s", raised)
                    logger.warning(raised)
                self.assertTrue(error)
                text = log.getvalue()
                self.assertIn("bad query", text)
                self.assertIn(error.diag.sqlstate, text)
                self.assertIn("test_private_logs.py", text, "the place stays")
                self.assert_private(text)

    def test_what_helps_stays(self):
        """The names of table, column and constraint stand in the log."""
        with everything_logged("odoo.sql_db") as log:
            self.refused("INSERT INTO clinic_trouble (job) VALUES (%(job)s)", job=NAME)
        self.assertIn("table clinic_trouble", log.getvalue())
        self.assertIn("column ", log.getvalue())
        self.assertIn("INSERT INTO clinic_trouble (job) VALUES ('…')", log.getvalue())

    def test_chains_of_exceptions(self):
        """A refusal that follows from an error of the database, and the other way."""
        with everything_logged("odoo.addons.test") as log:
            logger = logging.getLogger("odoo.addons.test")
            try:
                try:
                    raise UserError(NAME)
                except UserError as refusal:
                    raise KeyError("clinic") from refusal
            except KeyError:
                logger.exception("While reading")
            try:
                raise ValueError("record 12")
            except ValueError:
                logger.exception("An ordinary fault")
        self.assert_private(log.getvalue())
        self.assertIn("KeyError: 'clinic'", log.getvalue())
        self.assertIn("ValueError: record 12", log.getvalue())

    def test_statement_without_texts(self):
        """Whatever quotes and backslashes a value has, nothing of it is left."""
        for value in (NAME, f"O'{NAME}", f"\\'{NAME}", f"''{NAME}''", f"{NAME}\n'x"):
            with self.subTest(value=value):
                query = self.cr.mogrify(SQL("SELECT 1 WHERE name = %s", value))
                told = private_logs.statement(query)
                self.assertNotIn(NAME, told)
                self.assertIn("SELECT 1 WHERE name = ", told)
