"""Style sheets and scripts are built once for the same files, not at each test run."""

import pytest
from support import environment, server

from command import database, odoo_tests, setup

SCRIPTS = "url LIKE '/web/assets/%' AND name = 'web.assets_web.min.js'"


@pytest.mark.long
def test_assets_of_the_last_run_are_taken(tmp_path):
    """A bundle whose files are as they were is not built again; others are."""
    here, name = server(), "clinic_test_kept"
    addons = list(database.addons())
    database.copy(here, setup.TEST_DATA, odoo_tests.CLEAN, name)
    try:
        right, missing = odoo_tests.finish(here, name, addons, tmp_path)
        assert right, missing
        (kept,) = tmp_path.glob("web.assets_web.*.js")
        kept.write_text("// as an earlier run left it")
        of_older_files = tmp_path / "web.assets_web.0123.js"
        of_older_files.write_text("// nobody's")
        here.query("DELETE FROM ir_attachment WHERE url LIKE '/web/assets/%'", name)
        right, missing = odoo_tests.finish(here, name, addons, tmp_path)
        assert right, missing
        assert scripts(here, name) == "// as an earlier run left it"
        assert not of_older_files.exists()

        kept.unlink()
        here.query(f"DELETE FROM ir_attachment WHERE {SCRIPTS}", name)
        odoo_tests.finish(here, name, addons, tmp_path)
        assert len(scripts(here, name)) > 1_000_000
    finally:
        database.discard(here, setup.TEST_DATA, name)


@pytest.mark.slow
def test_nothing_is_built_in_a_test_run():
    """What Odoo builds before the tests of an addon is there already, in each copy."""
    here, name = server(), "clinic_test_built"
    database.copy(here, setup.TEST_DATA, odoo_tests.CLEAN, name)
    try:
        with environment(here, name) as env:
            files = env["ir.attachment"].search([("url", "like", "/web/assets/%")])
            env["ir.qweb"]._pregenerate_assets_bundles()
            now = env["ir.attachment"].search([("url", "like", "/web/assets/%")])
            assert not (now - files).mapped("name")
            env.cr.rollback()
    finally:
        database.discard(here, setup.TEST_DATA, name)


def scripts(here, name):
    """The scripts of the web client in a database."""
    file = here.query(f"SELECT store_fname FROM ir_attachment WHERE {SCRIPTS}", name)
    return (database.filestore(setup.TEST_DATA, name) / file).read_text()
