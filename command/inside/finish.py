"""What follows an installation: is it whole, and are its assets built?

Run with Odoo's options, `--`, the database's name and the addons' names.
Prints a line for each constraint or index that our models declare and the
database lacks (Odoo only logs what could not be made, and goes on), then the
number of exclusion constraints there are. With the words `assets FOLDER` first,
the style sheets and scripts are built, so that no test waits for them; the folder
keeps them for the next run.
"""

import sys
from pathlib import Path

import odoo
from odoo.modules.registry import Registry

# Style sheets that papers are set with, for older engines too.
PREFIXED = ("web.report_assets_common", "web.report_assets_pdf")


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


def build_assets(env, kept):
    """Build the style sheets and scripts that tests need: those of the pages they open,
    and those that Odoo builds in each of its test runs where it does not find them.

    :param Path kept: folder of those that earlier runs built; what this run has no use
        for is removed from it
    """
    qweb = env["ir.qweb"]
    scripts, styles = qweb._get_bundles_to_pregenarate()
    kept.mkdir(parents=True, exist_ok=True)
    bundles = [
        *(("js", qweb._get_asset_bundle(name, css=False)) for name in sorted(scripts)),
        *(("css", qweb._get_asset_bundle(name, js=False)) for name in sorted(styles)),
        *(
            ("css", qweb._get_asset_bundle(name, js=False, autoprefix=True))
            for name in PREFIXED
        ),
    ]
    files = {built(bundle, kind, kept) for kind, bundle in bundles}
    for file in set(kept.iterdir()) - files:
        file.unlink()


def built(bundle, kind, kept):
    """The file in which a bundle is kept; the database has it as well.

    Odoo's checksum of a bundle changes with each of its files.
    """
    file = kept / f"{bundle.name}.{bundle.get_checksum(kind)}.{kind}"
    if file.exists():
        bundle.save_attachment(f"min.{kind}", file.read_text(encoding="utf-8"))
    else:
        attachment = bundle.js() if kind == "js" else bundle.css()
        fresh = file.with_suffix(".new")
        fresh.write_bytes(attachment.raw or b"")
        fresh.replace(file)
    return file


def main(database, *addons, assets=None):
    """Print what is missing in the database; build its assets, kept in a folder."""
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        if assets:
            build_assets(env, Path(assets))
        for line in missing(env, set(addons)):
            sys.stdout.write(f"{line}\n")
        cr.execute("SELECT conrelid::regclass FROM pg_constraint WHERE contype = 'x'")
        sys.stdout.write(f"exclusions {cr.rowcount}\n")


if __name__ == "__main__":
    separator = sys.argv.index("--")
    odoo.tools.config.parse_config(sys.argv[1:separator])
    words = sys.argv[separator + 1 :]
    if words[0] == "assets":
        main(*words[2:], assets=words[1])
    else:
        main(*words)
