"""The suite beside Odoo's own applications, and databases that others made by hand.

Who has no role of the clinic works in the same Odoo and notices nothing.
"""

import pytest
from support import environment, server

from command import database, logs, odoo_tests, place, setup

APPS = (
    "sale",
    "purchase",
    "account",
    "hr",
    "hr_recruitment",
    "website_sale",
    "event",
    "survey",
    "project",
    "mass_mailing",
    "point_of_sale",
)
#: The one test of Odoo's that makes a log-in whose password the suite refuses.
WEAK_PASSWORD = "TestCrmLeadRainbowmanMessages.test_leads_rainbowman_timezones"
#: What Debian's package of Odoo leaves out and says so.
MISSING = (
    *logs.EXPECTED,
    ("odoo.addons.attachment_indexation.models.ir_attachment", "pdfminer"),
)


def run_odoo(name, log, *options):
    """Run Odoo on a database until it stops; the report of its log."""
    path = place.log_path(log)
    path.unlink(missing_ok=True)
    command = [*odoo_tests.base_command(server(), name), *options, "--stop-after-init"]
    code = odoo_tests.run(server(), [*command, *odoo_tests.http_ports(log)], path)
    report = logs.read(path.read_text(errors="replace").splitlines(), MISSING)
    assert not report.failed, report.failed
    assert not (code or report.complaints), (path, report.complaints[:10])
    return report


@pytest.fixture(scope="module")
def apps():
    """The name of a database with the suite and Odoo's applications."""
    name = "clinic_test_neighbours"
    database.copy(server(), setup.TEST_DATA, odoo_tests.CLEAN, name)
    try:
        run_odoo(name, "neighbours-install", "-i", ",".join(APPS))
        yield name
    finally:
        database.discard(server(), setup.TEST_DATA, name)


@pytest.fixture
def env(apps):
    """An environment on it; what a test does there is undone."""
    with environment(server(), apps) as env:
        env = env(context={"no_reset_password": True, "tracking_disable": True})
        yield env
        env.cr.rollback()


def user(env, login, groups):
    """A user with groups of Odoo and no role of the clinic."""
    return env["res.users"].create(
        {
            "name": login,
            "login": login,
            "group_ids": [(6, 0, [env.ref(group).id for group in groups.split(",")])],
        }
    )


def patient(env):
    """A patient as the desk makes one."""
    return env["res.partner"].create(
        {"is_patient": True, "family_name": "Verdi", "given_name": "Anna"}
    )


@pytest.mark.slow
def test_nobody_without_a_role_notices(apps):
    """What the suite extends, walked through by users of each application."""
    report = run_odoo(
        apps, "neighbours-walk", "--test-tags", "/clinic_recall:TestNeighbour"
    )
    assert len(report.ran) >= 4


@pytest.mark.slow
def test_an_invoice_of_a_patient_is_posted(env):
    """Invoicing writes, posts and prints the invoice of a patient."""
    clerk = user(env, "clerk", "base.group_user,account.group_account_invoice")
    card = patient(env)
    env["account.chart.template"].try_loading(
        "generic_coa", company=env.company, install_demo=False
    )
    product = env["product.product"].create({"name": "Visit", "list_price": 80})
    invoice = (
        env["account.move"]
        .with_user(clerk)
        .create(
            {
                "move_type": "out_invoice",
                "partner_id": card.id,
                "invoice_line_ids": [(0, 0, {"product_id": product.id})],
            }
        )
    )
    invoice.action_post()
    assert invoice.state == "posted"
    assert invoice.partner_id.name == "Verdi Anna"
    invoice.copy()


