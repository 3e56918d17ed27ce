"""What an installation must leave in the database is looked for in a copy of it."""

import pytest
from support import server

from command import database, odoo_tests, setup


@pytest.mark.slow
def test_missing_table_objects_are_noticed():
    """A constraint or an index that the database lacks is named."""
    here, name = server(), "clinic_test_without"
    addons = list(database.addons())
    database.copy(here, setup.TEST_DATA, odoo_tests.CLEAN, name)
    try:
        right, missing = odoo_tests.finish(here, name, addons)
        assert right, missing
        exclusion = here.query(
            "SELECT conrelid::regclass || ' ' || conname FROM pg_constraint "
            "WHERE contype = 'x' LIMIT 1",
            name,
        )
        if not exclusion:
            pytest.fail("the addons make no exclusion constraint")
        table, constraint = exclusion.split()
        here.query(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}", name)
        right, missing = odoo_tests.finish(here, name, addons)
        assert not right
        assert any("exclusion" in line or constraint in line for line in missing)
    finally:
        database.discard(here, setup.TEST_DATA, name)
