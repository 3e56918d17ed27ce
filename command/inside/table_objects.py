"""Which constraints and indexes our models declare and the database lacks.

Run with the database's name and the addons' names; prints one line for each
thing that is missing, then the number of exclusion constraints there are.
Odoo only logs a constraint that could not be made, and goes on without it.
"""

import sys

import odoo
from odoo.modules.registry import Registry


def missing(env, addons):
    """Lines naming the declared table objects that do not exist."""
    env.cr.execute(
        "SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class "
        "WHERE relkind IN ('i', 'I')"
    )
    there = {name for (name,) in env.cr.fetchall()}
    for model in env.registry.values():
        if model._abstract or not model._auto:
            continue
        for item in model._table_objects.values():
            if item._module in addons:
                name = item.full_name(env[model._name])
                definition = item.get_definition(env.registry)
                if definition and name not in there:
                    yield f"missing {name} on {model._table}: {definition}"


def main(database, *addons):
    """Print what is missing in the database."""
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        for line in missing(env, set(addons)):
            sys.stdout.write(f"{line}\n")
        cr.execute("SELECT conrelid::regclass FROM pg_constraint WHERE contype = 'x'")
        sys.stdout.write(f"exclusions {cr.rowcount}\n")


if __name__ == "__main__":
    separator = sys.argv.index("--")
    odoo.tools.config.parse_config(sys.argv[1:separator])
    main(*sys.argv[separator + 1 :])