@pytest.mark.slow
def test_the_shop_finds_a_patient(env):
    """The till finds a patient as a customer, without what the clinic knows."""
    seller = user(env, "till", "base.group_user,point_of_sale.group_pos_user")
    card = patient(env)
    partners = env["res.partner"].with_user(seller)
    names = partners._load_pos_data_fields(env["pos.config"])
    [found] = partners.search_read([("id", "=", card.id)], names)
    assert found["name"] == "Verdi Anna"
    added = {
        name
        for name, field in partners._fields.items()
        if (field._modules or ("",))[0].startswith("clinic_")
    }
    assert not added & set(names)


@pytest.mark.long
def test_odoo_s_own_tests_hold_while_it_is_updated():
    """`-u crm --test-tags /crm`: Odoo tests an addon before those that build on it are
    loaded, with the rules and columns that they left in the database."""
    name = "clinic_test_updated"
    database.copy(server(), setup.TEST_DATA, odoo_tests.CLEAN, name)
    try:
        tags = f"/crm,-/crm:{WEAK_PASSWORD}"
        report = run_odoo(name, "neighbours-crm", "-u", "crm", "--test-tags", tags)
        assert len(report.ran) > 100
    finally:
        database.discard(server(), setup.TEST_DATA, name)


def indexes(name):
    """``{name: definition}`` of the indexes of a database."""
    rows = server().query(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'", name
    )
    return dict(row.split("\t") for row in rows.splitlines())


@pytest.mark.long
def test_a_database_made_by_hand():
    """`createdb` and `-i`, as the guide says: every index that Odoo declares is there,
    also those of its own addons, which need an extension of PostgreSQL."""
    from odoo.tools.sql import make_index_name

    name = "clinic_test_by_hand"
    here = server()
    here.drop(name)
    here.create(name)
    try:
        run_odoo(name, "by-hand", "-i", "clinic_suite", "--unaccent", "--no-http")
        with environment(here, name) as env:
            declared = {
                make_index_name(env.registry[model]._table, field.name)
                for model in env.registry
                for field in env[model]._fields.values()
                if field.store
                and field.index == "trigram"
                and env[model]._auto
                and not env[model]._abstract
            }
            assert len(declared) > 5
        found = indexes(name)
        absent = [each for each in declared if "unaccent" not in found.get(each, "")]
        assert not absent
    finally:
        database.discard(here, setup.TEST_DATA, name)


@pytest.mark.slow
def test_removed_without_leftovers():
    """The suite goes as Odoo's button has it, and leaves no table, column, function,
    trigger or job; while there are patients it says what would happen and stays."""
    from odoo.exceptions import UserError

    name = "clinic_test_removed"
    database.copy(server(), setup.TEST_DATA, odoo_tests.CLEAN, name)
    try:
        with environment(server(), name) as env:
            suite = env["ir.module.module"].search([("name", "=", "clinic_base")])
            card = patient(env)
            env.flush_all()
            with pytest.raises(UserError, match="1 patient cards"):
                suite.button_uninstall()
            card.unlink()
            suite.button_uninstall()
        # What Odoo does next, in a process of its own.
        run_odoo(name, "neighbours-removed", "-u", "clinic_pdf", "--no-http")
        left = server().query(
            """
            SELECT relname FROM pg_class WHERE relname LIKE 'clinic\\_%'
                AND relnamespace = 'public'::regnamespace
            UNION SELECT proname FROM pg_proc WHERE proname LIKE 'clinic\\_%'
            UNION SELECT tgname FROM pg_trigger WHERE tgname LIKE 'clinic\\_%'
            UNION SELECT table_name || '.' || column_name
                FROM information_schema.columns
                WHERE column_name LIKE 'clinic\\_%' OR column_name = 'is_patient'
            UNION SELECT conname FROM pg_constraint WHERE conname LIKE '%clinic\\_%'
            UNION SELECT model || ' ' || name FROM ir_model_data
                WHERE module LIKE 'clinic\\_%' AND module <> 'clinic_pdf'
            """,
            name,
        )
        assert not left.split("\n")[0], left
    finally:
        database.discard(server(), setup.TEST_DATA, name)
